// What `egress check` says of a stack that Pulumi cannot hand to its program, and that its fix is one.
// Does not prove: that Pulumi cannot; tests/preview/large.test.ts asks its engine.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { parse, stringify } from "yaml";
import { largeSettings } from "../../../bench/large-stack";
import * as check from "../../../cli/commands/check";
import { runCommand } from "./run-command";

const settings = largeSettings({ workloads: 40, destinations: 40, hosts: 100, rules: 1600 });
const prefixed = (keys: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(keys).map(([key, value]) => [`istio-egress:${key}`, value]));

interface Problem {
  path: string;
  problem: string;
  fix: string;
  severity: string;
}

describe("a stack with more configuration than a program can be handed", () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-large-"));
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), "{name: shop, runtime: nodejs}\n");
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  function write(file: string, config: Record<string, unknown>): void {
    fs.writeFileSync(path.join(folder, file), stringify({ config }, { aliasDuplicateObjects: false }));
  }

  async function problems(): Promise<Problem[]> {
    const { exitCode, stdout, stderr } = await runCommand(check.register, "check", "dev", "--stacks", folder, "--json");
    const found = (JSON.parse(stdout) as Problem[]).filter(({ severity }) => severity === "error");
    assert.equal(stderr, "");
    assert.equal(exitCode, found.length === 0 ? 0 : 1);
    return found;
  }

  it("is refused with the largest key, the sizes and a fix; done, the stack is sound", async () => {
    write("Pulumi.dev.yaml", prefixed(settings));
    const [problem, ...others] = await problems();
    assert.deepEqual(others, []);
    assert.equal(problem!.path, "istio-egress:allow");
    assert.match(
      problem!.problem,
      /Linux takes 131,072 bytes, this stack has \d{3},\d{3} bytes, \d{3},\d{3} bytes of them/,
    );
    assert.match(problem!.fix, /^move istio-egress:allow to a base, .* base\.yaml .*`istio-egress:extends: base`$/);

    const { allow, ...rest } = settings;
    write("base.yaml", prefixed({ allow }));
    write("Pulumi.dev.yaml", prefixed({ ...rest, extends: "base" }));
    assert.deepEqual(await problems(), []);
  });

  it("is told of beside every other problem", async () => {
    write("Pulumi.dev.yaml", prefixed({ ...settings, alow: [] }));
    assert.deepEqual(
      (await problems()).map((problem) => problem.path),
      ["istio-egress:allow", "istio-egress:alow"],
    );
  });

  it("has a base already: the fix says so, and that others may share it", async () => {
    write("base.yaml", prefixed({ deny: ["cnn.com"] }));
    write("Pulumi.dev.yaml", prefixed({ ...settings, extends: "base" }));
    const [problem] = await problems();
    assert.match(problem!.fix, /in base\.yaml if no other stack extends that, else in a copy of it/);
  });

  it("keeps in the stack's file what a base does not take, and says when that is too much", async () => {
    const large = "x".repeat(140_000);
    const service = { namespace: "domain-000", image: "i", env: { WHAT: large, TOKEN: { secure: "v1:AAAA:BBBB" } } };
    const workloads = { ...(settings.workloads as object), service };
    write("Pulumi.dev.yaml", prefixed({ ...settings, workloads }));
    const [problem] = await problems();
    assert.equal(problem!.path, "istio-egress:allow");
    assert.match(problem!.fix, /^move istio-egress:allow and istio-egress:destinations and .*; have the program read/);
    assert.doesNotMatch(problem!.fix, /workloads/);
    assert.doesNotMatch(problem!.fix, /AAAA/);
  });

  it("is told of with another's key where that is what is large", async () => {
    write("Pulumi.dev.yaml", { ...prefixed({ ...settings, allow: [] }), "shop:page": "é".repeat(70_000) });
    const [problem] = await problems();
    assert.equal(problem!.path, "shop:page");
    assert.match(problem!.problem, /140,0\d\d bytes of them here/);
    assert.match(problem!.fix, /have the program read from files what else is large$/);
  });

  it("is no stack of Pulumi's where there is no project, and nothing is handed over", async () => {
    fs.unlinkSync(path.join(folder, "Pulumi.yaml"));
    write("Pulumi.dev.yaml", prefixed(settings));
    assert.ok(fs.statSync(path.join(folder, "Pulumi.dev.yaml")).size > 131_072);
    assert.ok(parse(fs.readFileSync(path.join(folder, "Pulumi.dev.yaml"), "utf8")));
    assert.deepEqual(await problems(), []);
  });
});
