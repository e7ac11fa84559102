/**
 * Runs the fast tests (.mocharc.json) on newer versions of Node, side by side, each with the newest SDK of Pulumi in place
 * of the locked one; every other package is the locked one. Exits 1 when a run fails or has no tests.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import manifest from "./package.json";

const repository = path.resolve(__dirname, "..", "..");
const hook = path.join(__dirname, "newest-sdk.js");
const newestSdk = manifest.dependencies["@pulumi/pulumi"];

const nodes = Object.entries(manifest.dependencies)
  .filter(([name]) => name.startsWith("node"))
  .map(([name, version]) => ({
    binary: path.join(__dirname, "node_modules", name, "bin", "node"),
    version: version.replace(/^.*@/, "v"),
  }));

interface Versions {
  node: string;
  sdk: string;
}

interface MochaReport {
  stats: { tests: number; passes: number; pending: number; failures: number; duration: number };
  failures: { fullTitle: string; err: { message?: string; stack?: string } }[];
}

async function main(): Promise<void> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `The other versions of Node are here for linux-x64 only; this machine is ${os.platform()}-${os.arch()}.`,
    );
  }
  install();
  const results = await Promise.all(nodes.map(({ binary, version }) => run(binary, { node: version, sdk: newestSdk })));
  if (results.includes(false)) process.exitCode = 1;
}

/** Installs the Nodes and the SDK, unless what is installed is of the lock file as it is now. */
function install(): void {
  const installed = path.join(__dirname, "node_modules", ".package-lock.json");
  const lock = path.join(__dirname, "package-lock.json");
  if (fs.existsSync(installed) && fs.statSync(installed).mtimeMs >= fs.statSync(lock).mtimeMs) return;
  // The SDK that is installed here wants a newer Node than the one that installs it.
  const npm = spawnSync("npm", ["ci", "--engine-strict=false", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: __dirname,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (npm.status !== 0) throw new Error(`npm ci failed in ${__dirname}.`);
}

/** Runs the tests once and says what ran on what. @returns whether there were tests and all passed */
async function run(binary: string, expected: Versions): Promise<boolean> {
  const environment = {
    ...process.env,
    // For programs that tests start, by whatever way they find Node.
    PATH: `${path.dirname(binary)}${path.delimiter}${process.env.PATH ?? ""}`,
    NODE_OPTIONS: `--require ${JSON.stringify(hook)}`,
  };
  const actual = versions(binary, environment);
  const title = `Node ${actual.node} with @pulumi/pulumi ${actual.sdk}`;
  if (actual.node !== expected.node || actual.sdk !== expected.sdk) {
    throw new Error(`${title} would run instead of Node ${expected.node} with @pulumi/pulumi ${expected.sdk}.`);
  }
  const { status, report } = await test(binary, environment);
  if (report === undefined) {
    process.stdout.write(`${title}: the tests did not run to their end.\n`);
    return false;
  }
  const { tests, passes, pending, failures, duration } = report.stats;
  const seconds = (duration / 1000).toFixed(1);
  process.stdout.write(`${title}: ${passes} passed, ${failures} failed, ${pending} skipped in ${seconds} s\n`);
  for (const { fullTitle, err } of report.failures) {
    process.stdout.write(`  ${fullTitle}\n    ${err.stack ?? err.message ?? ""}\n`);
  }
  if (passes === 0) process.stdout.write(`  Of ${tests} tests none passed: nothing was proven.\n`);
  return status === 0 && passes > 0;
}

/** What a program in the repository gets on a binary: the version of Node, and of the SDK that packages beside it find. */
function versions(binary: string, env: NodeJS.ProcessEnv): Versions {
  const script = `const { createRequire } = require("node:module");
    const kubernetes = createRequire(require.resolve("@pulumi/kubernetes/package.json"));
    console.log(JSON.stringify({ node: process.version, sdk: kubernetes("@pulumi/pulumi/package.json").version }));`;
  const { stdout, stderr, status } = spawnSync(binary, ["--eval", script], { cwd: repository, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${binary} does not run: ${stderr}`);
  return JSON.parse(stdout) as Versions;
}

async function test(
  binary: string,
  env: NodeJS.ProcessEnv,
): Promise<{ status: number | null; report: MochaReport | undefined }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-nodes-"));
  const output = path.join(folder, "report.json");
  try {
    const mocha = path.join(repository, "node_modules", "mocha", "bin", "mocha.js");
    const argv = [mocha, "--reporter", "json", "--reporter-option", `output=${output}`];
    const child = spawn(binary, argv, { cwd: repository, env, stdio: ["ignore", "ignore", "inherit"] });
    const [status] = (await once(child, "exit")) as [number | null];
    const report = fs.existsSync(output) ? (JSON.parse(fs.readFileSync(output, "utf8")) as MochaReport) : undefined;
    return { status, report };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
