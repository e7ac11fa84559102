// `egress diff` as it is called: how it finds its two sides, what it prints, and how it ends.
// Does not prove: that GitHub shows the Markdown as it is meant.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { stringify } from "yaml";
import { register } from "../../../cli/commands/diff";
import { parseSide } from "../../../cli/diff/side";
import { soundConfig } from "../model/config/sound-config";
import { Ended, runCommand } from "./run-command";
import { ScratchRepository, scratchRepository } from "../review/scratch-repository";

let repository: ScratchRepository;
let stacks: string;

const rule = { from: "test-app/app-a", to: "github", owner: "team-a", reason: "fetches releases" };
const destinations = { github: { hosts: ["github.com"], protocols: ["https"] }, httpbin: { hosts: ["httpbin.org"] } };

/** A stack's file: the sound configuration, and what is changed of it. */
function stack(change: Record<string, unknown> = {}): string {
  const config = Object.entries({ ...soundConfig(), destinations, allow: [rule], ...change });
  return stringify({ config: Object.fromEntries(config.map(([key, value]) => [`istio-egress:${key}`, value])) });
}

function file(name: string): string {
  return `stacks/Pulumi.${name}.yaml`;
}

const widened = {
  destinations: { ...destinations, github: { hosts: ["api.github.com", "github.com"], protocols: ["https"] } },
};
const expired = { allow: [{ ...rule, expires: "2020-01-31" }] };

before(() => {
  repository = scratchRepository();
  stacks = path.join(repository.folder, "stacks");
  repository.write({ "README.md": "" });
  repository.commit("before there were stacks");
  repository.write({
    [file("prod")]: stack(),
    [file("old")]: stack(),
    [file("broken")]: "config: [\n",
    [file("late")]: stack(expired),
  });
  repository.commit("one");
  repository.write({ [file("prod")]: stack(widened), [file("dev")]: stack(), [file("old")]: null });
});

after(() => repository.remove());

function diff(...argv: string[]): Promise<Ended> {
  return runCommand(register, "diff", ...argv, "--stacks", stacks);
}

const gained =
  "main:prod → prod: 1 grant gained.\nWho reaches what\n  + test-app/app-a → api.github.com  https  owner team-a; reason fetches releases\n";

describe("egress diff", () => {
  it("compares a stack at a revision with what it is now, and takes a difference for no failure", async () => {
    assert.deepEqual(await diff("main:prod", "prod"), { exitCode: 0, stdout: gained, stderr: "" });
    assert.deepEqual(await diff("main:prod", "prod", "--exit-code"), { exitCode: 1, stdout: gained, stderr: "" });
  });

  it("says that there is no difference, and ends with 0 then", async () => {
    const { exitCode, stdout } = await diff("main:prod", "dev", "--exit-code");
    assert.deepEqual([exitCode, stdout], [0, "main:prod → dev: no difference that matters.\n"]);
  });

  it("takes files for sides as well, wherever they are", async () => {
    const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), "egress-stacks-"));
    try {
      const copy = path.join(elsewhere, "Pulumi.any.yaml");
      fs.writeFileSync(copy, stack(widened));
      assert.match((await diff(copy, "prod")).stdout, /: no difference that matters\.\n$/);
      assert.match((await diff(`main:${path.join(stacks, "Pulumi.prod.yaml")}`, copy)).stdout, /: 1 grant gained\.\n/);
    } finally {
      fs.rmSync(elsewhere, { recursive: true });
    }
  });

  it("compares all stacks with a revision: those that came, went, changed and stayed", async () => {
    repository.write({ [file("broken")]: stack() });
    const { exitCode, stdout } = await diff("--base", "HEAD", "dev", "old", "prod", "late");
    repository.write({ [file("broken")]: "config: [\n" });
    assert.equal(exitCode, 0);
    assert.deepEqual(
      stdout.split("\n").filter((line) => /^\w+: /.test(line)),
      [
        "dev: a new stack; 1 grant gained; 2 callers of guarded pods gained; 1 deny entry added; 2 namespaces added; 2 workloads added.",
        "late: no difference that matters.",
        "old: the stack is removed; 1 grant lost; 2 callers of guarded pods lost; 1 deny entry removed; 2 namespaces removed; 2 workloads removed.",
        "prod: 1 grant gained.",
      ],
    );
    assert.doesNotMatch(stdout, /Look at these/);
  });

  it("takes every stack of the revision for new where it had none", async () => {
    const { stdout } = await diff("--base", "HEAD~1", "prod");
    assert.match(stdout, /^prod: a new stack; 2 grants gained;/);
  });

  it("has an expired rule allow nothing, so that to give it no end is to allow something", async () => {
    assert.match((await diff("late", "main:prod")).stdout, /gained/);
  });

  it("says which side is no sound configuration and why, in each form, and ends with 1", async () => {
    repository.write({ [file("bad")]: stack({ alow: [] }) });
    const text = await diff("main:prod", "bad");
    assert.equal(text.exitCode, 1);
    assert.match(text.stdout, /^main:prod → bad: cannot be compared: the new side is no sound configuration\.\n/);
    assert.match(text.stdout, /The new side, bad:\nThe stack's configuration has 1 problem\.\n\n {2}istio-egress:alow/);
    const [comparison] = JSON.parse((await diff("bad", "broken", "--json")).stdout) as [any];
    assert.deepEqual(
      comparison.unreadable.map(({ side, title }: any) => [side, title]),
      [
        ["old", "bad"],
        ["new", "broken"],
      ],
    );
    assert.match(
      (await diff("bad", "broken")).stdout,
      /^bad → broken: cannot be compared: neither side is a sound con/,
    );
    // As git calls a file of a revision, and not where its copy lies.
    const ofRevision = await diff("main:broken", "prod");
    assert.match(
      ofRevision.stdout,
      /\nThe old side, main:broken:\nmain:stacks\/Pulumi\.broken\.yaml:\d+:\d+: not valid YAML/,
    );
    assert.match((await diff("bad", "prod", "--markdown")).stdout, /The old side, `bad`<\/summary>\n\n```text\n/);
    repository.write({ [file("bad")]: null });
  });

  it("ends with 2 for a side that is not there, and for anything but two sides", async () => {
    for (const [argv, says] of [
      [["main:nope", "prod"], /no stack "nope".*main:stacks\/Pulumi\.nope\.yaml.*Stacks: broken, late, old, prod\./],
      [["nope:prod", "prod"], /no revision "nope"/],
      [["--base", "-h"], /no revision "-h"/],
      [["--base", "main", "nope"], /no stack "nope"/],
      [["other.yaml", "prod"], /"other\.yaml" is no stack's file/],
      [["prod"], /two sides.*but 1 given/],
      [["a", "b", "c"], /two sides.*but 3 given/],
      [[], /two sides.*but 0 given/],
    ] as const) {
      const { exitCode, stderr } = await diff(...argv);
      assert.equal(exitCode, 2, argv.join(" "));
      assert.match(stderr, says);
    }
  });

  it("reads files of a revision that are larger than what Node takes of a command unasked", async () => {
    const own = scratchRepository();
    try {
      const large = `${stack()}${"# A line of a comment.\n".repeat(100_000)}`;
      assert.ok(large.length > 2 << 20);
      own.write({ [file("prod")]: large, "stacks/package-lock.json": JSON.stringify({ text: "x".repeat(2 << 20) }) });
      own.commit("large");
      own.write({ [file("prod")]: stack(widened) });
      const argv = ["diff", "--base", "main", "prod", "--stacks", path.join(own.folder, "stacks")];
      const { exitCode, stdout } = await runCommand(register, ...argv);
      assert.equal(exitCode, 0);
      assert.match(stdout, /prod: 1 grant gained\./);
    } finally {
      own.remove();
    }
  });

  it("leaves nothing of a revision behind", async () => {
    // A folder for temporary files of its own: others are at work in the machine's.
    const [before, own] = [process.env.TMPDIR, fs.mkdtempSync(path.join(os.tmpdir(), "egress-diff-test-"))];
    process.env.TMPDIR = own;
    try {
      assert.equal((await diff("main:prod", "prod")).exitCode, 0);
      assert.equal((await diff("main:nope", "prod")).exitCode, 2);
      assert.deepEqual(fs.readdirSync(own), []);
    } finally {
      if (before === undefined) {
        delete process.env.TMPDIR;
      } else {
        process.env.TMPDIR = before;
      }
      fs.rmSync(own, { recursive: true });
    }
  });

  it("gives everything as JSON", async () => {
    const comparisons = JSON.parse((await diff("main:prod", "prod", "--json")).stdout) as any[];
    assert.deepEqual(comparisons, [
      {
        title: "main:prod → prod",
        stack: "on both sides",
        diff: {
          grants: [
            {
              from: "test-app/app-a",
              host: "api.github.com",
              after: { protocols: ["https"], owner: "team-a", reason: "fetches releases" },
            },
          ],
          callers: [],
          denied: [],
          namespaces: [],
          workloads: [],
          settings: [],
        },
        risks: [],
        unreadable: [],
      },
    ]);
  });
});

describe("a side", () => {
  it("is a stack, or its file, at a revision or as it is", () => {
    const here = (name: string) => path.resolve(name);
    assert.deepEqual(parseSide("prod", "s"), { title: "prod", stack: "prod", folder: "s" });
    assert.deepEqual(parseSide("main:prod", "s"), { title: "main:prod", stack: "prod", folder: "s", revision: "main" });
    assert.deepEqual(parseSide("HEAD@{12:00}:a/Pulumi.eu.prod.yaml", "s"), {
      title: "HEAD@{12:00}:a/Pulumi.eu.prod.yaml",
      stack: "eu.prod",
      folder: here("a"),
      revision: "HEAD@{12:00}",
    });
    assert.equal(parseSide("a/prod", "s"), undefined);
  });
});
