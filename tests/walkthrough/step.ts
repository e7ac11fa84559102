import { Kind } from "./kinds";

/** A command of a walkthrough, and what the document says of it. */
export interface Step {
  /** Line of the document that the command begins in, counted from 1. */
  line: number;
  /** Without prompts; several lines where the document has several. */
  command: string;
  /** The output that the document shows, line by line. @default it shows none, and any is right */
  expected?: string[];
  /** Lines of the document that hold the output, counted from 0; `to` is the first line behind it. */
  place: { from: number; to: number };
  /** What the document's lines begin with there, in a list or a quotation. */
  indent: string;
  /** The exit code that the command has to have. */
  exit: number;
  /** Kinds of values that vary in its output. */
  varying: Kind[];
  /** Seconds in which the command has to end. */
  limit: number;
  /** Seconds in which the command may be begun again until all is as shown. @default it has to be so at once */
  within?: number;
}

/** Something in a document that cannot be read. */
export interface Problem {
  /** Counted from 1. */
  line: number;
  text: string;
}

/** Everything that is wrong with a document, each with its place. */
export class WalkthroughError extends Error {
  override readonly name = "WalkthroughError";

  constructor(document: string, problems: Problem[]) {
    super(problems.map(({ line, text }) => `${document}:${line}: ${text}`).join("\n"));
  }
}
