// What a kind of destination takes, by the one that is reached through an outside proxy: its own files, and rows in lists.
// Does not prove: that another kind needs nothing that no kind before it has needed.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as ts from "typescript";

const root = path.join(__dirname, "..", "..", "..");

/** Names that are this kind's only. */
const its = /^(proxies|proxiesPart|proxy(Problems|Place)|Proxied\w*|NeedsProxies|Proxy(Config|Said|Told|Problem))$/;

/** Whether a file's code, and not only a comment or a text, names the kind, or imports what does. */
function names(file: string): boolean {
  const source = ts.createSourceFile(file, fs.readFileSync(path.join(root, file), "utf8"), ts.ScriptTarget.Latest);
  let found = false;
  const look = (node: ts.Node): void => {
    found ||= ts.isIdentifier(node) && its.test(node.text);
    ts.forEachChild(node, look);
  };
  look(source);
  return found;
}

describe("a kind of destination", () => {
  it("takes a file for what may be said of it, two for what gateways are told and do, and rows in four lists", () => {
    const files = ["cli", "components", "model"].flatMap((room) =>
      fs.readdirSync(path.join(root, room), { recursive: true, encoding: "utf8" }).map((file) => path.join(room, file)),
    );
    const found = files.filter((file) => file.endsWith(".ts") && names(file));
    assert.deepEqual(found.sort(), [
      "components/index.ts",
      "model/config/traits/index.ts",
      "model/config/traits/proxy.ts",
      "model/plan/gateway-parts.ts",
      "model/plan/gateway-proxy.ts",
      "model/plan/needs/index.ts",
      "model/plan/needs/proxies.ts",
    ]);
  });
});
