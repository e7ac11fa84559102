// A document's commands in a real bash: above all, that a document that is wrong fails.
// Does not prove: anything about the lab; processes that leave their session (setsid) are not followed.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readWalkthrough } from "../../walkthrough/read";
import { replay } from "../../walkthrough/replay";
import { plainShell, processesOf, Session } from "../../walkthrough/session";

describe("walkthrough/replay", () => {
  let cwd: string;

  beforeEach(() => {
    cwd = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "replay-")));
  });
  afterEach(() => fs.rmSync(cwd, { recursive: true }));

  /** Runs the document, and gives what is printed. */
  async function run(lines: string[], options: { shell?: string[]; cwd?: string } = {}): Promise<string[]> {
    const printed: string[] = [];
    const steps = readWalkthrough([...lines, ""].join("\n"));
    const env = { PATH: process.env.PATH, HOME: cwd };
    await replay(steps, { cwd, env, document: "a.md", print: (line) => printed.push(line), ...options });
    return printed;
  }

  /** Runs commands as the lines of one block, with comments before it. */
  function block(lines: string[], ...comments: string[]): Promise<string[]> {
    return run([...comments.map((comment) => `<!-- ${comment} -->`), "```console", ...lines, "```"]);
  }

  async function failure(running: Promise<unknown>): Promise<string> {
    const error: unknown = await running.then(
      () => assert.fail("the document passes"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof Error && error.name === "ReplayError", String(error));
    return error.message;
  }

  it("runs all commands in one shell: folder, variables, functions and the last exit code carry over", async () => {
    await run([
      ...["```console", '$ mkdir sub && cd sub && name=value && say() { echo "$1 $name"; }', "```"],
      ...["<!-- exit: 3, 0 -->", "```console", "$ say hello; (exit 3)", "hello value", "$ echo $?; basename $PWD", "3"],
      ...["sub", "```"],
    ]);
  });

  it("takes several lines, heredocs and quotes as a terminal does", async () => {
    await block([
      ...[
        "$ cat > 'a file' <<'END'",
        "> it's $HOME",
        "> ",
        ">   indented",
        "> END",
        "$ cat 'a file'",
        "it's $HOME",
        "",
      ],
      ...["  indented", "$ echo one \\", ">   two", "one two", "$ for i in 1 2", "> do echo $i", "> done", "1", "2"],
    ]);
  });

  it("compares stdout and stderr together, in their order, and without colours", async () => {
    const mixed = "echo one; echo two >&2; echo three; printf '\\e[31mred\\e[0m\\r\\n'; no-such-command";
    await block([`$ ${mixed}`, "one", "two", "three", "red", "bash: no-such-command: command not found"], "exit: 127");
  });

  it("gives commands an empty standard input, not the document", async () => {
    await block(["$ cat; echo end", "end", "$ echo next", "next"]);
  });

  it("prints a line for each command, and a summary", async () => {
    const printed = await block(["$ echo a", "a", "$ true", `$ : ${"x".repeat(100)}`]);
    assert.equal(printed.length, 4);
    assert.match(printed[0]!, /^ {4}2 {2}echo a +\d+\.\d s$/);
    assert.match(printed[2]!, /^ {4}5 {2}: x+ … {2}\d+\.\d s$/);
    assert.match(printed[3]!, /^3 commands, 1 compared outputs, \d+\.\d s$/);
  });

  it("fails a wrong output, and says where, what was run and what differs", async () => {
    assert.equal(
      await failure(block(["$ true", "$ echo one; \\", "> echo two", "one", "too"])),
      [
        "a.md:3: Its output is not what the document shows.",
        ...["  $ echo one; \\", "  > echo two", "expected:", "  one", "→ too", "actual:", "  one", "→ two"],
        "exit code: 0",
      ].join("\n"),
    );
  });

  it("fails a missing line and a line too many, at both ends of the output", async () => {
    assert.match(
      await failure(block(["$ echo one", "one", "two"])),
      /\n {2}one\n→ two\nactual:\n {2}one\n→ \(no further line\)\n/,
    );
    assert.match(
      await failure(block(["$ echo one; echo two", "one"])),
      /\n {2}one\n→ \(no further line\)\nactual:\n {2}one\n→ two\n/,
    );
    assert.match(await failure(block(["$ echo one; echo two", "two"])), /expected:\n→ two\nactual:\n→ one\n {2}two\n/);
    assert.match(await failure(block(["$ true", "one"])), /actual:\n→ \(no further line\)\nexit code: 0$/);
  });

  it("fails a wrong exit code, whether the output is shown or not", async () => {
    assert.match(await failure(block(["$ false"])), /^a\.md:2: It ended with exit code 1, not 0\.\n/);
    assert.match(await failure(block(["$ echo a; false", "a"])), /^a\.md:2: It ended with exit code 1, not 0\.\n/);
    assert.match(await failure(block(["$ true"], "exit: 1")), /^a\.md:3: It ended with exit code 0, not 1\.\n/);
    assert.match(await failure(block(["$ if ; then"])), /It ended with exit code \d, not 0\.[^]*syntax error/);
  });

  it("fails where a value varies into something else", async () => {
    await block(["$ echo done in 3s: 200", "done in 12s: 200"], "varies: duration");
    assert.match(
      await failure(block(["$ echo done in 3s: 502", "done in 12s: 200"], "varies: duration")),
      /→ done in 3s: 502/,
    );
  });

  it("runs nothing after a failure", async () => {
    await failure(block(["$ false", "$ touch after"]));
    assert.equal(fs.existsSync(path.join(cwd, "after")), false);
  });

  it("ends a command that hangs at its limit, and shows what it said until then", async () => {
    const start = Date.now();
    const text = await failure(block(["$ echo begun; sleep 60"], "limit: 1s"));
    assert.match(text, /^a\.md:3: It did not end within 1 s\.\n[^]*actual:\n {2}begun\nexit code: none$/);
    assert.ok(Date.now() - start < 8000, `${Date.now() - start} ms`);
  });

  it("fails a command that ends the shell, and a shell that does not start", async () => {
    assert.match(await failure(block(["$ exit 0"])), /^a\.md:2: The shell ended \(exit 0\)\.\n/);
    const missing = ["```console", "$ true", "```"];
    assert.match(await failure(run(missing, { shell: ["/no/such/shell"] })), /The shell did not start: .*ENOENT/);
    const broken = ["sh", "-c", "echo no network namespace >&2; exit 1"];
    assert.match(await failure(run(missing, { shell: broken })), /The shell ended \(exit 1\)\. no network namespace\n/);
  });

  it("knows what a shell said that does not start, even where it hears of its end first", async () => {
    const pause = (milliseconds: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    // Node looks for all ended children when one ends: for the shell too, which speaks and ends during the second pause.
    spawn("echo", ["first"]).stdout.once("data", () => pause(400));
    pause(100);
    const shell = ["sh", "-c", "sleep 0.1; echo no network namespace >&2; exit 1"];
    const session = new Session({ cwd, env: { PATH: process.env.PATH }, shell });
    const { trouble } = await session.run("true", 10);
    await session.end();
    assert.equal(trouble, "The shell ended (exit 1). no network namespace");
  });

  it("starts the shell by the command it is given", async () => {
    const lines = ["```console", "$ echo $PLACE", "lab", "```"];
    await run(lines, { shell: ["env", "PLACE=lab", ...plainShell] });
  });

  it("leaves no process behind, in any outcome, and none in another process group either", async () => {
    const inBackground = "$ echo $$ > shell; sleep 61 & set -m; sleep 62 & set +m";
    const sessions: number[] = [];
    for (const [lines, passes] of [
      [[inBackground], true],
      [[inBackground, "$ false"], false],
      [[inBackground, "$ trap '' TERM; sleep 63"], false],
    ] as const) {
      const running = block([...lines], "limit: 1s");
      if (passes) await running;
      else await failure(running);
      sessions.push(Number(fs.readFileSync(path.join(cwd, "shell"), "utf8")));
    }
    assert.ok(sessions.every((session) => session > 1));
    assert.deepEqual(sessions.flatMap(processesOf), []);
  }).timeout(40_000);

  it("goes on when a command leaves something running", async () => {
    const start = Date.now();
    await block(["$ sleep 64 &", "$ echo next", "next"]);
    assert.ok(Date.now() - start < 5000, `${Date.now() - start} ms`);
  });

  it("repeats a command until all is as shown, and no longer than it may", async () => {
    const counting = "$ echo x >> tries; wc -l < tries; test $(wc -l < tries) -ge 3";
    await block([counting, "3"], "within: 10s");
    fs.rmSync(path.join(cwd, "tries"));
    const text = await failure(block([counting.replace("3", "30"), "30"], "within: 1s"));
    assert.match(
      text,
      /^a\.md:3: It ended with exit code 1, not 0\. Its output is not .* It was repeated for \d\.\d s\.\n/,
    );
    const tries = fs.readFileSync(path.join(cwd, "tries"), "utf8").length / 2;
    assert.ok(tries >= 2 && tries <= 3, String(tries));
    fs.rmSync(path.join(cwd, "tries"));
    await failure(block([counting, "3"]));
    assert.equal(fs.readFileSync(path.join(cwd, "tries"), "utf8"), "x\n");
  });
});
