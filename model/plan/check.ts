import { addressesProblem } from "../config/addresses";
import { withoutCredentials } from "../config/credentials";
import { checkHost } from "../config/host";
import { checkLabel, checkLabelName, NameProblem } from "../config/kubernetes-names";
import { addressesText } from "../ground/addresses";
import { asRange, parseCidr } from "../ground/cidr";
import { MeshTraits } from "../ground/mesh-traits";
import { isWildcard } from "../ground/hosts";
import { serviceOfHost } from "../ground/names";
import { isObject } from "../ground/objects";
import { projectPrefix } from "../config/problem";
import { unknownKey } from "../config/shape";

/** One thing that is wrong with what a planner, or a component, was given. */
export interface ArgumentProblem {
  /** Which argument: `hosts[1]`. */
  argument: string;
  /** As a sentence without a full stop. It has the value only where that is a name. */
  problem: string;
}

/** Everything that is wrong with what a planner, or a component, was given. Nothing is planned then. */
export class ArgumentError extends Error {
  override readonly name = "ArgumentError";

  /** @param of what was to be made: `EgressDestination "stripe"` */
  constructor(
    readonly of: string,
    readonly problems: readonly ArgumentProblem[],
  ) {
    const count = problems.length === 1 ? "1 argument" : `${problems.length} arguments`;
    const lines = problems.map(
      ({ argument, problem }) => `  ${argument}: ${problem}${problem.endsWith("?") ? "" : "."}`,
    );
    super(`${of} cannot be made of ${count} that ${problems.length === 1 ? "is" : "are"} wrong.\n${lines.join("\n")}`);
  }
}

/** What a check finds wrong with a value; `undefined` for nothing. Several problems say where in the value they are. */
export type Check = (value: unknown) => string | ArgumentProblem[] | undefined;

/** What is wrong with arguments of which each by itself is of the right type, unless a check has found otherwise. */
export type Sense<T> = (args: T) => ArgumentProblem[];

/** @throws ArgumentError with every problem there is, not just the first */
export function requireArguments<T extends object>(
  of: string,
  args: T,
  checks: Record<string, Check>,
  sense: Sense<T> = () => [],
): void {
  const stumbled: unknown[] = [];
  const found = Object.entries(checks).map(([argument, check]) => {
    try {
      return [argument, located(argument, check((args as Record<string, unknown>)[argument]))] as const;
    } catch (error) {
      // A check that looks at other arguments, too, may take one of them for what it is not: that one is reported.
      stumbled.push(error);
      return [argument, []] as const;
    }
  });
  const problems = found.flatMap(([, each]) => each);
  if (problems.length === 0 && stumbled.length > 0) {
    throw stumbled[0];
  }
  const sound = Object.fromEntries(
    Object.entries(args).filter(([argument]) => !found.some(([name, each]) => name === argument && each.length > 0)),
  );
  problems.push(...sense(sound as T));
  if (problems.length > 0) {
    throw new ArgumentError(of, problems);
  }
}

function located(argument: string, found: ReturnType<Check>): ArgumentProblem[] {
  if (found === undefined) {
    return [];
  }
  return typeof found === "string"
    ? [{ argument, problem: found }]
    : found.map((each) => ({ ...each, argument: `${argument}${each.argument}` }));
}

export function optional(check: Check): Check {
  return (value) => (value === undefined ? undefined : check(value));
}

/** A text of which a check of the configuration's finds nothing wrong. */
export function text(...checks: ((value: string) => NameProblem | undefined)[]): Check {
  return (value) => {
    if (typeof value !== "string" || value === "") {
      return value === "" ? "Must not be empty" : `Not a text, but ${kindOf(value)}`;
    }
    const found = checks.map((check) => check(value)).find((problem) => problem !== undefined);
    return found === undefined ? undefined : withoutCredentials(`${JSON.stringify(value)}: ${problemText(found)}`);
  };
}

/** A list of sound items, each of them `once` where two would be planned under one name. */
export function listOf(check: Check, { atLeast = 0, once = false } = {}): Check {
  return (value) => {
    if (!Array.isArray(value)) {
      return `Not a list, but ${kindOf(value)}`;
    }
    if (value.length < atLeast) {
      return "Must not be empty: what is for nobody in particular would be for everybody, or refused by the cluster";
    }
    const items = Array.from(value, (item: unknown, index) => ({ item, index }));
    const problems = items.flatMap(({ item, index }) => located(`[${index}]`, check(item)));
    const first = new Map(items.map(({ item, index }) => [item, index] as const).reverse());
    const twice = once ? items.filter(({ item, index }) => first.get(item)! < index) : [];
    return [
      ...problems,
      ...twice.map(({ item, index }) => ({ argument: `[${index}]`, problem: `${String(item)} stands there already` })),
    ];
  };
}

/** A set of keys and values with sound values; what stands under no key of `checks` is not looked at. */
export function setOf(checks: Record<string, Check>): Check {
  return (value) =>
    isSet(value)
      ? Object.entries(checks).flatMap(([key, check]) => located(`.${key}`, check(value[key])))
      : `Not a set of keys and values, but ${kindOf(value)}`;
}

/** What two checks find, the second in what is sound by the first. */
export function both(one: Check, other: Check): Check {
  return (value) => {
    const found = one(value);
    return found === undefined || found.length === 0 ? other(value) : found;
  };
}

/**
 * The same where nothing else may stand: a key that nobody knows, as `path` for `paths`, would be taken for a limit, and
 * nothing would hold to it.
 */
export function onlyOf(checks: Record<string, Check>): Check {
  const known = Object.keys(checks);
  return (value) => {
    const found = setOf(checks)(value);
    const unknown = isObject(value)
      ? Object.keys(value).filter((key) => value[key] !== undefined && !known.includes(key))
      : [];
    return unknown.length === 0
      ? found
      : [
          ...(typeof found === "string" ? [{ argument: "", problem: found }] : (found ?? [])),
          ...unknown.map((key) => {
            const { problem, allowed, fix } = unknownKey(key, known);
            return { argument: `.${key}`, problem: problemText({ problem, allowed, fix }) };
          }),
        ];
  };
}

/** What is wrong, what could stand there, and what to do about it. */
export function problemText({ problem, allowed, fix }: { problem: string; allowed?: string; fix?: string }): string {
  // A program has no configuration to write something into.
  const own = fix?.includes(projectPrefix) === true ? undefined : fix;
  return [
    problem,
    ...(allowed === undefined ? [] : [`allowed: ${allowed}`]),
    ...(own === undefined ? [] : [`fix: ${own}`]),
  ].join("; ");
}

export function oneOf(...values: readonly unknown[]): Check {
  return (value) => (values.includes(value) ? undefined : `Not one of ${values.map(String).join(", ")}`);
}

export function wholeNumber(least: number, most: number): Check {
  return (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : `Not a whole number from ${least} to ${most}`;
}

export const port = wholeNumber(1, 65535);

/** A name of the kind that Kubernetes calls a label: a namespace's, and our own. */
export const label = text(checkLabelName);

/** What stands behind a label, and behind a taint. */
export const labelValue = text((written) => checkLabel("x", written));

/** Labels of objects, or of pods that are to be selected. */
export function labels({ atLeast = 0, taken = [] as readonly string[] } = {}): Check {
  return (value) => {
    if (!isSet(value)) {
      return `Not a set of labels, but ${kindOf(value)}`;
    }
    if (Object.keys(value).length < atLeast) {
      return "Must not be empty: without a label it would be every pod of the namespace";
    }
    return Object.entries(value).flatMap(([key, each]) => {
      const found = taken.includes(key)
        ? "The label is set here already"
        : text((written) => checkLabel(key, written))(each === "" ? "x" : each);
      return located(`.${key}`, found);
    });
  };
}

/** A host as it stands in policies: a name in lower case, or a wildcard over a domain that is somebody's own. */
export const host = text((written) => {
  const check = checkHost(written);
  if ("problem" in check) {
    const { problem, name, advice } = check;
    const fix = name === undefined ? advice : `write "${name}"`;
    return { problem, ...(fix === undefined ? {} : { fix }) };
  }
  return check.host === written ? undefined : { problem: `Write it in lower case, as ${check.host}` };
});

export const exactHost: Check = (value) =>
  host(value) ??
  (isWildcard(value as string) ? `${value as string}: A wildcard, where whole names are needed` : undefined);

export const wildcard: Check = (value) =>
  host(value) ?? (isWildcard(value as string) ? undefined : `${value as string}: Not a wildcard, as *.cnn.com`);

/** A name that a sidecar may know: a host's, or that of a service beside the mesh. */
export const knownHost: Check = (value) =>
  typeof value === "string" && serviceOfHost(value) !== undefined ? undefined : host(value);

export const address = text((written) => (isRange(`${written}/32`) ? undefined : { problem: "Not an IPv4 address" }));

export const addressOrRange = text((written) =>
  isRange(asRange(written)) ? undefined : { problem: "Not an IPv4 address, nor a range of them" },
);

/** What is called without a name: an address, or a range of them, spelled in one way. */
export const nameless = text(
  (written) => addressesProblem(written),
  (written) => (written === addressesText(written) ? undefined : { problem: `Write it as ${addressesText(written)}` }),
);

function isRange(written: string): boolean {
  return parseCidr(written) !== undefined;
}

/** What policies name: a `*` in it would be any. */
const trustDomain = text((written) =>
  /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(written) ? undefined : { problem: "Not a trust domain" },
);

const traits: Record<keyof MeshTraits, Check> = {
  trustDomain: optional(trustDomain),
  revision: optional(label),
  foreign: optional(oneOf(true, false)),
  envoyFilters: optional(oneOf(true, false)),
  managed: optional(onlyOf({ range: addressOrRange })),
  controlPlane: optional(onlyOf({ namespace: optional(label), ranges: optional(listOf(addressOrRange)) })),
};

export const mesh = optional(onlyOf(traits));

/** Whether a value has named fields of its own: an Output, a promise or a date has none that would be meant. */
function isSet(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !isLater(value) && !(value instanceof Date);
}

/** What is known later: a promise, or an Output of Pulumi's, of whatever copy of its SDK. */
function isLater(value: unknown): boolean {
  return value instanceof Promise || (isObject(value) && value.__pulumiOutput === true);
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) {
    return "missing";
  }
  if (isLater(value)) {
    return "a value that is known later, where it is needed from the start";
  }
  return Array.isArray(value) ? "a list" : isObject(value) ? "an object" : `a ${typeof value}`;
}
