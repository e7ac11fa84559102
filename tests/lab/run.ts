import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { spawnSync } from "node:child_process";
import { repository } from "./support/commands";
import { clusterObjects } from "./support/objects";

/**
 * Runs the tests in the lab: takes down what an earlier run left, brings the lab and its stack up as a user does,
 * runs the tests on it, and takes it down in any outcome. In CI a lab that cannot start is a failure; elsewhere a
 * machine that cannot hold one is told why its tests did not run.
 */
const inOrder = [
  ...[
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
    "netpol",
    "netpol-process",
    "provider",
    "provider-patches",
  ],
  ...["config", "allowlist-edit", "wildcards", "adoption", "example", "walkthroughs"],
  // These two take the stack off the cluster, and leave it so.
  ...["cleanup", "existing-mesh"],
  // Ends the lab.
  "lifecycle",
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

function main(): void {
  const reason = missing();
  if (reason !== undefined) {
    process.stdout.write(`The lab's tests did not run: ${reason}.\n`);
    process.exitCode = process.env.CI === undefined ? 0 : 1;
    return;
  }
  const names = process.argv.length > 2 ? process.argv.slice(2) : inOrder;
  const files = names.map((name) => path.join("tests", "lab", `${name}.test.ts`));
  const unknown = files.find((file) => !fs.existsSync(path.join(repository, file)));
  if (unknown !== undefined) {
    throw new Error(`There is no ${unknown}.`);
  }
  const notes = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-lab-tests-"));
  step("node", "cli/egress.js", "lab", "down");
  try {
    step("node", "cli/egress.js", "lab", "up");
    process.env.LAB_OBJECTS_BEFORE = path.join(notes, "objects.json");
    fs.writeFileSync(process.env.LAB_OBJECTS_BEFORE, JSON.stringify(clusterObjects()));
    step("make", "--no-print-directory", "up");
    step("npx", "mocha", "--config", "tests/lab/mocharc.json", ...files);
  } finally {
    step("make", "--no-print-directory", "clean");
    fs.rmSync(notes, { recursive: true });
  }
}

try {
  main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
