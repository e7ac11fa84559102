import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { findProject, isConfigFile } from "../project";
import { shownAs } from "../shown";

/** A revision that git cannot give; the message says why, in one sentence. */
export class RevisionError extends Error {}

/**
 * Calls `use` with a folder that holds what `folder` held at a revision of the repository it lies in, and removes it.
 * Only the YAML and JSON files right in the folder: stacks' files, and what they share; and the file of the project that
 * it lies in. A folder that was not there is empty.
 *
 * @throws RevisionError
 */
export function atRevision<T>(revision: string, folder: string, use: (folder: string) => T): T {
  const commit = resolveCommit(revision, folder);
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "egress-diff-"));
  try {
    const project = findProject(folder);
    const top = project?.folder ?? folder;
    const copy = path.join(temporary, path.relative(top, folder));
    copyFiles(commit, folder, copy);
    if (project !== undefined && copy !== temporary) {
      copyFiles(commit, project.folder, temporary, path.basename(project.file));
    }
    // As git calls a file of a revision.
    const name = `${revision}:${git(top, ["rev-parse", "--show-prefix"]).trim()}`;
    return shownAs(temporary, name, () => use(copy));
  } finally {
    fs.rmSync(temporary, { recursive: true });
  }
}

/** Writes the configuration files that a folder held at a commit, or the one of them that is named, into another. */
function copyFiles(commit: string, from: string, to: string, only?: string): void {
  fs.mkdirSync(to, { recursive: true });
  for (const name of git(from, ["ls-tree", "-z", "--name-only", commit]).split("\0")) {
    if (isConfigFile(name) && name === (only ?? name)) {
      fs.writeFileSync(path.join(to, name), git(from, ["show", `${commit}:./${name}`]));
    }
  }
}

/** The full hash of a revision. @throws RevisionError */
export function resolveCommit(revision: string, folder: string): string {
  if (!fs.existsSync(folder)) {
    throw new RevisionError(`There is no folder ${folder}, so no repository to look "${revision}" up in.`);
  }
  try {
    return git(folder, ["rev-parse", "--verify", "--quiet", `${revision}^{commit}`]).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new RevisionError(`git is not on PATH, and the revision "${revision}" is its.`);
    }
    const said = String((error as { stderr?: unknown }).stderr ?? "").trim();
    throw new RevisionError(
      said === ""
        ? `There is no revision "${revision}" in the repository of ${folder}.`
        : `The revision "${revision}" cannot be looked up: git says "${said}".`,
    );
  }
}

/** What git prints, in a folder. */
export function git(folder: string, args: string[]): string {
  // Node's own limit is 1 MiB, and a stack's file, or a lock file beside it, may have more.
  return execFileSync("git", ["-C", folder, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: Infinity,
  });
}
