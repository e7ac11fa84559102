// Does not prove that the lab's own groups build, which takes many minutes: a small module stands for them.
// Skipped where Go is not installed.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "../../../../lab/errors";
import { type BuildableGroup, buildGroup, groupEntry } from "../../../../lab/tools/build";
import { exists } from "../../../../lab/tools/cache";
import { temporaryFolder, withEnvironment, writeScript } from "./temporary";

/** Another program at each run, or Go would take it from its own cache and compile nothing. */
const program = `package main

// ${process.pid} ${Date.now()}
var Word = "unset"

func main() { print(Word) }
`;

describe("build", function () {
  const folder = temporaryFolder();
  const tools = () => path.join(folder(), "tools");

  before(function () {
    if (spawnSync("go", ["version"]).status !== 0) {
      this.skip();
    }
  });

  async function module(files: Record<string, string>, linkerFlags = "-X main.Word=linked"): Promise<BuildableGroup> {
    const source = path.join(folder(), "source");
    for (const [name, content] of Object.entries({ "go.mod": "module example.test/pause\n\ngo 1.21\n", ...files })) {
      await fs.mkdir(path.dirname(path.join(source, name)), { recursive: true });
      await fs.writeFile(path.join(source, name), content);
    }
    return { name: "small", folder: source, packages: { pause: "." }, linkerFlags };
  }

  async function leftovers(): Promise<string[]> {
    return (await fs.readdir(tools())).filter((name) => !name.startsWith("."));
  }

  it("builds a module into the cache, with its flags, and only once", async () => {
    const group = await module({ "main.go": program });
    const reports: string[] = [];
    const built = await buildGroup(group, tools(), (detail) => reports.push(detail));
    assert.equal(spawnSync(path.join(built, "pause")).stderr.toString(), "linked");
    assert.deepEqual(await fs.readdir(built), ["pause"]);
    assert.equal(reports[0], "downloading modules");
    assert.match(reports.at(-1)!, /^\d+ of up to \d+ packages compiled$/);

    const again = await buildGroup(group, tools(), () => assert.fail("nothing is built"));
    assert.equal(again, built);
  });

  it("names several programs by their packages", async () => {
    const group = await module({ "cmd/one/main.go": program, "cmd/two/main.go": program });
    const both = { ...group, packages: { helm: "./cmd/one", etcd: "./cmd/two" } };
    assert.deepEqual((await fs.readdir(await buildGroup(both, tools(), () => {}))).sort(), ["one", "two"]);
  });

  it("has another key for other sources, sums, flags and packages", async () => {
    const key = async (group: BuildableGroup) => (await groupEntry(group, tools())).key;
    const group = await module({ "main.go": program });
    const first = await key(group);
    assert.equal(await key(group), first);
    const keys = [
      first,
      await key({ ...group, linkerFlags: "-s" }),
      await key({ ...group, packages: { helm: "." } }),
      await key(await module({ "main.go": `${program}\n` })),
      await key(await module({ "main.go": program, "go.sum": "\n" })),
    ];
    assert.equal(new Set(keys).size, keys.length);
  });

  it("says what does not compile, and leaves nothing", async () => {
    const group = await module({ "main.go": "package main\n\nfunc main() { missing() }\n" });
    await assert.rejects(
      buildGroup(group, tools(), () => {}),
      (error: Error) => {
        assert.ok(error instanceof LabError);
        assert.match(error.message, /^Go could not build \S+source: .*main\.go:3:15: undefined: missing/);
        return true;
      },
    );
    assert.deepEqual(await leftovers(), []);
  });

  it("says that the module proxy cannot be reached", async () => {
    const sum = `h1:${Buffer.alloc(32).toString("base64")}`;
    const group = await module({
      "go.mod": "module example.test/pause\n\ngo 1.21\n\nrequire example.test/far v1.0.0\n",
      "go.sum": `example.test/far v1.0.0 ${sum}\nexample.test/far v1.0.0/go.mod ${sum}\n`,
      "main.go": 'package main\n\nimport _ "example.test/far"\n\nfunc main() {}\n',
    });
    // Port 1 of the loopback refuses every connection.
    const offline = { GOPROXY: "http://127.0.0.1:1", GONOSUMDB: "*", GOMODCACHE: path.join(folder(), "modules") };
    await assert.rejects(
      withEnvironment(offline, () => buildGroup(group, tools(), () => {})),
      /^LabError: The Go module proxy cannot be reached to download what \S+source is built from \(connection refused\)/,
    );
    assert.deepEqual(await leftovers(), []);
  });

  it("says that Go is too old", async () => {
    const group = await module({ "go.mod": "module example.test/pause\n\ngo 1.9999\n", "main.go": program });
    await assert.rejects(
      withEnvironment({ GOTOOLCHAIN: "local" }, () => buildGroup(group, tools(), () => {})),
      /^LabError: Go is too old to build \S+source, which needs 1\.9999 or newer/,
    );
  });

  it("says that Go is missing", async () => {
    const group = await module({ "main.go": program });
    await assert.rejects(
      withEnvironment({ PATH: folder() }, () => buildGroup(group, tools(), () => {})),
      /^LabError: Go is not installed, but tools have to be built; install Go 1\.21 or newer and have it on PATH$/,
    );
  });

  it("builds afresh after a process that was killed while it built", async () => {
    const group = await module({ "main.go": program });
    // A Go that takes for ever to build, and otherwise is the real one.
    const real = spawnSync("sh", ["-c", "command -v go"]).stdout.toString().trim();
    const started = path.join(folder(), "started");
    await writeScript(
      path.join(folder(), "slow", "go"),
      `[ "$1" = build ] && { touch ${started}; exec sleep 60; }; exec ${real} "$@"`,
    );
    const script = `require(${JSON.stringify(path.resolve(__dirname, "../../../../lab/tools/build"))})
      .buildGroup(${JSON.stringify(group)}, ${JSON.stringify(tools())}, () => {})`;
    const argv = ["--require", "ts-node/register", "--eval", script];
    const env = { ...process.env, PATH: `${path.join(folder(), "slow")}:${process.env.PATH}` };
    const builder = spawn(process.execPath, argv, { env, stdio: "inherit" });
    for (let tries = 0; !(await exists(started)); tries += 1) {
      assert.ok(tries < 200, "the slow build starts");
      await sleep(50);
    }
    builder.kill("SIGKILL");
    assert.equal((await leftovers()).length, 1, "half a build is there");
    const built = await buildGroup(group, tools(), () => {});
    assert.deepEqual(await leftovers(), [path.basename(built)]);
  });
});
