// The workflows for GitHub, looked at by actionlint: syntax, expressions, contexts, inputs of known actions.
// Does not prove: that GitHub runs them, nor that the actions do what they promise at the commits that are pinned.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { Progress } from "../../lab/progress";
import { resolveSome } from "../../lab/tools/resolve";
import { repository } from "../lab/support/commands";
import { lint } from "./support/run-actionlint";
import { summarize } from "./support/summary";

const folder = path.join(repository, ".github/workflows");

describe("the workflows", () => {
  const workflows = fs.readdirSync(folder).map((name) => ({
    name,
    text: fs.readFileSync(path.join(folder, name), "utf8"),
  }));
  let actionlint: string;

  before(async () => {
    actionlint = (await resolveSome(["actionlint"], new Progress())).actionlint.path;
  });

  it("are as GitHub would have them, by actionlint", () => {
    assert.ok(workflows.length > 0);
    for (const { name, text } of workflows) {
      assert.deepEqual(lint(actionlint, text), [], name);
    }
    summarize("actionlint", `workflows: ${workflows.map(({ name }) => name).join(", ")}`);
  });

  it("fail actionlint: an input that an action does not have, and a name that is not in a context", () => {
    const { text } = workflows.find(({ name }) => name === "preview.yml")!;
    const mistaken = text.replace("node-version: 22", "node-verison: 22").replace("matrix.stack }}", "matrix.stak }}");
    const messages = lint(actionlint, mistaken).map(({ kind, message }) => `${kind}: ${message}`);
    assert.equal(messages.length, 2, messages.join("\n"));
    assert.match(messages.join("\n"), /^action: input "node-verison" is not defined.*\nexpression: .*"stak"/);
  });
});
