import * as fs from "node:fs";
import * as path from "node:path";
import { findProject, stacksIn } from "../../../cli/project";
import { readStackFile } from "../../../cli/stack-file";
import { parseConfig, StackConfig } from "../../../model";
import { now } from "../../unit/model/config/sound-config";

/** Every stack that has a file, with its configuration on the day that tests take for today. */
export function allStacks(): { stack: string; config: StackConfig }[] {
  const { stacksFolder } = findProject(__dirname)!;
  return stacksIn(stacksFolder).map((stack) => {
    const { raw, encrypted } = readStackFile(stack, stacksFolder);
    return { stack, config: parseConfig(raw, { now, encrypted }) };
  });
}

/** Lets no rule of a checkout expire, for programs that ask the clock themselves. */
export function lastForever(checkout: string): void {
  const folder = path.join(checkout, "stacks");
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace(/(?<=expires: *)[\d-]+/g, "9999-12-31"));
  }
}
