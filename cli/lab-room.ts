import type { Command } from "commander";
import * as fs from "node:fs";
import * as path from "node:path";

/** What the commands use of the lab: lab/index.ts of this repository. */
export interface LabRoom {
  /** Adds `egress lab up`, `down`, `status` and `shell` to the command `egress lab`. */
  registerCommands: (lab: Command) => void;
  /** Whether a kubeconfig is the one that the lab writes. */
  isLabKubeconfig: (file: string) => boolean;
  /** The command that runs another in the lab's network, and its environment. @throws LabError when no lab is up */
  labCommand: (argv: string[]) => { argv: string[]; env: NodeJS.ProcessEnv };
  /** In words, which `kubernetes` plugin Pulumi has in the lab; undefined where none was put there yet. */
  pluginInUse: () => string | undefined;
  /** What is thrown for something that is wrong with the machine; its message is all that a reader needs. */
  LabError: new (message: string) => Error;
}

/** Beside the commands' sources. Compiled commands have none beside them. */
const entry = path.join(__dirname, "..", "lab", "index.ts");

/**
 * The lab, where the commands run in its repository. The package that others install is without it, and nothing but
 * `egress lab` needs it there.
 */
export function labRoom(): LabRoom | undefined {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would make the lab a part of the package
  return fs.existsSync(entry) ? (require(entry) as LabRoom) : undefined;
}
