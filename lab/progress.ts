/** Where progress is written; `process.stderr` fits. */
export interface ProgressOutput {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** A finished step of the outermost level. */
export interface Phase {
  title: string;
  seconds: number;
}

export interface StepOptions {
  /** What the step usually takes on two cores, in seconds; shown beside the time that has passed. @default none */
  typicalSeconds?: number;
}

/** Says how far a running step is, in a few words: "412 of 2310 packages". Cheap: call it as often as there is news. */
export type Report = (detail: string) => void;

interface Step {
  title: string;
  detail: string;
  depth: number;
  startedAt: number;
  typicalSeconds?: number;
}

const terminalInterval = 250;
const plainInterval = 30_000;
const eraseLine = "\r\u001b[2K";

/**
 * Tells the reader of a terminal, or of a log, what long work is doing. On a terminal one line is kept up to date
 * and every finished step leaves a line; elsewhere a step has a line when it starts, every 30 s, and when it ends.
 * Steps may run at the same time and inside each other: a step that is started within another's function has to be
 * started through the `Progress` that this function is given.
 */
export class Progress {
  private readonly finished: Phase[] = [];
  private readonly screen: Screen;

  /** @param output where lines go; a `Progress` inside another shares its screen @default process.stderr */
  constructor(
    output: ProgressOutput | Screen = process.stderr,
    private readonly depth = 0,
  ) {
    this.screen = output instanceof Screen ? output : new Screen(output);
  }

  /** Runs `work` as one step; its result, or its failure, is the step's. */
  async step<T>(
    title: string,
    work: (report: Report, inner: Progress) => Promise<T>,
    options: StepOptions = {},
  ): Promise<T> {
    const step: Step = { title, detail: "", depth: this.depth, startedAt: Date.now(), ...options };
    this.screen.started(step);
    let outcome: "done" | "failed" = "failed";
    try {
      const inner = new Progress(this.screen, this.depth + 1);
      const result = await work((detail) => this.screen.changed(step, detail), inner);
      outcome = "done";
      return result;
    } finally {
      this.finished.push({ title, seconds: secondsOf(step) });
      this.screen.ended(step, outcome);
    }
  }

  /** One line that stays, such as a choice that the reader should know of. */
  note(text: string): void {
    this.screen.note(`${indent(this.depth)}${text}`);
  }

  /** The steps that have ended so far, in the order of their ends; steps inside others are part of these. */
  phases(): Phase[] {
    return [...this.finished];
  }
}

/** The lines themselves, shared by a `Progress` and those inside it. */
class Screen {
  private readonly running: Step[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly output: ProgressOutput) {}

  started(step: Step): void {
    this.running.push(step);
    if (!this.output.isTTY) {
      this.output.write(`${indent(step.depth)}${step.title} …${expectation(step)}\n`);
    }
    this.timer ??= setInterval(() => this.tick(), this.output.isTTY ? terminalInterval : plainInterval).unref();
    this.redraw();
  }

  changed(step: Step, detail: string): void {
    step.detail = detail;
  }

  ended(step: Step, outcome: "done" | "failed"): void {
    this.running.splice(this.running.indexOf(step), 1);
    if (this.running.length === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
    this.note(`${indent(step.depth)}${step.title}: ${outcome}, ${formatSeconds(secondsOf(step))}`);
  }

  note(text: string): void {
    this.output.write(this.output.isTTY ? `${eraseLine}${text}\n` : `${text}\n`);
    this.redraw();
  }

  private tick(): void {
    if (this.output.isTTY) {
      this.redraw();
      return;
    }
    for (const step of this.running) {
      this.output.write(`${indent(step.depth)}${describe(step)}\n`);
    }
  }

  /** On a terminal: the innermost of the running steps, cut to the terminal's width. */
  private redraw(): void {
    const step = this.running.at(-1);
    if (!this.output.isTTY || step === undefined) {
      return;
    }
    const others = this.running.filter((other) => other.depth === step.depth).length - 1;
    const line = others > 0 ? `${describe(step)} (and ${others} more)` : describe(step);
    this.output.write(`${eraseLine}${line.slice(0, (this.output.columns ?? 80) - 1)}`);
  }
}

/** Seconds as a reader takes them in: "0.4 s", "12 s", "7 min 05 s". */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

function describe(step: Step): string {
  const detail = step.detail === "" ? "" : `: ${step.detail}`;
  return `${step.title}${detail}, ${formatSeconds(secondsOf(step))}${expectation(step)}`;
}

function expectation(step: Step): string {
  return step.typicalSeconds === undefined ? "" : ` (usually ${formatSeconds(step.typicalSeconds)})`;
}

function secondsOf(step: Step): number {
  return (Date.now() - step.startedAt) / 1000;
}

function indent(depth: number): string {
  return "  ".repeat(depth);
}
