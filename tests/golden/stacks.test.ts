// Every resource that the stacks on GKE ask the engine for, as dumps that a review can read line by line.
// UPDATE_GOLDEN=1 writes the dumps anew. Does not prove: that Google takes any of it; nothing here has asked it.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { stringify } from "yaml";
import { readStackFile } from "../../cli/stack-file";
import { parseConfig } from "../../model";
import { register, Registration } from "../unit/components/register";
import { now } from "../unit/model/config/sound-config";

const update = process.env.UPDATE_GOLDEN === "1";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

/** The value with `[secret]` in place of what the engine would encrypt, and keys in order. */
function masked(value: unknown): unknown {
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (secretMark in value || Object.values(value).includes(secretMark)) {
    return "[secret]";
  }
  if (Array.isArray(value)) {
    return value.map(masked);
  }
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, masked(part)]));
}

function document(registered: Registration): string {
  const { inputs } = registered;
  return stringify(masked(inputs), { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** Every resource under a title of its own: its type and name. Components have no inputs of their own. */
async function dump(stack: string): Promise<Map<string, string>> {
  const { raw, encrypted } = readStackFile(stack);
  const registrations = await register({ config: parseConfig(raw, { now, encrypted }) });
  const resources = registrations.filter(({ type }) => !type.startsWith("istio-egress:"));
  const titled = resources.map((resource) => [`${resource.type} ${resource.name}`, document(resource)] as const);
  assert.equal(new Set(titled.map(([key]) => key)).size, titled.length, "two resources have one name");
  return new Map(titled.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function format(documents: Map<string, string>): string {
  return [...documents].map(([key, text]) => `--- # ${key}\n${text}`).join("");
}

function parse(text: string): Map<string, string> {
  const documents = text.split(/^--- # /m).slice(1);
  return new Map(documents.map((part) => part.split(/\n(.*)/s) as [string, string]));
}

const how = "run the golden tests with UPDATE_GOLDEN=1, and review what changes";

for (const stack of ["asuka", "dev", "managed", "prod", "staging"]) {
  describe(`the stack ${stack}`, () => {
    const golden = path.join(__dirname, `${stack}.yaml`);
    let registered: Map<string, string>;

    before(async () => {
      registered = await dump(stack);
      if (update) {
        fs.writeFileSync(golden, format(registered));
      }
    });

    it("registers the resources that the golden dump holds", () => {
      assert.deepEqual([...registered.keys()], [...parse(fs.readFileSync(golden, "utf8")).keys()], how);
    });

    it("registers each of them as it is in the golden dump", () => {
      const held = parse(fs.readFileSync(golden, "utf8"));
      for (const [key, text] of registered) {
        assert.equal(text, held.get(key), `${key} has changed: ${how}`);
      }
    });
  });
}
