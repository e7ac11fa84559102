import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { spawn, spawnSync } from "node:child_process";
import { kernelSettings, setKernel } from "../../lab/boot/host";
import { repository } from "./support/commands";
import { settledObjects } from "./support/objects";

/**
 * Runs the tests in the lab: takes down what an earlier run left, brings the lab and its stack up as a user does,
 * runs the tests on it, and takes it down in any outcome. In CI a lab that cannot start is a failure; elsewhere a
 * machine that cannot hold one is told why its tests did not run.
 */
const inOrder = [
  "matrix",
  "demo",
  "tls",
  "doctor",
  "logs",
  "learn",
  "report",
  "observe",
  "verify",
  "metrics",
  "otel",
  "bypass",
  "ingress",
  "rbac",
  "admission",
  "admission-scale",
  "netpol",
  "netpol-process",
  "provider",
  "provider-patches",
  // In the second lab Pulumi warns of where its language host is, and these take every line that it prints.
  "walkthroughs",
  // These two take the stack off the cluster, and leave it so.
  ...["cleanup", "existing-mesh"],
  // Ends the lab.
  "lifecycle",
];

/** What is tested in a second lab beside the first one: a lab waits more than it works. */
const beside = [
  "gateway",
  "ports",
  "ends",
  "grant",
  "streams",
  "originate",
  "client-certificate",
  "private",
  "addresses",
  "direct",
  "proxy",
  "dns",
  "outside",
  "config",
  "allowlist-edit",
  "moved-hosts",
  "wildcards",
  "adoption",
  "example",
  "job",
];

/** A machine's reasons not to hold a lab, in words. */
function missing(): string | undefined {
  if (process.platform !== "linux") {
    return `the lab needs Linux, and this is ${process.platform}`;
  }
  if (process.getuid?.() !== 0) {
    return "the lab needs root, for network namespaces and containers";
  }
  return fs.existsSync("/etc/debian_version") ? undefined : "the lab installs Debian packages, and this is no Debian";
}

function step(...argv: string[]): void {
  const { status, error } = spawnSync(argv[0]!, argv.slice(1), { cwd: repository, stdio: "inherit" });
  if (status !== 0) {
    throw new Error(`\`${argv.join(" ")}\` failed: ${error?.message ?? `exit ${status}`}`);
  }
}

/** A second run of these tests, in namespaces of its own; what it prints is kept until it has ended. */
function startBeside(names: readonly string[]): Promise<void> {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-lab-beside-")), "output");
  const output = fs.openSync(file, "w");
  const command = ["tests/lab/apart.sh", "npm", "run", "--silent", "test:lab", "--", ...names];
  const child = spawn("setpriv", ["--pdeathsig", "TERM", ...command], {
    cwd: repository,
    stdio: ["ignore", output, output],
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      fs.closeSync(output);
      process.stdout.write(`\nIn the second lab:\n${fs.readFileSync(file, "utf8")}`);
      fs.rmSync(path.dirname(file), { recursive: true });
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(`The tests in the second lab failed: ${signal ?? `exit ${code}`}`));
      }
    });
  });
  // Its outcome is asked for at the end.
  ended.catch(() => undefined);
  return ended;
}

/** Whether a second lab fits beside the first one: namespaces divide control groups of version 1 only so. */
function fitsTwice(): boolean {
  return fs.existsSync("/sys/fs/cgroup/cpuset/cpuset.cpus");
}

async function main(): Promise<void> {
  const reason = missing();
  if (reason !== undefined) {
    process.stdout.write(`The lab's tests did not run: ${reason}.\n`);
    process.exitCode = process.env.CI === undefined ? 0 : 1;
    return;
  }
  const named = process.argv.slice(2);
  const isTwice = named.length === 0 && fitsTwice();
  const names = named.length > 0 ? named : isTwice ? inOrder : [...beside, ...inOrder];
  const unknown = names.find((name) => !fs.existsSync(path.join(repository, fileOf(name))));
  if (unknown !== undefined) {
    throw new Error(`There is no ${fileOf(unknown)}.`);
  }
  const notes = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-lab-tests-"));
  // The second lab's tests write to the same file.
  const isOutermost = process.env.LAB_FAILURES === undefined;
  const failures = (process.env.LAB_FAILURES ??= path.join(notes, "failures"));
  step("node", "cli/egress.js", "lab", "down");
  const settings = kernelSettings();
  let second: Promise<void> | undefined;
  try {
    step("node", "cli/egress.js", "lab", "up");
    // After that the lab's tools are there, which both take.
    second = isTwice ? startBeside(beside) : undefined;
    process.env.LAB_OBJECTS_BEFORE = path.join(notes, "objects.json");
    fs.writeFileSync(process.env.LAB_OBJECTS_BEFORE, JSON.stringify(await settledObjects()));
    step("make", "--no-print-directory", "up");
    step("npx", "mocha", "--config", "tests/lab/mocharc.json", ...names.map(fileOf));
  } finally {
    try {
      step("make", "--no-print-directory", "clean");
    } finally {
      await second?.catch((error: unknown) => {
        process.stderr.write(`${(error as Error).message}\n`);
        process.exitCode = 1;
      });
      // The later of two labs takes for the machine's own what the earlier one has set.
      setKernel(settings);
      if (isOutermost && fs.existsSync(failures)) {
        process.stdout.write(`\nWhat failed in the lab:\n${fs.readFileSync(failures, "utf8")}\n`);
      }
      fs.rmSync(notes, { recursive: true });
    }
  }
}

function fileOf(name: string): string {
  return path.join("tests", "lab", `${name}.test.ts`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
});
