import { Fields, isObject } from "../objects";
import { sortedBy } from "../order";
import { chartKeys, guardedVariables, ValueRule, valueRules } from "./rules";

/** A value of the istiod chart that would open the mesh. */
export interface MeshValueProblem {
  path: string[];
  value?: unknown;
  problem: string;
  allowed?: string;
  fix: string;
}

/** Which part of the values: all of them, or those below `pilot`, which the chart copies over the others. */
type Root = [] | ["pilot"];

/**
 * All that the values of the istiod chart have against the guard, each place once. It is the result that is looked at,
 * ours and others' merged: what is taken away by a key with nothing behind it is found as well as what is put there.
 *
 * @param values those that Helm would be given
 * @param discovered names of others' namespaces that istiod looks at, too
 */
export function meshValueProblems(values: Fields, discovered: readonly string[] = []): MeshValueProblem[] {
  const rules = [...valueRules, ...Object.entries(guardedVariables).map(variableRule)];
  const problems = [
    ...chartKeys.flatMap((key) => (key in values ? [reserved(key, values[key])] : [])),
    ...([[], ["pilot"]] as Root[]).flatMap((root) =>
      rules.flatMap((rule) => ruleProblems(values, { root, rule, discovered })),
    ),
  ];
  const first = new Map(problems.map((problem) => [problem.path.join("\n"), problem] as const).reverse());
  return sortedBy(first.values(), ({ path }) => path.join("\n"));
}

function reserved(key: string, value: unknown): MeshValueProblem {
  return {
    path: [key],
    value,
    problem: "Istio's charts keep this key for themselves, and would take what is below it for defaults",
    fix: "remove it, and write what is below it without it",
  };
}

function variableRule([name, { takes, needed, why }]: [string, (typeof guardedVariables)[string]]): ValueRule {
  return {
    path: ["env", name],
    takes: (value) => takes.includes(String(value)),
    ...(takes.length === 0 ? {} : { allowed: takes.map((value) => (value === "" ? '""' : value)).join(", ") }),
    needed,
    why,
  };
}

interface Question {
  root: Root;
  rule: ValueRule;
  discovered: readonly string[];
}

function ruleProblems(values: Fields, { root, rule, discovered }: Question): MeshValueProblem[] {
  const isNeeded = rule.needed === true && root.length === 0;
  const path: string[] = [...root];
  let at: unknown = root.length === 0 ? values : values.pilot;
  // Without anything below `pilot` there is nothing to copy.
  if (root.length > 0 && (at === undefined || at === null)) {
    return [];
  }
  for (const segment of rule.path) {
    if (!isObject(at)) {
      return at === undefined && !isNeeded ? [] : [erased(path, at)];
    }
    const other = path.includes("meshConfig") ? otherSpelling(at, segment) : undefined;
    if (other !== undefined) {
      return [respelled([...path, other], at[other], segment)];
    }
    path.push(segment);
    at = at[segment];
  }
  if (at === undefined ? !isNeeded : rule.takes(at, discovered)) {
    return [];
  }
  const { why: problem, allowed } = rule;
  return [
    {
      path,
      ...(at === undefined ? {} : { value: at }),
      problem,
      ...(allowed === undefined ? {} : { allowed }),
      fix: "remove it",
    },
  ];
}

/** Whatever is no set of keys, a key with nothing behind it too, takes the place of all that the guard has below it. */
function erased(path: string[], value: unknown): MeshValueProblem {
  return {
    path,
    ...(value === undefined ? {} : { value }),
    problem: "It takes the place of all that is said below this key, and the guard rests on that",
    allowed: "a set of keys and values",
    fix: "remove it",
  };
}

/** Istio reads its mesh configuration with either spelling, and refuses, or leaves out, what it finds twice. */
function respelled(path: string[], value: unknown, meant: string): MeshValueProblem {
  return {
    path,
    value,
    problem: `Istio takes this for ${meant}, which it would find twice`,
    fix: `write it as "${meant}"`,
  };
}

function otherSpelling(at: Fields, key: string): string | undefined {
  return Object.keys(at).find((other) => other !== key && camelCase(other) === key);
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
