import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { outsideSchema } from "../../../../model/config/schema";
import { traits } from "../../../../model/config/traits";

const root = path.join(__dirname, "../../../..");

/** What tells of destinations, or decides on calls of them. Not what makes their objects: that is the planners' to know. */
const stories = [
  ...["access-log", "diff", "explain", "graph", "grants", "report", "traffic", "verify"].map((room) => `model/${room}`),
  ...["model/config/google-apis.ts", "model/config/unreachable-hosts.ts", "model/gke", "model/verdict.ts", "cli"],
];

describe("what a destination says of its hosts", () => {
  it("is told under a name of its own", () => {
    const facts = traits.flatMap((trait) => Object.keys(trait.facts));
    const keys = traits.map(({ key }) => key);
    assert.deepEqual([new Set(facts).size, new Set(keys).size], [facts.length, keys.length]);
  });

  it("is asked of the list by every story, which names none of it", () => {
    // A service beside the mesh has a key of the same name as one of them, of which this cannot tell.
    const keys = traits.map(({ key }) => key).filter((key) => !(key in outsideSchema.shape));
    assert.deepEqual(keys, ["timeouts", "originate", "private"]);
    const named = stories.flatMap((place) =>
      filesIn(path.join(root, place)).flatMap((file) =>
        namesIn(readFileSync(file, "utf8"))
          .filter((name) => keys.includes(name))
          .map((name) => `${path.relative(root, file)}: ${name}`),
      ),
    );
    assert.deepEqual(named, []);
  });

  it("would be found where a story named it", () => {
    const named = ["target.config.originate", "const { private: ranges } = config", 'config["timeouts"]'].flatMap(
      namesIn,
    );
    assert.deepEqual(
      named.filter((name) => traits.some(({ key }) => key === name)),
      ["originate", "private", "timeouts"],
    );
  });
});

function filesIn(place: string): string[] {
  return statSync(place).isDirectory()
    ? readdirSync(place, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => path.join(place, file))
    : [place];
}

/** Names of fields that a program reads or takes out of an object. */
function namesIn(text: string): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      names.push(node.name.text);
    } else if (ts.isElementAccessExpression(node) && ts.isStringLiteral(node.argumentExpression)) {
      names.push(node.argumentExpression.text);
    } else if (ts.isBindingElement(node)) {
      names.push((node.propertyName ?? node.name).getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("story.ts", text, ts.ScriptTarget.Latest, true));
  return names;
}
