import * as fs from "node:fs";
import { LabError } from "../errors";
import { isAbsent, isObject, Json, JsonObject, text, unknownValue } from "../json";
import { formatPath } from "../provider/diff/difference";
import { Properties } from "../provider/rpc/properties";
import { DeclaredTypes, Kind, Shape } from "./table/shapes";

/** Names the file that a recorder writes to; without it nothing is recorded. */
export const recordVariable = "ISTIO_EGRESS_GCP_RECORD";

/** A resource that a program asked for, as it was checked. */
export interface Recorded {
  urn: string;
  token: string;
  /** With the engine's own mark where a value is not known yet. */
  inputs: JsonObject;
  /** Paths of the inputs that are secret. */
  secrets: string[];
}

/** Writes a line of JSON. Every provider of a program has a process of its own: they append to one file. */
export function record(urn: string, token: string, { value, secrets }: Properties): void {
  const file = process.env[recordVariable];
  if (file !== undefined) {
    const entry: Recorded = { urn, token, inputs: value, secrets: secrets.map(formatPath) };
    fs.appendFileSync(file, `${JSON.stringify(entry)}\n`);
  }
}

/** What was recorded in a file, in the order in which it was asked for; nothing when there is no file. */
export function readRecord(file: string): Recorded[] {
  const lines = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  return lines.map((line) => JSON.parse(line) as Recorded);
}

/**
 * What a preview knows of a resource: what the program says, and "unknown" for everything that the cloud decides,
 * inside objects too. Properties that stay absent when the program leaves them out stay absent.
 */
export function previewed(token: string, inputs: JsonObject, types: DeclaredTypes): JsonObject {
  return withUnknowns(inputs, types.resources[token]?.outputs ?? {}, types);
}

function withUnknowns(given: JsonObject, shape: Shape, types: DeclaredTypes): JsonObject {
  const outputs: JsonObject = { ...given };
  for (const [name, { kind, optional }] of Object.entries(shape)) {
    const value = given[name];
    if (!isAbsent(value)) {
      outputs[name] = completed(value, kind, types);
    } else if (optional === undefined) {
      outputs[name] = unknownValue;
    }
  }
  return outputs;
}

function completed(value: Json, kind: Kind, types: DeclaredTypes): Json {
  if (typeof kind === "string") {
    return value;
  }
  if ("list" in kind && Array.isArray(value)) {
    return value.map((item) => completed(item, kind.list, types));
  }
  return "object" in kind && isObject(value) ? withUnknowns(value, types.objects[kind.object] ?? {}, types) : value;
}

/** Answers a data source from the provider's settings and its own arguments. */
type Answer = (settings: JsonObject, args: JsonObject) => JsonObject;

const answers: Record<string, Answer> = {
  "gcp:organizations/getClientConfig:getClientConfig": (settings) => ({
    ...place(settings),
    id: "recorded",
    accessToken: "recorded",
    defaultLabels: {},
  }),
  "gcp:organizations/getProject:getProject": (settings, args) => {
    const projectId = text(args, "projectId") ?? place(settings).project;
    return { id: `projects/${projectId}`, projectId, name: projectId, number: "0", labels: {}, effectiveLabels: {} };
  },
  "gcp:compute/getZones:getZones": (settings, args) => {
    const { project, region } = { ...place(settings), ...args };
    return { id: "recorded", project, region, names: ["b", "c", "d"].map((zone) => `${region}-${zone}`) };
  },
};

/**
 * What a data source would say, without asking anybody: the provider's own settings and fixed words.
 * @throws LabError for a data source that is not known here
 */
export function answer(token: string, settings: JsonObject, args: JsonObject): JsonObject {
  const known = answers[token];
  if (known === undefined) {
    throw new LabError(
      `The recorder of previews contacts nobody and has no answer for ${token}; ` +
        `it has one for ${Object.keys(answers).join(", ")}. Use the official gcp plugin.`,
    );
  }
  return known(settings, args);
}

function place(settings: JsonObject): { project: string; region: string; zone: string } {
  const setting = (name: string): string => text(settings, name) ?? "";
  return { project: setting("project"), region: setting("region"), zone: setting("zone") };
}
