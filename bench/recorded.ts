import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { columns } from "../cli/columns";
import { readCalls } from "../cli/traffic/read";
import { eachLine } from "../cli/traffic/lines";
import { parseConfig } from "../model";
import { propose, replay } from "../model/traffic";
import { large, largeSettings } from "./large-stack";

/** How many calls are recorded, and a tenth of them, which tells whether memory grows. */
const sizes = [100_000, 1_000_000];

/** How often each measure is taken; the median counts. */
const rounds = 3;

/** What is done with a recording, each in a process of its own; the others are compared with the first. */
const measures: Record<string, (file: string) => Promise<unknown>> = {
  "JSON.parse of each line": (file) => eachLine(file, (line) => void JSON.parse(line!)),
  learn: async (file) => propose(configOf(), (await readCalls(configOf(), { from: file })).tally.counted()),
  replay: async (file) => replay(configOf(), (await readCalls(configOf(), { from: file })).tally.counted()),
};

const configOf = () => parseConfig(largeSettings(large), { now: new Date() });

interface Taken {
  seconds: number;
  /** The most memory that the process had. MB. */
  memory: number;
}

/** Calls of a large stack's workloads, most of them granted, a tenth of hosts that no destination has. */
function writeRecording(file: string, lines: number): void {
  const descriptor = fs.openSync(file, "w");
  const begin = Date.now() - 6 * 86_400_000;
  for (let from = 0; from < lines; from += 10_000) {
    const part = Array.from({ length: 10_000 }, (_, index) => lineOf(from + index, begin));
    fs.writeSync(descriptor, part.join(""));
  }
  fs.closeSync(descriptor);
}

function lineOf(index: number, begin: number): string {
  const workload = index % large.workloads;
  const number = (value: number) => String(value).padStart(3, "0");
  const isNew = index % 10 === 9;
  const host = isNew
    ? `api.new-${number(Math.floor(index / 10) % 500)}.example`
    : `api-${number(Math.floor(index / 100) % 10)}.partner-${number(Math.floor(index / 1000) % large.destinations)}.example`;
  const entry = {
    time: new Date(begin + index * 100).toISOString(),
    identity: `spiffe://cluster.local/ns/domain-${number(workload % 10)}/sa/service-${number(workload)}`,
    flags: null,
    upstream: isNew ? null : "203.0.113.11:443",
    tried: null,
    client: "10.244.0.21:48822",
    received: isNew ? 0 : 812,
    sent: isNew ? 0 : 4096,
    milliseconds: 4,
    protocol: "https",
    host,
    reason: isNew ? "rbac_access_denied_matched_policy[none]" : null,
    stage: isNew ? "policies" : "forward",
  };
  return `${JSON.stringify(entry)}\n`;
}

function median(taken: Taken[]): Taken {
  const middle = (pick: (each: Taken) => number) =>
    taken.map(pick).sort((a, b) => a - b)[Math.floor(taken.length / 2)]!;
  return { seconds: middle(({ seconds }) => seconds), memory: middle(({ memory }) => memory) };
}

function take(name: string, file: string): Taken {
  const argv = ["--require", "ts-node/register", __filename, name, file];
  const env = { ...process.env, TS_NODE_TRANSPILE_ONLY: "1" };
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, { encoding: "utf8", env });
  if (status !== 0) {
    throw new Error(`${name} ended with ${status}: ${stderr}`);
  }
  return JSON.parse(stdout) as Taken;
}

/** Round by round, so that a load that comes and goes meets all of them. */
function compare(): void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-bench-"));
  const names = Object.keys(measures);
  try {
    for (const lines of sizes) {
      const file = path.join(folder, `${lines}.jsonl`);
      writeRecording(file, lines);
      const taken = new Map(names.map((name) => [name, [] as Taken[]]));
      for (let round = 0; round < rounds; round++) {
        names.forEach((name) => taken.get(name)!.push(take(name, file)));
      }
      const base = median(taken.get(names[0]!)!).seconds;
      const rows = names.map((name) => {
        const { seconds, memory } = median(taken.get(name)!);
        return [name, (seconds / base).toFixed(2), seconds.toFixed(1), `${memory.toFixed(0)} MB`];
      });
      const size = (fs.statSync(file).size / 1e6).toFixed(0);
      const title = `${lines.toLocaleString("en")} lines, ${size} MB; the median of ${rounds}.`;
      process.stdout.write([title, "", ...columns()([["", "×", "seconds", "memory"], ...rows]), "", ""].join("\n"));
    }
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

async function main([name, file]: string[]): Promise<void> {
  if (name === undefined) {
    compare();
    return;
  }
  const started = performance.now();
  await measures[name]!(file!);
  const taken: Taken = {
    seconds: (performance.now() - started) / 1000,
    memory: process.resourceUsage().maxRSS / 1024,
  };
  process.stdout.write(JSON.stringify(taken));
}

void main(process.argv.slice(2));
