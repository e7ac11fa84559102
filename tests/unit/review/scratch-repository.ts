import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

/** A git repository in a folder of its own. */
export interface ScratchRepository {
  folder: string;
  /** Writes files, by their path in the repository; null removes one. */
  write(files: Record<string, string | null>): void;
  /** Commits everything there is. */
  commit(message: string): void;
  remove(): void;
}

export function scratchRepository(): ScratchRepository {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-review-"));
  const git = (...args: string[]) => {
    // Nobody's own settings play a part: not their hooks, signatures or names.
    const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
    execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.com", ...args], { cwd: folder, env });
  };
  git("init", "--quiet", "--initial-branch=main");
  return {
    folder,
    write: (files) =>
      Object.entries(files).forEach(([name, text]) => {
        const file = path.join(folder, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        if (text === null) {
          fs.rmSync(file);
        } else {
          fs.writeFileSync(file, text);
        }
      }),
    commit: (message) => {
      git("add", "--all");
      git("commit", "--quiet", "--message", message);
    },
    remove: () => fs.rmSync(folder, { recursive: true }),
  };
}
