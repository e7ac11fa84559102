import { Command } from "commander";
import { StackConfig } from "../../model";
import { LogPlace } from "../../model/access-log";
import { CountedCall, mostDifferent, NoCall, readRecorded, Tally, TallyNumbers } from "../../model/traffic";
import { exitCodes } from "../exit-codes";
import { counted } from "../../model/ground/words";
import { ClusterError, kubectlLines, lastLine } from "../kubectl";
import { logArguments, podsAtOnce } from "../logs/line";
import { requireLogPlaces } from "../logs/pods";
import { requireLogs } from "../logs/read";
import { inTurns } from "../turns";
import { eachLine, RecordingError } from "./lines";

export interface ReadOptions {
  /** A file, or `-` for standard input. @default the logs in the cluster */
  from?: string;
  /** How far back. Seconds. @default of a file all of it, of the cluster `defaultDays` */
  since?: number;
}

/** How far back the logs in a cluster are read. */
export const defaultDays = 7;

/**
 * The calls that a command is asked about; what a reader should know of them goes to standard error. Ends the command, as
 * wrong use, where the cluster is to be read and its gateways write no log.
 *
 * @throws RecordingError, ClusterError
 */
export async function callsFor(
  config: StackConfig,
  stack: string,
  options: ReadOptions,
  command: Command,
): Promise<CountedCall[]> {
  if (options.from === undefined) {
    requireLogs(config, stack, command);
  }
  const reading = await readCalls(config, options);
  readingNotes(reading).forEach((note) => process.stderr.write(`${note}\n`));
  return reading.tally.counted();
}

/** What was read, and what of it is no call. */
export interface Reading {
  tally: Tally;
  lines: Record<"all" | NoCall | "too long", number>;
}

/**
 * Counts the calls in a recording, or in the logs of a stack's proxies. Memory grows with the different calls only.
 *
 * @throws RecordingError, ClusterError
 */
export async function readCalls(config: StackConfig, { from, since }: ReadOptions): Promise<Reading> {
  const now = Date.now();
  const seconds = since ?? (from === undefined ? defaultDays * 86_400 : undefined);
  const tally = new Tally({ now, ...(seconds === undefined ? {} : { since: now - seconds * 1000 }) });
  const lines: Reading["lines"] = { all: 0, "cut off": 0, "something else": 0, "too long": 0 };
  const add = tally.add.bind(tally);
  const onLine = (line: string | undefined) => {
    if (line?.trim() === "") {
      return;
    }
    lines.all++;
    const problem = line === undefined ? "too long" : readRecorded(line, add);
    if (problem !== undefined) {
      lines[problem]++;
    }
  };
  if (from === undefined) {
    await readCluster(config, seconds!, onLine);
  } else {
    await eachLine(from, onLine);
    requireCalls(tally.numbers, lines, from);
  }
  return { tally, lines };
}

async function readCluster(config: StackConfig, seconds: number, onLine: (line: string) => void): Promise<void> {
  const places = await requireLogPlaces(config, {});
  const never = new AbortController().signal;
  const read = async (place: LogPlace): Promise<void> => {
    const args = logArguments(place, { since: `${seconds}s` });
    const { exitCode, stderr } = await kubectlLines(config.cluster, args, { onLine, signal: never });
    // Between the list and the log a pod may go, and its log with it.
    if (exitCode !== 0 && !stderr.includes("(NotFound)")) {
      throw new ClusterError(`kubectl cannot read the log of pod ${place.pod}: ${lastLine(stderr)}`);
    }
  };
  await inTurns(places, read, { atOnce: podsAtOnce });
}

/** A recording without a call is another file than was meant, or in another form. */
function requireCalls({ calls, earlier, beyond }: TallyNumbers, lines: Reading["lines"], from: string): void {
  if (calls + earlier + beyond === 0) {
    const name = from === "-" ? "Standard input" : from;
    throw new RecordingError(
      lines.all === 0
        ? `${name} is empty: no call can be learnt from it.`
        : `${name} holds no call in ${counted(lines.all, "line")}: give JSON, an object a line or an array of them, as ` +
            "a proxy writes them, or Cloud Logging or Loki export them.",
    );
  }
}

/** What a reader should know of what was read, a sentence each. */
export function readingNotes({ tally, lines }: Reading): string[] {
  const { calls, earlier, future, latest, timeless, beyond } = tally.numbers;
  const notCalls = [
    ...(lines["something else"] > 0 ? [`${counted(lines["something else"], "line")} of another format`] : []),
    ...(lines["cut off"] > 0 ? [`${lines["cut off"].toLocaleString("en")} cut off`] : []),
    ...(lines["too long"] > 0 ? [`${lines["too long"].toLocaleString("en")} too long`] : []),
  ];
  return [
    `${counted(calls, "call")} in ${counted(lines.all, "line")}${notCalls.length === 0 ? "" : `; not read: ${notCalls.join(", ")}`}.`,
    ...(earlier > 0 ? [`${counted(earlier, "call")} from before the time asked for: not counted.`] : []),
    ...(future > 0
      ? [
          `${counted(future, "call")} dated in the future, up to ${new Date(latest!).toISOString()}: a clock is wrong; ` +
            "counted as of now.",
        ]
      : []),
    ...(timeless > 0 ? [`${counted(timeless, "call")} without a time that can be read: counted all the same.`] : []),
    ...(beyond > 0
      ? [
          `${counted(beyond, "call")} left out, as more than ${mostDifferent.toLocaleString("en")} different ones were made: ` +
            "callers ask for ever new names.",
        ]
      : []),
  ];
}

/** A number of things, as `1,204 calls`. */
const units = { d: 86_400, h: 3600, m: 60, s: 1 } as const;

/** Seconds of a duration as `7d`, `12h` or `1h30m`; undefined for any other text, and for none at all. */
export function secondsOf(written: string): number | undefined {
  const parts = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(written)?.slice(1);
  const seconds = parts?.reduce((sum, part, index) => sum + Number(part ?? 0) * Object.values(units)[index]!, 0);
  return seconds === 0 ? undefined : seconds;
}

/** The seconds of an option's duration; undefined without it. What is none ends the command as wrong use. */
export function requireSeconds(option: string, written: string | undefined, command: Command): number | undefined {
  if (written === undefined) {
    return undefined;
  }
  return (
    secondsOf(written) ??
    command.error(`${option} takes days, hours, minutes and seconds, as 7d or 1h30m, and not "${written}".`, {
      exitCode: exitCodes.wrongUse,
    })
  );
}
