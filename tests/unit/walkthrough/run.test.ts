// The command that runs a document by hand, outside the lab.
// Does not prove: that it gets into the lab; without --here it needs one.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { repositoryFolder } from "../../../lab/paths";
import { processesOf } from "../../walkthrough/session";

describe("walkthrough/run", function () {
  this.timeout(120_000);
  let folder: string;
  let document: string;

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "walkthrough-run-"));
    document = path.join(folder, "a.md");
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  function argv(...options: string[]): string[] {
    const main = path.join(repositoryFolder, "tests", "walkthrough", "run.ts");
    return ["--require", path.join(repositoryFolder, "node_modules", "ts-node", "register"), main, ...options];
  }

  function run(...options: string[]): { status: number | null; stdout: string; stderr: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, argv(...options), {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, TS_NODE_PROJECT: path.join(repositoryFolder, "tsconfig.json"), npm_config_x: "y" },
    });
    return { status, stdout, stderr };
  }

  function write(...lines: string[]): void {
    fs.writeFileSync(document, [...lines, ""].join("\n"));
  }

  it("runs a document in this folder, with nothing in the environment that decorates outputs or that npm has set", () => {
    write("```console", "$ ls", "a.md", "$ echo $NO_COLOR $TERM $npm_config_x.", "1 dumb .", "```");
    const { status, stdout, stderr } = run("a.md", "--here");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /2 commands, 2 compared outputs, \d+\.\d s\n$/);
  });

  it("ends with 1 for a document that is wrong, or that cannot be run, and leaves it as it is", () => {
    write("```console", "$ echo a", "b", "```");
    const wrong = run("a.md", "--here");
    assert.deepEqual([wrong.status, wrong.stdout], [1, ""]);
    assert.match(wrong.stderr, /^a\.md:2: Its output is not what the document shows\.\n/);
    assert.match(fs.readFileSync(document, "utf8"), /\nb\n/);
    write("```bash", "echo a", "```");
    assert.match(run("a.md", "--here").stderr, /^a\.md:1: a block of the language bash is not run\./);
  });

  it("ends with 2 and its usage when it is called wrongly", () => {
    for (const [options, said] of [
      [[], /^Name one document\.\n\nRuns the commands/],
      [["a.md", "b.md"], /^Name one document\./],
      [["b.md"], /^There is no b\.md\./],
    ] as const) {
      if (options.length > 1) write("text");
      const { status, stderr } = run(...options);
      assert.equal(status, 2);
      assert.match(stderr, said);
    }
  });

  it("--update writes outputs that are not as shown, and no others", () => {
    write(
      ...["<!-- varies: date -->", "```console", "$ date -u +%T", "12:00:00", "$ echo a …", "a …", "$ seq 3", "?"],
      ...["$ echo b", "c", "$ echo hidden", "```"],
    );
    const before = fs.readFileSync(document, "utf8");
    const { status, stdout, stderr } = run("a.md", "--here", "--update");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /\n2 outputs written\n$/);
    assert.equal(fs.readFileSync(document, "utf8"), before.replace("?", "1\n2\n3").replace("\nc\n", "\nb\n"));
    assert.equal(run("a.md", "--here").status, 0);
  });

  it("--update keeps what was seen before a command that failed, and tells of kinds that are in no output then", () => {
    write("```console", "$ echo a", "?", "$ false", "?", "```");
    const failed = run("a.md", "--here", "--update");
    assert.equal(failed.status, 1);
    assert.match(failed.stderr, /^a\.md:4: It ended with exit code 1, not 0\./);
    assert.equal(fs.readFileSync(document, "utf8"), "```console\n$ echo a\na\n$ false\n?\n```\n");
    write("<!-- varies: pod -->", "```console", "$ echo a", "?", "```");
    const unused = run("a.md", "--here", "--update");
    assert.deepEqual(
      [unused.status, unused.stderr.split(". ")[0]],
      [1, "a.md:1: varies: no output of the block holds a pod"],
    );
  });

  it("ends what it has started when it is interrupted", async () => {
    write("```console", "$ echo $$ > shell; sleep 60", "```");
    const running = spawn(process.execPath, argv("a.md", "--here"), {
      cwd: folder,
      stdio: "ignore",
      env: { ...process.env, TS_NODE_PROJECT: path.join(repositoryFolder, "tsconfig.json") },
    });
    const shell = path.join(folder, "shell");
    const begun = Date.now();
    while (!fs.existsSync(shell) || fs.statSync(shell).size === 0) {
      assert.ok(Date.now() - begun < 15_000, "the command does not begin");
      await delay(20);
    }
    const session = Number(fs.readFileSync(shell, "utf8"));
    assert.ok(processesOf(session).length > 0);
    const ended = once(running, "exit");
    running.kill("SIGINT");
    assert.deepEqual(await ended, [130, null]);
    const killed = Date.now();
    while (processesOf(session).length > 0 && Date.now() - killed < 2000) await delay(20);
    assert.deepEqual(processesOf(session), []);
  });
});
