import * as fs from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** A recording that cannot be read; the message says which and why, in one sentence. */
export class RecordingError extends Error {}

/** Characters of a line that are kept: a call takes a thousand, an answer of Loki's API has 5,000 of them. */
const longestLine = 16 * 1024 * 1024;

/** Takes a line, without its end, or an object's text; undefined for one that is too long to be held. */
type OnLine = (line: string | undefined) => void;

/**
 * Calls with each line of a recording, or, where that is an array of JSON or has an object over several lines, with each
 * outermost object; and holds no more of it than one.
 *
 * @param from a file, which may be compressed by gzip; `-` for standard input
 * @throws RecordingError
 */
export async function eachLine(from: string, onLine: OnLine): Promise<void> {
  const source = from === "-" ? process.stdin : fs.createReadStream(from, { highWaterMark: 1 << 18 });
  try {
    const stream = await decompressed(source, from.endsWith(".gz"));
    stream.setEncoding("utf8");
    let reader: LineReader | ObjectReader | undefined;
    let head = "";
    for await (const chunk of stream as AsyncIterable<string>) {
      if (reader !== undefined) {
        reader.take(chunk);
        continue;
      }
      head += chunk;
      if (head.trim().length >= decisive) {
        reader = readerOf(head, onLine);
        reader.take(head);
      }
    }
    if (reader === undefined) {
      reader = readerOf(head, onLine);
      reader.take(head);
    }
    reader.end();
  } catch (error) {
    throw unreadable(from === "-" ? "Standard input" : from, error);
  }
}

/** How many characters tell an array or a spread object from lines: a bracket and what is behind it. */
const decisive = 2;

function readerOf(head: string, onLine: OnLine): LineReader | ObjectReader {
  return /^[\s\uFEFF]*(\[\s*(\{|$)|\[[^\S\n]*\r?\n|\{[^\S\n]*(\r?\n|$))/.test(head)
    ? new ObjectReader(onLine)
    : new LineReader(onLine);
}

/** What gzip has made is known by its first bytes, whatever it is called. */
async function decompressed(source: Readable, isSaid: boolean): Promise<Readable> {
  const head = await new Promise<Buffer | null>((resolve, reject) => {
    source.once("error", reject);
    source.once("end", () => resolve(null));
    source.once("readable", () => resolve(source.read() as Buffer | null));
  });
  if (head !== null) {
    source.unshift(head);
  }
  if (!isSaid && !(head?.[0] === 0x1f && head[1] === 0x8b)) {
    return source;
  }
  const stream = createGunzip();
  source.on("error", (error: Error) => stream.destroy(error));
  return source.pipe(stream);
}

class LineReader {
  private rest = "";
  private skipping = false;

  constructor(private readonly onLine: OnLine) {}

  take(chunk: string): void {
    let begin = 0;
    for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", begin)) {
      const line = chunk.slice(begin, end);
      this.onLine(this.skipping ? undefined : this.rest === "" ? line : this.rest + line);
      [this.rest, this.skipping, begin] = ["", false, end + 1];
    }
    this.rest = this.skipping ? "" : this.rest + chunk.slice(begin);
    if (this.rest.length > longestLine) {
      [this.rest, this.skipping] = ["", true];
    }
  }

  end(): void {
    if (this.skipping || this.rest !== "") {
      this.onLine(this.skipping ? undefined : this.rest);
    }
  }
}

/** Finds objects by their braces, outside of texts; what is between them is passed over. */
class ObjectReader {
  private rest = "";
  private skipping = false;
  private depth = 0;
  private isText = false;
  private isEscaped = false;

  constructor(private readonly onLine: OnLine) {}

  take(chunk: string): void {
    let begin = 0;
    for (let at = 0; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if (this.isText) {
        this.isText = this.isEscaped || code !== quote;
        this.isEscaped = !this.isEscaped && code === backslash;
      } else if (code === quote) {
        this.isText = true;
      } else if (code === opening) {
        begin = this.depth === 0 ? at : begin;
        this.depth++;
      } else if (code === closing && this.depth > 0 && --this.depth === 0) {
        this.hold(chunk.slice(begin, at + 1));
        this.onLine(this.skipping ? undefined : this.rest);
        [this.rest, this.skipping] = ["", false];
      }
    }
    if (this.depth > 0) {
      this.hold(chunk.slice(begin));
    }
  }

  /** An object that has no end is cut off. */
  end(): void {
    if (this.depth > 0) {
      this.onLine(this.skipping ? undefined : this.rest);
    }
  }

  private hold(text: string): void {
    this.skipping ||= this.rest.length + text.length > longestLine;
    this.rest = this.skipping ? "" : this.rest + text;
  }
}

const [quote, backslash, opening, closing] = ['"', "\\", "{", "}"].map((character) => character.charCodeAt(0));

/** What is thrown for a recording that cannot be read, for the reason that the system gives. */
export function unreadable(file: string, error: unknown): RecordingError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new RecordingError(`${file} cannot be read: ${reasons[code ?? ""] ?? message}.`);
}

const reasons: Record<string, string | undefined> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "there is no permission",
  Z_DATA_ERROR: "its compressed data are damaged, or it is called .gz and is not compressed by gzip",
  Z_BUF_ERROR: "its compressed data are cut off",
};
