import * as pulumi from "@pulumi/pulumi";
import type { ArgumentProblem } from "../model";
import { unknownKey } from "../model/config/shape";
import { isObject } from "../model/ground/objects";
import { problemText } from "../model/plan/check";

/** Every argument of a component's type, by name: the compiler misses one that is left out, and refuses one that is not there. */
export type Every<T> = { [name in keyof T]-?: true };

/** What a component was given, and all that it takes. */
export interface Given {
  args: object;
  known: Readonly<Record<string, true>>;
  /** Arguments that belong elsewhere, whatever is behind them, and what to say of each. @default none */
  misplaced?: Readonly<Record<string, string>>;
}

/** What belongs into the options of a resource: a program may have it among the arguments. */
const options: readonly string[] = [
  "aliases",
  "customTimeouts",
  "deletedWith",
  "dependsOn",
  "ignoreChanges",
  "parent",
  "protect",
  "provider",
  "providers",
  "replaceOnChanges",
  "retainOnDelete",
  "transformations",
  "transforms",
] satisfies (keyof pulumi.ComponentResourceOptions | keyof pulumi.CustomResourceOptions)[];

/**
 * Arguments that a component does not have, as `host` for `hosts`: what they were to limit, or to grant, would not hold. The
 * compiler finds most of them; it looks at no program in JavaScript, and not at what is spread into an object. A name with
 * `undefined` behind it says nothing.
 */
export function unknownArguments({ args, known, misplaced = {} }: Given): ArgumentProblem[] {
  if (!isObject(args) || pulumi.Output.isInstance(args)) {
    return [];
  }
  return Object.keys(args).flatMap((name): ArgumentProblem[] => {
    if (Object.hasOwn(misplaced, name)) {
      return [{ argument: name, problem: misplaced[name]! }];
    }
    return args[name] === undefined || Object.hasOwn(known, name)
      ? []
      : [{ argument: name, problem: unknownProblem(name, Object.keys(known)) }];
  });
}

function unknownProblem(name: string, known: readonly string[]): string {
  if (options.includes(name)) {
    return "It is an option of resources, and no argument; fix: put it into the third argument of the constructor";
  }
  const { allowed, fix } = unknownKey(name, known);
  return problemText({ problem: "Unknown argument", allowed, fix });
}
