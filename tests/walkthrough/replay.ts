import { setTimeout as delay } from "node:timers/promises";
import { firstDifference } from "./match";
import { describeFailure, Failure, ReplayError } from "./report";
import { Session, SessionOptions } from "./session";
import { Step } from "./step";

export interface ReplayOptions extends SessionOptions {
  /** The document's name, for reports. */
  document: string;
  /** Is told of each command that did as the document says, and of all together at the end, line by line. */
  print: (line: string) => void;
  /** Is given an output that is not as shown, which then is no failure. @default it is one */
  onOtherOutput?: (step: Step, output: string[]) => void;
}

/** Milliseconds between the end of a command and its repetition. */
const pause = 500;

/**
 * Runs a document's commands in one shell, up to the first that does not do what the document says.
 * @throws ReplayError that says which one, and how it differs
 */
export async function replay(steps: Step[], options: ReplayOptions): Promise<void> {
  const { document, print, onOtherOutput } = options;
  const session = new Session(options);
  const start = Date.now();
  try {
    for (const step of steps) {
      const started = Date.now();
      const failure = await attempt(session, step);
      if (failure?.difference !== undefined && failure.outcome.exitCode === step.exit && onOtherOutput !== undefined) {
        onOtherOutput(step, failure.outcome.output);
      } else if (failure !== undefined) {
        throw new ReplayError(describeFailure(document, failure));
      }
      print(`${String(step.line).padStart(5)}  ${shortened(step.command)}  ${secondsSince(started)} s`);
    }
  } finally {
    await session.end();
  }
  const compared = steps.filter(({ expected }) => expected !== undefined).length;
  print(`${steps.length} commands, ${compared} compared outputs, ${secondsSince(start)} s`);
}

/** Runs a command, over and over as long as its step allows. @returns what is wrong with it at last, if anything is */
async function attempt(session: Session, step: Step): Promise<Failure | undefined> {
  const start = Date.now();
  while (true) {
    const failure = check(step, await session.run(step.command, step.limit));
    if (failure === undefined || failure.outcome.trouble !== undefined || step.within === undefined) return failure;
    const passed = Date.now() - start;
    if (passed + pause > step.within * 1000) return { ...failure, repeated: passed / 1000 };
    await delay(pause);
  }
}

function check(step: Step, outcome: Failure["outcome"]): Failure | undefined {
  const difference =
    step.expected === undefined ? undefined : firstDifference(step.expected, outcome.output, step.varying);
  return difference === undefined && outcome.exitCode === step.exit ? undefined : { step, outcome, difference };
}

const width = 80;

function shortened(command: string): string {
  const [first = "", ...rest] = command.split("\n");
  const short = first.length > width || rest.length > 0 ? `${first.slice(0, width - 2)} …` : first;
  return short.padEnd(width);
}

function secondsSince(start: number): string {
  return ((Date.now() - start) / 1000).toFixed(1);
}
