// `egress verify` as it is called, with a kubectl of ours in the place of a cluster that holds, leaks, is dead, or refuses.
// Does not prove: that a cluster does any of it; tests/lab/verify.test.ts asks one.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as verify from "../../../../cli/commands/verify";
import { breakGlassName, breakGlassObject } from "../../../../model/break-glass";
import { parseTold, scriptLine } from "../../../../cli/verify/script";
import { soundConfig } from "../../model/config/sound-config";
import { folderOnPath } from "../../folder-on-path";
import { Ended, runCommand } from "../run-command";

/** A moment so many minutes from now, as configurations write it. */
function moment(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString().replace(/\.\d+Z$/, "Z");
}

/** What the cluster is like; each case changes a word of it. */
interface Cluster {
  /** What a call that is to be refused is answered, by how curl tells it: exit code, status, size, connect, server, time. */
  refused?: string;
  granted?: string;
  grantedTls?: string;
  connection?: string;
  gateways?: number;
  create?: string;
  /** What `egress grant` has given, as it is kept there. */
  taken?: object[];
}

const held: Required<Cluster> = {
  refused: "0 502 100 0.1 envoy no",
  granted: "0 200 50 0.1 envoy yes",
  grantedTls: "0 200 50 0.1 other no",
  connection: "28 000 0 0 other no",
  gateways: 1,
  create: "",
  taken: [],
};

describe("egress verify", () => {
  const folder = folderOnPath();
  let stacks: string;

  beforeEach(() => {
    stacks = path.join(folder(), "stacks");
    fs.mkdirSync(stacks);
    writeStack(soundConfig());
  });

  function writeStack(settings: Record<string, unknown>): void {
    const config = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`istio-egress:${key}`, value]));
    fs.writeFileSync(path.join(stacks, "Pulumi.sound.yaml"), JSON.stringify({ config }));
  }

  /** Puts a kubectl on PATH that plays the cluster, and writes each call down. */
  function cluster(change: Cluster = {}): void {
    const settings = JSON.stringify({ ...held, ...change });
    const file = path.join(folder(), "kubectl");
    fs.writeFileSync(
      file,
      `#!${process.execPath}\nconst settings = ${settings};\nconst folder = ${JSON.stringify(folder())};\n${player}`,
      {
        mode: 0o755,
      },
    );
  }

  const calls = (): string[] => fs.readFileSync(path.join(folder(), "calls"), "utf8").trim().split("\n");
  const run = (...argv: string[]): Promise<Ended> =>
    runCommand(verify.register, "verify", "sound", "--stacks", stacks, ...argv);
  const made = () => calls().filter((call) => /(^| )create /.test(call) && !call.includes("--dry-run"));
  const removed = () => calls().filter((call) => /(^| )delete jobs /.test(call));

  it("says what it makes and sends, makes it, shows what held, and removes it", async () => {
    cluster();
    const { exitCode, stdout, stderr } = await run("--yes");
    assert.equal(exitCode, 0, stdout + stderr);
    assert.match(stderr, /2 Jobs with a pod each would be made, of image proxy:1, and removed again/);
    assert.match(stderr, /granted, and called for real: http:\/\/github\.com/);
    assert.match(stderr, /to be refused: the gateway without TLS/);
    assert.match(stdout, /\d+ attempts: \d+ held, 0 leaked, 0 unknown\./);
    assert.match(stdout, /Not verified: istio-workload\/hammer: it is granted no host/);
    assert.equal(made().length, 2);
    assert.equal(removed().length, 1);
  });

  it("ends with 1 on a leak, and says which", async () => {
    cluster({ connection: "28 000 0 0.2 other no" });
    const { exitCode, stdout } = await run("--yes", "--json");
    assert.equal(exitCode, 1);
    const { rows } = JSON.parse(stdout) as { rows: { tries: string; result: string }[] };
    const leaked = rows.filter(({ result }) => result === "leaked").map(({ tries }) => tries);
    assert.ok(leaked.includes("the granted host's address, as the sidecar's own user"), leaked.join("; "));
    assert.ok(rows.some(({ result }) => result === "held"));
    assert.equal(removed().length, 1);
  });

  it("knows nothing where granted calls do not pass, though all is refused: a dead gateway holds nothing", async () => {
    cluster({ granted: "0 503 90 0.1 envoy no", grantedTls: "35 000 0 0.1 other no", gateways: 0 });
    const { exitCode, stdout } = await run("--yes", "--json");
    assert.equal(exitCode, 1);
    const { rows } = JSON.parse(stdout) as { rows: { result: string }[] };
    assert.deepEqual(new Set(rows.map(({ result }) => result)), new Set(["unknown"]));
  });

  it("makes nothing with --dry-run, and nothing where nobody can answer", async () => {
    cluster();
    const dry = await run("--dry-run");
    assert.equal(dry.exitCode, 0);
    assert.match(dry.stderr, /Nothing is made\./);
    assert.deepEqual([made(), removed()], [[], []]);
    const { exitCode, stderr } = await run();
    assert.equal(exitCode, 2);
    assert.match(stderr, /--yes goes on without a question, --dry-run makes nothing/);
  });

  it("says who may run it where admission refuses its pods, and removes what there is", async () => {
    cluster({ create: "ValidatingAdmissionPolicy 'x' denied request: identity: Job a: ServiceAccount app-a by eve" });
    const { exitCode, stderr } = await run("--yes");
    assert.equal(exitCode, 1);
    assert.match(stderr, /Admission refuses a pod under the workload's own ServiceAccount: .*identity/);
    assert.match(stderr, /Fix: run this as who applies the stack/);
    assert.equal(removed().length, 1);
  });

  it("ends with 2 for a workload that is not there, and with 1 where none can be verified", async () => {
    cluster();
    assert.equal((await run("--yes", "--from", "test-app/nope")).exitCode, 2);
    const none = await run("--yes", "--from", "istio-workload/hammer");
    assert.equal(none.exitCode, 1);
    assert.match(none.stderr, /There is no workload to verify\.\nNot verified: istio-workload\/hammer/);
  });

  it("takes what is granted beside the file for no leak, and what is over for nothing", async () => {
    // What is denied to everybody would be asked first.
    writeStack({ ...soundConfig(), deny: [] });
    const from = "test-app/app-a";
    const refused = async (taken: object[]) => {
      cluster({ taken });
      const { exitCode, stderr } = await run("--dry-run", "--from", from);
      assert.equal(exitCode, 0, stderr);
      return /to be refused: http:\/\/(\S+)/.exec(stderr)![1]!;
    };
    const host = await refused([]);
    const record = (until: number) => ({
      ...{ name: breakGlassName(from, host), from, host, reason: "r", taken: moment(-60), objects: [] },
      until: moment(until),
    });
    const object = (until: number) => breakGlassObject(record(until), "sound", "istio-egress");
    assert.notEqual(await refused([object(60)]), host);
    assert.equal(await refused([object(-1)]), host);
  });

  it("removes what it has made when it is interrupted, and ends with 130", async () => {
    cluster();
    // The cluster's pods never run, so that there is time to interrupt it.
    fs.writeFileSync(path.join(folder(), "slow"), "");
    const child = spawn(
      process.execPath,
      [path.resolve(__dirname, "../../../../cli/egress.js"), "verify", "sound", "--stacks", stacks, "--yes"],
      { env: process.env, stdio: "ignore" },
    );
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    const jobs = () => (fs.existsSync(path.join(folder(), "calls")) ? made().length : 0);
    for (const end = Date.now() + 60_000; jobs() < 2 && Date.now() < end;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(jobs(), 2);
    child.kill("SIGINT");
    assert.equal(await ended, 130);
    assert.equal(removed().length, 1);
  });
});

describe("the script's lines", () => {
  it("quote what a shell would read", () => {
    assert.equal(scriptLine("a", ["--header", "Host: it's $(x)"]), `'a' '--header' 'Host: it'\\''s $(x)'\n`);
  });

  it("are read back, and what is no line of the script's is left out", () => {
    const line = parseTold("noise\nhost 0 502 12 0.004 envoy no\n").get("host");
    assert.deepEqual(line, {
      ...{ exitCode: 0, status: 502, bodySize: 12, connected: true, fromEnvoy: true, hasUpstreamTime: false },
    });
  });
});

/** Plays kubectl: only what `egress verify` asks for. */
const player = `
const fs = require("node:fs");
const args = process.argv.slice(2);
fs.appendFileSync(folder + "/calls", args.join(" ").replaceAll("\\n", " ") + "\\n");
const has = (word) => args.includes(word);
const print = (value) => process.stdout.write(typeof value === "string" ? value : JSON.stringify(value));
const proxy = { name: "istio-proxy", image: "proxy:1" };
const ready = { phase: "Running", podIP: "10.0.0.9", conditions: [{ type: "Ready", status: "True" }] };
const log = JSON.stringify({
  time: new Date().toISOString(), protocol: "http", identity: "spiffe://cluster.local/ns/test-app/sa/app-a", flags: "-",
  upstream: "203.0.113.10:80", client: "10.0.0.1:1", received: 0, sent: 0, milliseconds: 1, reason: null, host: "github.com",
  method: "GET", path: "/", status: 200, request: "r",
});
if (has("service")) {
  print("10.96.0.1");
} else if (has("configmaps")) {
  print({ items: settings.taken });
} else if (has("pods") && has("get")) {
  const selector = args[args.indexOf("--selector") + 1] ?? "";
  const name = selector.split("=")[1] ?? "pod";
  const isGateway = selector.startsWith("istio") || args.includes("istio-egress");
  const running = { ...ready, containerStatuses: [{ name: "verify", ready: true }, { name: "istio-proxy", ready: true }] };
  const pod = { metadata: { name, namespace: "x", labels: { istio: "egress-gateway" } }, spec: { containers: [proxy] }, status: running };
  const gone = (isGateway && settings.gateways === 0) || (selector.startsWith("job-name") && fs.existsSync(folder + "/slow"));
  print({ items: gone ? [] : [pod] });
} else if (has("events")) {
  print({ items: [] });
} else if (has("create")) {
  process.stderr.write(settings.create);
  process.exitCode = settings.create === "" ? 0 : 1;
} else if (has("logs")) {
  print(new Date().toISOString() + " " + log + "\\n");
} else if (has("exec")) {
  for (const line of fs.readFileSync(0, "utf8").trim().split("\\n")) {
    const id = line.split("'")[1];
    const plain = { gateway: "28 000 0 0.1 other no", http: settings.granted, https: settings.grantedTls }[id];
    const isConnection = line.includes("telnet://");
    const isRaw = /^(plain|no-certificate)/.test(id);
    const isTls = /https:/.test(line) && !isRaw;
    print(id + " " + (plain ?? (isConnection ? settings.connection : isRaw ? "56 000 0 0.1 other no" : isTls ? "35 000 0 0.1 other no" : settings.refused)) + "\\n");
  }
}
`;
