// `egress graph` as it is called: what it writes and prints, and how it ends.
// Does not prove that a real cluster's logs come to it: a kubectl of the test's own answers, as for `egress logs`.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { register } from "../../../../cli/commands/graph";
import { httpEntry, httpsEntry, refusedHttp } from "../../model/access-log/entries";
import { soundConfig } from "../../model/config/sound-config";
import { FakeKubectl, logLine } from "../logs/fake-kubectl";
import { Ended, runCommand } from "../run-command";

describe("egress graph", () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-graph-"));
    const config = Object.fromEntries(
      Object.entries(soundConfig()).map(([key, value]) => [`istio-egress:${key}`, value]),
    );
    fs.writeFileSync(path.join(folder, "Pulumi.shop.yaml"), stringify({ config }));
  });

  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const graph = (...argv: string[]): Promise<Ended> =>
    runCommand(register, "graph", "shop", "--stacks", folder, ...argv);
  const beginnings: [ending: string, beginning: RegExp][] = [
    ["html", /^<!doctype html>/],
    ["svg", /^<\?xml /],
    ["mmd", /^%% Stack shop: .*\nflowchart LR\n/],
    ["SVG", /^<\?xml /],
  ];

  for (const [ending, beginning] of beginnings) {
    it(`writes .${ending} in a folder that it makes, leaves nothing beside it, and says what it shows`, async () => {
      const out = path.join(folder, "new", `graph.${ending}`);
      assert.deepEqual(await graph("--out", out), {
        exitCode: 0,
        stdout: `${out} shows stack shop: 2 workloads, 1 gateway, 2 destinations and 1 rule, with 2 ways into guarded pods.\n`,
        stderr: "",
      });
      assert.match(fs.readFileSync(out, "utf8"), beginning);
      assert.deepEqual(fs.readdirSync(path.dirname(out)), [`graph.${ending}`]);
    });
  }

  for (const name of ["graph.png", "graph", "svg", "graph.constructor"]) {
    it(`refuses "${name}", and names what there is`, async () => {
      const { exitCode, stderr } = await graph("--out", name);
      assert.equal(exitCode, 2);
      assert.equal(
        stderr,
        `"${name}" ends in nothing that a graph can be written as.\nAllowed: .html, .svg and .mmd.\n`,
      );
    });
  }

  it("asks for a file", async () => {
    const { stderr } = await graph();
    assert.match(stderr, /required option '--out <file>' not specified/);
  });

  describe("--live", () => {
    let kubectl: FakeKubectl;
    beforeEach(() => (kubectl = new FakeKubectl()));
    afterEach(() => kubectl.remove());

    it("counts what the gateways' logs hold", async () => {
      kubectl.pods({ "egress-gateway-a": {} });
      kubectl.log("egress-gateway-a", [
        logLine(httpEntry(), 1),
        logLine(httpEntry(refusedHttp), 2),
        logLine(httpsEntry({ host: "httpbin.org" }), 3),
      ]);
      const out = path.join(folder, "graph.mmd");
      const { exitCode, stdout } = await graph("--live", "--out", out);
      assert.equal(exitCode, 0);
      assert.match(
        stdout,
        /and 1 rule, with 2 ways into guarded pods; the gateways saw 3 calls and refused 1, from 2026-11-22 10:15 to 2026-11-22 10:15 UTC\.$/m,
      );
      const text = fs.readFileSync(out, "utf8");
      assert.match(text, /\["no owner<br\/>no reason given<br\/>http \+ https<br\/>1 allowed, \d denied"\]:::allowed/);
      assert.match(
        text,
        /\["went through without a rule<br\/>httpbin\.org<br\/>https<br\/>1 allowed, 0 denied"\]:::unruled/,
      );
    });

    it("ends with 2 for gateways that list their hosts, which have no log to count, as egress logs does", async () => {
      const mesh = { "istio-egress:mesh": { kind: "existing", envoyFilters: false } };
      fs.writeFileSync(path.join(folder, "Pulumi.shop.yaml"), stringify({ config: mesh }));
      const out = path.join(folder, "graph.mmd");
      const { exitCode, stdout, stderr } = await graph("--live", "--out", out);
      assert.deepEqual([exitCode, stdout], [2, ""]);
      assert.match(stderr, /takes no EnvoyFilter.*the mesh's own access log/s);
      assert.ok(!fs.existsSync(out));
      assert.equal((await graph("--out", out)).exitCode, 0);
    });

    it("writes nothing when the cluster cannot be asked", async () => {
      kubectl.pods({});
      const out = path.join(folder, "graph.svg");
      const { exitCode, stdout, stderr } = await graph("--live", "--out", out);
      assert.deepEqual([exitCode, stdout], [1, ""]);
      assert.match(stderr, /^There is no gateway to ask/);
      assert.ok(!fs.existsSync(out));
    });
  });
});
