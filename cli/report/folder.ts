import * as fs from "node:fs";
import * as path from "node:path";
import { makeFolder, writeWhole, writing } from "../out";
import { matrixFile } from "./matrix";

/** Files of a report, by what they are. */
export const files = {
  page: "report.html",
  json: "report.json",
  pdf: "report.pdf",
  picture: "picture.svg",
  matrix: matrixFile,
  sums: "SHA256SUMS",
} as const;

/** A place that no report is written to; the message says why. */
export class NoFolderError extends Error {}

/**
 * Sees to it that a folder is there and holds nothing, or nothing but an earlier report.
 *
 * @throws NoFolderError before anything is changed; UnwritableError
 */
export function requireFolder(folder: string): void {
  const found = writing(folder, () => fs.statSync(folder, { throwIfNoEntry: false }));
  if (found !== undefined && !found.isDirectory()) {
    throw new NoFolderError(`${folder} is a file, and a report is several: give a folder, new or empty.`);
  }
  const known: readonly string[] = Object.values(files);
  const held = found === undefined ? [] : writing(folder, () => fs.readdirSync(folder, { withFileTypes: true }));
  const strange = held.find((entry) => !entry.isFile() || !known.includes(entry.name));
  const isReport = () => {
    const json = path.join(folder, files.json);
    return fs.existsSync(json) && fs.readFileSync(json, "utf8").startsWith(jsonBeginning);
  };
  if (strange !== undefined || (held.length > 0 && !isReport())) {
    throw new NoFolderError(
      `${path.join(folder, (strange ?? held[0]!).name)} is no report: give a new or an empty folder, or one that holds ` +
        "nothing but an earlier report.",
    );
  }
  writing(folder, () => {
    makeFolder(folder);
    fs.accessSync(folder, fs.constants.W_OK);
  });
}

/** What tells a report's JSON from any other. */
export const jsonBeginning = '{\n  "format": "istio-egress-report/';

/**
 * Writes files of a report, each whole. What an earlier report left is removed first, its list of hashes before all: a
 * report without that list is not finished.
 *
 * @throws UnwritableError
 */
export function writeFiles(folder: string, contents: [name: string, content: string][]): void {
  writing(folder, () => {
    for (const name of [files.sums, files.pdf]) {
      fs.rmSync(path.join(folder, name), { force: true });
    }
  });
  contents.forEach(([name, content]) => writeWhole(path.join(folder, name), content));
}
