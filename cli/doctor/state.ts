import * as fs from "node:fs";
import { Applied, appliedIn } from "../../model/doctor";

/** A state that cannot be used; the message says why, and what to do, in one sentence. */
export class StateError extends Error {}

/**
 * What a stack's program has applied, from its state.
 *
 * @param file what `pulumi stack export` printed; `-` for standard input
 * @throws StateError for what cannot be read or is no state, and for the state of another stack
 */
export function readState(file: string, stack: string): Applied {
  const name = file === "-" ? "standard input" : file;
  const again = `Give what \`pulumi stack export --stack ${stack}\` prints`;
  const state = parse(read(file, name), `${name} is no JSON. ${again}.`);
  const applied = appliedIn(state);
  if (applied === undefined) {
    throw new StateError(`${name} is no state of a Pulumi stack: it has no deployment.resources. ${again}.`);
  }
  if (applied.stack !== undefined && applied.stack !== stack) {
    throw new StateError(`${name} is the state of the stack "${applied.stack}", and not of "${stack}". ${again}.`);
  }
  return applied;
}

function read(file: string, name: string): string {
  try {
    return fs.readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new StateError(`${name} cannot be read: ${(error as Error).message.replace(/,? \w+ '.*'$/, "")}.`);
  }
}

function parse(text: string, problem: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StateError(problem);
  }
}
