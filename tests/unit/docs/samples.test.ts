// Every sample of a stack's file in the documents is read as a stack's file, and found sound, but for names that it leaves to
// the rest of a file. Does not prove: that it is what the text around it says.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { ConfigError, parseConfig } from "../../../model";
import { parseStackFile } from "../../../model/config/file/stack";
import { isObject } from "../../../model/ground/objects";
import { now } from "../model/config/sound-config";
import { soundGke } from "../model/gke/gke-config";

const root = path.join(__dirname, "../../..");
const documents = [
  "README.md",
  ...readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" }).map((file) => `docs/${file}`),
].filter((file) => file.endsWith(".md"));

/** What a document shows of a stack's file, and where. */
interface Sample {
  where: string;
  text: string;
}

function samples(): Sample[] {
  return documents.flatMap((file) => {
    const page = readFileSync(path.join(root, file), "utf8");
    return [...page.matchAll(/^```ya?ml\n([^]*?)^```/gm)]
      .filter(([, text]) => /^ *istio-egress:/m.test(text!))
      .map(({ index, 1: text }) => ({ where: `${file}:${page.slice(0, index).split("\n").length}`, text: text! }));
  });
}

/** What is wrong with a sample, but for names of workloads, namespaces and destinations that it does not show. */
function problemsOf({ where, text }: Sample): string[] {
  const whole = /^config:/m.test(text) ? text : `config:\n${text.replace(/^(?=.)/gm, "  ")}`;
  const { raw } = parseStackFile(whole, where);
  const shown = isObject(raw.cluster) ? raw.cluster : {};
  // Of a cluster a part is shown, or nothing.
  const cluster = "relax" in shown ? soundGke : { kind: "existing", ranges: ["10.244.0.0/16", "10.96.0.0/12"] };
  try {
    parseConfig({ ...raw, cluster: { ...cluster, ...shown } }, { now });
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, `${where}: ${String(error)}`);
    return error.problems
      .filter(({ problem }) => !/^Not a configured (workload|namespace|destination)/.test(problem))
      .map(({ path: at, problem }) => `${where}: ${at}: ${problem}`);
  }
}

describe("samples of stacks' files in the documents", () => {
  it("are sound", () => {
    const found = samples();
    assert.ok(found.length >= 17, `${found.length} were found`);
    assert.deepEqual(found.flatMap(problemsOf), []);
  });

  it("are found wrong where they are, as one with a comma in a reason without quotes", () => {
    const text = "istio-egress:allow:\n  - { from: shop/cart, to: stripe, reason: payments, which are many }\n";
    assert.deepEqual(problemsOf({ where: "here", text }), [
      'here: istio-egress:allow[0]["which are many"]: Unknown key',
    ]);
  });
});
