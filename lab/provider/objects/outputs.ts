import { JsonObject, Json, child, isAbsent, isObject, list, unknownValue } from "../../json";
import { isSecret, withStringData } from "./manifest";

/** The resource's outputs: the live object without the server's book-keeping of field managers. */
export function outputsOf(live: JsonObject, inputs: JsonObject): JsonObject {
  const { managedFields: _, ...metadata } = child(live, "metadata");
  const outputs = { ...live, metadata };
  return isSecret(inputs) ? withStringData(outputs, inputs) : outputs;
}

/** Inputs that would make an object as it is, for one that Pulumi did not make. */
export function inputsOf(live: JsonObject): JsonObject {
  const { status: _, ...rest } = live;
  const served = ["managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink"];
  const metadata = Object.entries(child(live, "metadata")).filter(([key]) => !served.includes(key));
  return { ...rest, metadata: Object.fromEntries(metadata) };
}

/**
 * Outputs for the preview of an object that is to be made: what a dry run gave, with the values that only the
 * update itself will give marked as unknown.
 * @param tried the dry run's answer; undefined when there was none
 */
export function previewOf(inputs: JsonObject, tried: JsonObject | undefined): JsonObject {
  const outputs = { ...(tried === undefined ? inputs : outputsOf(tried, inputs)) };
  const metadata = { ...child(outputs, "metadata") };
  for (const key of ["uid", "resourceVersion", "generation", "creationTimestamp"]) {
    metadata[key] = unknownValue;
  }
  outputs["metadata"] = metadata;
  if ("status" in outputs) {
    outputs["status"] = unknownValue;
  }
  return withoutAddresses(outputs, inputs);
}

/** A Service's addresses and node ports are given out anew, unless the inputs ask for certain ones. */
function withoutAddresses(outputs: JsonObject, inputs: JsonObject): JsonObject {
  if (inputs["apiVersion"] !== "v1" || inputs["kind"] !== "Service") {
    return outputs;
  }
  const spec = { ...child(outputs, "spec") };
  if (isAbsent(child(inputs, "spec")["clusterIP"])) {
    spec["clusterIP"] = unknownValue;
    spec["clusterIPs"] = unknownValue;
  }
  const asked = list(inputs, "spec", "ports");
  spec["ports"] = list(spec, "ports").map((port, index) => withoutNodePort(port, asked[index]));
  return { ...outputs, spec };
}

function withoutNodePort(port: Json, asked: Json | undefined): Json {
  const allotted = isObject(port) && "nodePort" in port && !(isObject(asked) && "nodePort" in asked);
  return allotted ? { ...port, nodePort: unknownValue } : port;
}
