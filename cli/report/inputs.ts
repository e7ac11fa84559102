import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { parseStackFile } from "../../model/config/file/stack";
import { Evidence } from "../../model/report";
import { git } from "../diff/revision";
import { findProject, stackFilePath } from "../project";
import { shown } from "../shown";
import { unreadable } from "../traffic/lines";

export function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A recording's hash, read in pieces. @throws RecordingError */
export async function sha256OfRecording(file: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(fs.createReadStream(file), hash);
  } catch (error) {
    throw unreadable(file, error);
  }
  return hash.digest("hex");
}

/** The files that a stack's configuration is made of: its own, the base that it extends, and its project's. */
export function stackFiles(stack: string, folder: string): string[] {
  const own = stackFilePath(stack, folder);
  const project = findProject(folder);
  const base = parseStackFile(fs.readFileSync(own, "utf8"), shown(own), project).raw.extends;
  const bases = typeof base === "string" && base !== "" ? [path.join(folder, `${base}.yaml`)] : [];
  return [own, ...bases, ...(project === undefined ? [] : [project.file])];
}

export function hashedFiles(files: readonly string[]): Evidence["inputs"] {
  return files.map((file) => ({ name: shown(file), sha256: sha256(fs.readFileSync(file)) }));
}

/** What is checked out, and which of the files differ from that; null outside of a repository, or without git. */
export function sourceOf(files: readonly string[], folder: string): Evidence["source"] {
  try {
    const commit = git(folder, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]).trim();
    const status = ["status", "--porcelain", "-z", "--untracked-files=all", "--ignored", "--"];
    const said = git(folder, [...status, ...inRepository(files, folder)]);
    const changed = said.split("\0").filter((line) => line !== "");
    return { commit, changed: changed.map((line) => line.slice(3)) };
  } catch {
    return null;
  }
}

/** Those of the files that are in the repository of a folder. */
export function inRepository(files: readonly string[], folder: string): string[] {
  const top = git(folder, ["rev-parse", "--show-toplevel"]).trimEnd();
  return files.map((file) => fs.realpathSync(file)).filter((file) => !path.relative(top, file).startsWith(".."));
}

export function sha256OfFile(file: string): string {
  return sha256(fs.readFileSync(file));
}
