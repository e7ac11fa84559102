import { ConfigProblem, StackConfig } from "../model";
import { baseKey } from "../model/config/base";
import { expiryProblems } from "../model/config/expired";
import { variableProblems } from "../model/config/file/variable";
import { projectPrefix } from "../model/config/problem";
import { sizeProblems } from "../model/plan/size";
import { findProject } from "./project";
import { readProgramConfig } from "./stack-file";

/** A stack that has a file. */
export interface StackPlace {
  stack: string;
  /** Where its file and its base are. */
  folder: string;
  /** What the file says. @default what it says now */
  text?: string;
}

/** What keeps a configuration that holds together from being applied, or is to be mended before it is. */
export function applyErrors(config: StackConfig, place: StackPlace, now: Date): ConfigProblem[] {
  return [...handOverErrors(place), ...expiryProblems(config, now), ...sizeProblems(config)];
}

/** What keeps Pulumi from starting the stack's program; nothing where the file belongs to no project. */
export function handOverErrors({ stack, folder, text }: StackPlace): ConfigProblem[] {
  const project = findProject(folder);
  if (project === undefined) {
    return [];
  }
  const config = readProgramConfig(stack, folder, project, text);
  return variableProblems(config, config.values[`${projectPrefix}${baseKey}`]);
}
