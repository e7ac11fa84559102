import * as fs from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** A recording that cannot be read; the message says which and why, in one sentence. */
export class RecordingError extends Error {}

/** Characters of a line that are kept; no call is as long. */
const longestLine = 4 * 1024 * 1024;

/**
 * Calls with each line of a recording, and holds no more of it than one line.
 *
 * @param from a file, which may be compressed by gzip; `-` for standard input
 * @param onLine called with a line, without its end; with undefined for one that is too long to be held
 * @throws RecordingError
 */
export async function eachLine(from: string, onLine: (line: string | undefined) => void): Promise<void> {
  const source = from === "-" ? process.stdin : fs.createReadStream(from, { highWaterMark: 1 << 18 });
  const compressed = from.endsWith(".gz");
  const stream: Readable = compressed ? source.pipe(createGunzip()) : source;
  source.on("error", (error: Error) => stream !== source && stream.destroy(error));
  stream.setEncoding("utf8");
  let rest = "";
  let skipping = false;
  try {
    for await (const chunk of stream as AsyncIterable<string>) {
      let begin = 0;
      for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", begin)) {
        onLine(skipping ? undefined : rest === "" ? chunk.slice(begin, end) : rest + chunk.slice(begin, end));
        [rest, skipping, begin] = ["", false, end + 1];
      }
      rest = skipping ? "" : rest + chunk.slice(begin);
      if (rest.length > longestLine) {
        [rest, skipping] = ["", true];
      }
    }
  } catch (error) {
    throw unreadable(from, error);
  }
  if (skipping || rest !== "") {
    onLine(skipping ? undefined : rest);
  }
}

/** What is thrown for a recording that cannot be read, for the reason that the system gives. */
export function unreadable(file: string, error: unknown): RecordingError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new RecordingError(`${file} cannot be read: ${reasons[code ?? ""] ?? message}.`);
}

const reasons: Record<string, string | undefined> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "there is no permission",
  Z_DATA_ERROR: "it is called .gz and is not compressed by gzip",
  Z_BUF_ERROR: "its compressed data are cut off",
};
