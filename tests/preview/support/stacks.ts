import * as fs from "node:fs";
import { readStackFile, stacksFolder } from "../../../cli/stack-file";
import { parseConfig, StackConfig } from "../../../model";

/** Every stack that has a file, with its configuration. */
export function allStacks(): { stack: string; config: StackConfig }[] {
  const stacks = fs.readdirSync(stacksFolder).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  return stacks.sort().map((stack) => {
    const { raw, encrypted } = readStackFile(stack);
    return { stack, config: parseConfig(raw, { now: new Date(), encrypted }) };
  });
}
