import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { columns } from "../cli/columns";
import { describeSize, large, quarter, stackFiles, StackSize } from "./large-stack";
import { measures } from "./measures";

/** How often each measure is taken; the median counts. */
const rounds = 3;

/** Longer than anybody would wait. Seconds. */
const longest = 120;

/** One measure of one stack; seconds, and undefined for what took too long. */
interface Taken {
  /** From the start to the last output. */
  inside?: number;
  /** The same as a command, with the start of its process. */
  command?: number;
  /** What was written, in characters. */
  written: number;
}

/**
 * Measures what commands do with a large stack, as multiples of the time that reading its YAML takes in the same run:
 * other machines and other loads give other seconds, but much the same multiples.
 *
 * @param wanted parts of measures' names @default all
 */
function main(wanted: string[]): void {
  const [first, ...others] = Object.keys(measures) as [string, ...string[]];
  const chosen = others.filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
  const [whole, part] = [large, quarter].map((size) => takeAll([first, ...chosen], size));
  const lines = [first, ...chosen].map((name) => {
    const taken = whole!.get(name)!;
    const base = whole!.get(first)!;
    return [
      name,
      times(taken.inside, base.inside),
      times(taken.command, base.command),
      times(taken.inside, part!.get(name)!.inside),
      taken.inside === undefined ? `over ${longest}` : taken.inside.toFixed(2),
      `${(taken.written / 1e6).toFixed(2)} MB`,
    ];
  });
  const header = ["", "×", "× as command", "growth", "seconds", "written"];
  process.stdout.write(
    [
      `A stack of ${describeSize(large)}; the median of ${rounds}.`,
      `×: as a multiple of the first line. growth: as a multiple of ${describeSize(quarter)}.`,
      "",
      ...columns()([header, ...lines]),
      "",
    ].join("\n"),
  );
}

function takeAll(names: string[], size: StackSize): Map<string, Taken> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-bench-"));
  try {
    for (const [name, text] of Object.entries(stackFiles(size))) {
      fs.writeFileSync(path.join(folder, name), text);
    }
    // Round by round, so that a load that comes and goes meets all of them.
    const taken = names.map((name) => ({ name, rounds: [] as Round[] }));
    for (let round = 0; round < rounds; round++) {
      for (const each of taken.filter(({ rounds: done }) => done.every(({ inside }) => inside !== undefined))) {
        each.rounds.push(take(each.name, folder));
      }
    }
    return new Map(taken.map((each) => [each.name, medianOf(each.rounds)]));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

type Round = Required<Pick<Taken, "command" | "written">> & Pick<Taken, "inside">;

function take(name: string, folder: string): Round {
  const alone = run(["--require", "ts-node/register", path.join(__dirname, "one.ts"), name, folder]);
  const { argv } = measures[name]!;
  // What is no command has the same start, with less to load.
  const whole =
    argv === undefined ? alone : run([path.join(__dirname, "../cli/egress.js"), ...argv, "--stacks", folder]);
  const { seconds, written }: Partial<Inside> = alone.stdout === "" ? {} : (JSON.parse(alone.stdout) as Inside);
  return { inside: seconds, command: whole.seconds, written: written ?? 0 };
}

function medianOf(taken: Round[]): Taken {
  const inside = taken.flatMap((round) => round.inside ?? []);
  return {
    inside: inside.length < taken.length ? undefined : median(inside),
    command: median(taken.map(({ command }) => command)),
    written: taken[0]!.written,
  };
}

/** What a process of one.ts prints. */
export interface Inside {
  seconds: number;
  written: number;
}

interface Ended {
  stdout: string;
  seconds: number;
}

function run(argv: string[]): Ended {
  const started = performance.now();
  const { stdout, stderr, status, error } = spawnSync(process.execPath, argv, {
    cwd: path.join(__dirname, ".."),
    encoding: "utf8",
    maxBuffer: 2 ** 30,
    timeout: longest * 1000,
  });
  const seconds = (performance.now() - started) / 1000;
  // A command may end with 1, for what it found.
  if ((error !== undefined || status === null || status > 1) && seconds < longest) {
    throw new Error(`${argv.join(" ")} ended with ${status}: ${error?.message ?? stderr}`);
  }
  return { stdout: seconds < longest ? stdout : "", seconds };
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function times(value: number | undefined, base: number | undefined): string {
  return value === undefined || base === undefined ? "" : (value / base).toFixed(2);
}

main(process.argv.slice(2));
