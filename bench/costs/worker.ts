import { ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import * as readline from "node:readline";
import { labCommand } from "../../lab/shell";

/** Longer than any answer takes on a machine that is busy. Milliseconds. */
const longest = 180_000;

/** A program that answers each line of JSON by a line of JSON, and so measures without the start of a process in it. */
export class Worker {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private stderr = "";

  /** @param argv run in the lab's network */
  constructor(argv: string[]) {
    const command = labCommand(argv);
    this.child = spawn(command.argv[0]!, command.argv.slice(1), { env: command.env });
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    // Whoever waits for its answer hears that it has ended.
    this.child.stdin.on("error", () => undefined);
    this.lines = readline.createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error where it has ended, or says nothing for too long */
  async ask<Answer>(command: object): Promise<Answer | { error: string }> {
    this.child.stdin.write(`${JSON.stringify(command)}\n`);
    const giveUp = setTimeout(() => this.child.kill(), longest);
    const next = await this.lines.next();
    clearTimeout(giveUp);
    if (next.done === true) {
      throw new Error(`${JSON.stringify(command)} was not answered: ${this.stderr.slice(-2000)}`);
    }
    return JSON.parse(next.value) as Answer | { error: string };
  }

  /** As `ask`. @throws Error where the answer is an error, too */
  async take<Answer extends object>(command: object): Promise<Answer> {
    const answer = await this.ask<Answer>(command);
    if ("error" in answer) {
      throw new Error(`${JSON.stringify(command)}: ${answer.error}`);
    }
    return answer;
  }

  end(): void {
    this.child.stdin.end();
  }
}
