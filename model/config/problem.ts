import { isObject } from "../ground/objects";
import { sortedBy } from "../ground/order";

/** One thing that is wrong with a stack's configuration, in the words that its author reads. */
export interface ConfigProblem {
  /** Where: `istio-egress:allow[2].to`. */
  path: string;
  /** The value that stands there; absent when nothing does. */
  value?: unknown;
  /** What is wrong, as a sentence without a full stop. */
  problem: string;
  /** What could stand there instead. */
  allowed?: string;
  /** What to do about it. */
  fix?: string;
}

/** Every problem of one configuration. The message is the whole report, the same wherever it is printed. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly problems: readonly ConfigProblem[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`The stack's configuration has ${count}.\n\n${problems.map(describeProblem).join("\n\n")}`);
  }
}

function describeProblem({ path, value, problem, allowed, fix }: ConfigProblem): string {
  return [
    value === undefined ? `  ${path}` : `  ${path}: ${describeValue(value)}`,
    `    ${sentence(problem)}`,
    ...(allowed === undefined ? [] : [`    Allowed: ${sentence(allowed)}`]),
    ...(fix === undefined ? [] : [`    Fix: ${sentence(fix)}`]),
  ].join("\n");
}

/** A problem that stops nothing, in one line. */
export function warningText({ path, problem, fix }: ConfigProblem): string {
  return [`Warning: ${path}: ${sentence(problem)}`, ...(fix === undefined ? [] : [`Fix: ${sentence(fix)}`])].join(" ");
}

function sentence(text: string): string {
  return text.endsWith("?") ? text : `${text}.`;
}

const longestValue = 80;

function describeValue(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) => (isObject(part) ? withSortedKeys(part) : part));
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}…`;
}

function withSortedKeys(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(sortedBy(Object.entries(value), ([key]) => key));
}

/** Prefix of this program's keys in a stack file: the project's name, from Pulumi.yaml. */
export const projectPrefix = "istio-egress:";

/** A rule's place without the prefix that all have, as `allow[2]`. */
export function placeOfRule(path: string): string {
  return path.replace(/^.*:/, "");
}

/** A place in the configuration, in Pulumi's own notation: `istio-egress:workloads.app-a.env["LOG.LEVEL"]`. */
export function configPath(key: string, ...segments: PropertyKey[]): string {
  return segments.reduce<string>((path, segment) => {
    if (typeof segment === "number") {
      return `${path}[${segment}]`;
    }
    const name = String(segment);
    return /^[\w-]+$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
  }, `${projectPrefix}${key}`);
}
