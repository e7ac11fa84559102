// What commands say of a place that nothing can be written to, and that they say it at once.
// Does not prove that each file system names its trouble so: read-only ones and permissions are made up here.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { Command } from "commander";
import { stringify } from "yaml";
import * as graph from "../../../cli/commands/graph";
import * as render from "../../../cli/commands/render";
import { UnwritableError, writing } from "../../../cli/out";
import { soundConfig } from "../model/config/sound-config";
import { Ended, runCommand } from "./run-command";

describe("--out", () => {
  let folder: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-out-"));
    const config = Object.fromEntries(
      Object.entries(soundConfig()).map(([key, value]) => [`istio-egress:${key}`, value]),
    );
    fs.writeFileSync(path.join(folder, "Pulumi.shop.yaml"), stringify({ config }));
    fs.writeFileSync(path.join(folder, "file"), "mine");
  });

  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const run = (register: (program: Command) => void, command: string, out: string): Promise<Ended> =>
    runCommand(register, command, "shop", "--stacks", folder, "--out", out);

  const places: [place: () => string, why: RegExp][] = [
    [() => "/proc/none/deeper", /nothing can be made at \/proc\/none/],
    [() => "/proc/1/none/deeper", /nothing can be made at \/proc\/1\/none/],
    [() => "/dev/null/none", /a file is in the way of \/dev\/null/],
    [() => path.join(folder, "file", "deeper"), /a file is in the way of .*file/],
  ];
  for (const [place, why] of places) {
    it(`is refused in one sentence where nothing can be made: ${why.source}`, async () => {
      for (const [ended, out] of [
        [await run(graph.register, "graph", path.join(place(), "x.svg")), path.join(place(), "x.svg")],
        [await run(render.register, "render", place()), place()],
      ] as const) {
        assert.deepEqual([ended.exitCode, ended.stdout], [1, ""]);
        assert.ok(ended.stderr.startsWith(`${out} cannot be written: `), ended.stderr);
        assert.match(ended.stderr, why);
        assert.match(ended.stderr, /^[^\n]*\.\n$/);
      }
      assert.equal(fs.readFileSync(path.join(folder, "file"), "utf8"), "mine");
    });
  }

  it("makes folders where there is room for them", async () => {
    const out = path.join(folder, "new", "deeper");
    assert.equal((await run(graph.register, "graph", path.join(out, "x.svg"))).exitCode, 0);
    assert.equal((await run(render.register, "render", path.join(folder, "other", "deeper"))).exitCode, 0);
    assert.deepEqual(fs.readdirSync(out), ["x.svg"]);
    assert.deepEqual(fs.readdirSync(path.join(folder, "other", "deeper")), ["helm", "kubernetes"]);
  });

  it("is refused where a file is wanted and a folder is there, and the other way round", async () => {
    const taken = path.join(folder, "taken.svg");
    fs.mkdirSync(taken);
    const drawn = await run(graph.register, "graph", taken);
    assert.deepEqual(
      [drawn.exitCode, drawn.stderr],
      [1, `${taken} cannot be written: it is a folder, and a file is wanted.\n`],
    );
    assert.deepEqual(fs.readdirSync(folder).sort(), ["Pulumi.shop.yaml", "file", "taken.svg"]);
    const rendered = await run(render.register, "render", path.join(folder, "file"));
    assert.equal(rendered.exitCode, 1);
    assert.match(rendered.stderr, /file cannot be written: a file is in the way/);
  });

  it("is not empty", async () => {
    assert.equal((await run(graph.register, "graph", "")).exitCode, 2);
    const { exitCode, stderr } = await run(render.register, "render", "");
    assert.deepEqual([exitCode, stderr], [2, "--out names a folder, and is empty.\n"]);
  });

  it("does not look through a folder of somebody else's", async () => {
    const { exitCode, stderr } = await run(render.register, "render", "/proc");
    assert.equal(exitCode, 2);
    assert.match(stderr, /^\/proc\/\S+ was not rendered/);
  });
});

describe("writing", () => {
  for (const [code, why] of [
    ["EROFS", "/some/x is in a file system that is read-only"],
    ["EACCES", "there is no permission to write /some/x"],
    ["ENOSPC", "no space is left"],
    ["EIO", "as the system has it"],
  ] as const) {
    it(`says what ${code} means`, () => {
      const fail = () => {
        throw Object.assign(new Error("as the system has it"), { code, path: "/some/x" });
      };
      assert.throws(() => writing("/some", fail), new UnwritableError(`/some cannot be written: ${why}.`));
    });
  }

  it("gives on what is no trouble of the place, and what was made", () => {
    const mistake = new TypeError("a mistake of ours");
    assert.throws(() => {
      writing("/some", () => {
        throw mistake;
      });
    }, mistake);
    assert.equal(
      writing("/some", () => 7),
      7,
    );
  });
});
