import * as pulumi from "@pulumi/pulumi";
import { projectPrefix } from "../../model/config/path";
import { RenderedResource } from "../../model/render/resources";
import { StackFile } from "../stack-file";

/** Stands for what only the cloud can tell, such as an address that it has yet to reserve. */
const unknown = "[known when it is made]";
const secret = "[secret]";

/** The SDK's mark of a secret: https://www.pulumi.com/docs/iac/concepts/secrets/ */
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/**
 * What a stack makes in Google Cloud: the program itself is run, as for a preview, and what it asks the engine for is
 * written down. Nobody else is asked: no engine, no plugin, no cloud.
 */
export async function cloudResources(stack: string, { raw, encrypted }: StackFile): Promise<RenderedResource[]> {
  const asked: pulumi.runtime.MockResourceArgs[] = [];
  const record: pulumi.runtime.Mocks = {
    newResource: (resource) => {
      asked.push(resource);
      // Of a resource that has no id yet, every output that is not an input is unknown.
      return { id: undefined, state: resource.inputs as Record<string, unknown> };
    },
    call: () => ({}),
  };
  await pulumi.runtime.setMocks(record, projectPrefix.slice(0, -1), stack, true);
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(raw).map(([key, value]) => [`${projectPrefix}${key}`, JSON.stringify(value)])),
    encrypted.map((key) => `${projectPrefix}${key}`),
  );
  await runProgram();
  return asked.filter(({ type }) => type.startsWith("gcp:")).map(rendered);
}

/** Runs index.ts, anew each time, until it asks for nothing more. */
async function runProgram(): Promise<void> {
  const program = require.resolve("../../index");
  delete require.cache[program];
  await import(program);
  await pulumi.runtime.disconnect();
}

/** A child is called after its component and after itself: `platform-gke-egress/nat`. */
function rendered({ type, name, inputs }: pulumi.runtime.MockResourceArgs): RenderedResource {
  const [owner, ...rest] = name.split("/");
  return {
    provider: "gcp",
    owner: owner!,
    type,
    name: rest.join("/"),
    inputs: shown(inputs) as Record<string, unknown>,
  };
}

function shown(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if ("__pulumiUnknown" in value) {
    return unknown;
  }
  if (Object.values(value).includes(secretMark)) {
    return secret;
  }
  return Array.isArray(value)
    ? value.map(shown)
    : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shown(part)]));
}
