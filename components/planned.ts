import { ArgumentError, ArgumentProblem, Manifest } from "../model";
import { tooLarge } from "../model/plan/size";
import { Given, unknownArguments } from "./known-arguments";

/** How what a planner says about its arguments is said in a component's own words. */
export interface Words {
  /** Arguments of the component by those that the planner has for them, where they differ. @default {} */
  names?: Record<string, string>;
  /** Arguments that are components themselves, or configuration; a program in JavaScript may leave them out. @default {} */
  parts?: Record<string, Part>;
  /** What the component was given: an argument that it does not have is refused. */
  of: Given;
}

/** The arguments; of a program in JavaScript that gives none at all, none. */
export function given<T extends object>(args: T): T {
  return args ?? ({} as T);
}

/** A list with more items; what is no list is left for the planner to refuse. */
export function withMore<T>(list: T[], more: readonly T[] = []): T[] {
  return Array.isArray(list) ? [...list, ...more] : list;
}

interface Part {
  /** `an EgressGateway`. */
  what: string;
  given: unknown;
  /** A property that nothing else has. */
  by: string;
}

/** Refused arguments: the engine prints the message as it is, as it does for a RunError, and shows nobody a stack trace. */
export class RefusedArguments extends ArgumentError {
  /** The SDK tells a RunError by it, of whatever copy of the SDK. */
  readonly __pulumiRunError = true;
}

/**
 * What a planner makes of a component's arguments; what is wrong with them is said in the component's own words.
 *
 * @param component its type and name: `EgressDestination "stripe"`
 * @throws ArgumentError with every problem there is
 */
export function planned<T>(component: string, { names = {}, parts = {}, of }: Words, plan: () => T): T {
  const unknown = unknownArguments(of);
  const missing = Object.entries(parts).flatMap(([argument, part]) => partProblem(argument, part));
  const { result, problems } = attempt(plan, missing.length + unknown.length > 0);
  const own = problems.map(({ argument, problem }) => {
    const [, name = "", place = ""] = /^(\w+)(.*)$/s.exec(argument) ?? [];
    // What a planner is given in one argument may be several of the component's.
    return { argument: `${names[name] ?? name}${place}`.replace(/^\./, ""), problem };
  });
  // What a planner misses in a part that is not there has been said.
  const others = own.filter(({ argument }) => !missing.some((part) => part.argument === rootOf(argument)));
  const all = [...missing, ...unknown, ...others];
  if (result === undefined || all.length > 0) {
    throw new RefusedArguments(component, all);
  }
  const sizes = tooLarge(manifestsIn(result.value));
  if (sizes.length > 0) {
    throw new RefusedArguments(
      component,
      sizes.map(({ manifest: { kind, metadata }, problem }) => ({ argument: `${kind} ${metadata.name}`, problem })),
    );
  }
  return result.value;
}

/** The objects among what was planned: what is too large for an API server is refused before anything is applied. */
function manifestsIn(value: unknown): Manifest[] {
  return Array.isArray(value) ? value.filter((each): each is Manifest => isThing(each) && "apiVersion" in each) : [];
}

function attempt<T>(plan: () => T, mayFail: boolean): { result?: { value: T }; problems: readonly ArgumentProblem[] } {
  try {
    return { result: { value: plan() }, problems: [] };
  } catch (error) {
    if (error instanceof ArgumentError) {
      return { problems: error.problems };
    }
    if (mayFail) {
      return { problems: [] };
    }
    throw error;
  }
}

function rootOf(argument: string): string {
  return /^\w*/.exec(argument)![0];
}

function partProblem(argument: string, { what, given, by }: Part): ArgumentProblem[] {
  if (isThing(given) && by in given) {
    return [];
  }
  const found = given === undefined || given === null ? "missing" : isThing(given) ? "something else" : typeof given;
  return [{ argument, problem: `Not ${what}, but ${found === typeof given ? `a ${found}` : found}` }];
}

function isThing(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
