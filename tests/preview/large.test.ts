// How much configuration a stack may have: Pulumi's engine starts a program with the most that `egress check` takes,
// and not with a byte more; and it previews the largest stack that the bench measures, whose rules are in a base.
// Does not prove: anything of other systems than Linux.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { large, largeSettings, stackFiles } from "../../bench/large-stack";
import { findProject } from "../../cli/project";
import { readProgramConfig } from "../../cli/stack-file";
import { parseConfig, planStack } from "../../model";
import { mostOfVariable, variableBytes, variableProblems } from "../../model/config/file/variable";
import { planResources } from "../../model/render/resources";
import { editStack, scratchCheckout } from "../lab/support/checkout";
import { now } from "../unit/model/config/sound-config";
import { Engine } from "./support/engine";

describe("a stack with much configuration", () => {
  let engine: Engine;

  before(async () => {
    engine = await Engine.start();
  });
  after(() => engine.stop());

  it("starts its program with as much as check takes, and not with a byte more", async () => {
    const folder = engine.project("");
    // Each is written in another number of bytes than it has here.
    const hostile = `<&> é 👍 "quoted" \\ \u2028 \t`;
    const write = (length: number) => {
      const config = {
        "istio-egress:deny": [hostile, { text: hostile, more: [1.5, true, null] }],
        "trial:text": `${hostile}${"x".repeat(length)}`,
        own: hostile,
      };
      fs.writeFileSync(
        path.join(folder, "Pulumi.trial.yaml"),
        JSON.stringify({ config }).replace(/\u2028/g, "\\u2028"),
      );
      return readProgramConfig("trial", folder, findProject(folder)!);
    };
    const room = mostOfVariable - variableBytes(write(0));

    const most = write(room);
    assert.deepEqual([variableBytes(most), variableProblems(most)], [mostOfVariable, []]);
    const started = await engine.preview(folder);
    assert.equal(started.exitCode, 0, started.output);

    assert.equal(variableProblems(write(room + 1)).length, 1);
    const refused = await engine.preview(folder);
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.output, /argument list too long/);
  });

  it("is previewed with 10,000 rules, 1,000 hosts and 100 workloads, where a base holds them", async () => {
    const checkout = scratchCheckout();
    try {
      const files = stackFiles(large);
      Object.entries(files).forEach(([name, text]) =>
        fs.writeFileSync(path.join(checkout.folder, "stacks", name), text),
      );
      // Of a cluster that is not there yet nothing is asked.
      const cluster = { kind: "gke", project: "trial-1", name: "trial", location: "europe-west6" };
      editStack(checkout.folder, "large", (text) =>
        text.replace(/istio-egress:cluster:\n.*\n/, `istio-egress:cluster: ${JSON.stringify(cluster)}\n`),
      );
      const preview = await engine.preview(checkout.folder, "large");
      assert.equal(preview.exitCode, 0, preview.output.slice(-2000));
      const planned = planResources(planStack(parseConfig({ ...largeSettings(large), cluster }, { now })));
      const ofIstio = (all: { type: string }[]) =>
        all.flatMap(({ type }) => (type.includes(".istio.io/") ? [type.split(/[/:]/).at(-1)] : [])).sort();
      assert.deepEqual(ofIstio(preview.steps.map(({ newState }) => newState)), ofIstio(planned));
      process.stdout.write(
        `      the preview took ${preview.seconds.toFixed(1)} s, of ${preview.steps.length} resources\n`,
      );
    } finally {
      checkout.remove();
    }
  });
});
