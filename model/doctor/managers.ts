import { isObject } from "../ground/objects";
import { compareText } from "../ground/order";
import { LiveObject, ManagedFields } from "./snapshot";

/** Names under which Pulumi's kubernetes plugins write, the official one and the lab's stand-in. */
const ours = /^pulumi/i;

/** A step into an object: a field's name, or an element's place in a list. */
export type Step = string | number;

/** Whether an entry is of the stack's own plugin. */
export function isOurs({ manager = "" }: ManagedFields): boolean {
  return ours.test(manager);
}

/** Who wrote an object last, as evidence; nothing where the cluster does not say. */
export function managerOf(object: LiveObject): string[] {
  const last = byTime(object).at(-1);
  return last === undefined ? [] : [`written by ${words(last)}`];
}

/**
 * Who answers for a field: the last of those that the cluster has as its owner. Nobody owns a field that was taken
 * away; then whoever else wrote last.
 *
 * @param path as `["spec", "egress", 0, "to"]`
 */
export function writerOf(object: LiveObject, path: Step[]): ManagedFields | undefined {
  const owners = byTime(object).filter(({ fieldsV1 = {} }) => owns(fieldsV1, path, object));
  return owners.at(-1) ?? byTime(object).at(-1);
}

export function words({ manager = "somebody", operation, time }: ManagedFields): string {
  return `${manager}${operation === undefined ? "" : ` (${operation})`}${time === undefined ? "" : ` at ${time}`}`;
}

function byTime({ metadata: { managedFields = [] } }: LiveObject): ManagedFields[] {
  return managedFields
    .filter(({ subresource }) => subresource === undefined || subresource === "" || subresource === "scale")
    .sort((a, b) => compareText(a.time ?? "", b.time ?? ""));
}

/** Whether a set of owned fields has a path, or the list or map as a whole that holds it. */
function owns(fields: Record<string, unknown>, path: Step[], value: unknown): boolean {
  const [step, ...rest] = path;
  if (step === undefined) {
    return true;
  }
  const key = typeof step === "string" ? `f:${step}` : elementKey(fields, (value as unknown[])?.[step]);
  // A list that is owned as a whole has no keys for its elements.
  if (key === undefined) {
    return Object.keys(fields).length === 0;
  }
  const inner = fields[key];
  const next = typeof step === "string" ? (isObject(value) ? value[step] : undefined) : (value as unknown[])?.[step];
  return isObject(inner) && (Object.keys(inner).length === 0 || owns(inner, rest, next));
}

/** The key by which a list's element is owned: `k:{"name":"http"}`. */
function elementKey(fields: Record<string, unknown>, element: unknown): string | undefined {
  return Object.keys(fields).find((key) => {
    if (!key.startsWith("k:") || !isObject(element)) {
      return false;
    }
    const wanted = JSON.parse(key.slice(2)) as Record<string, unknown>;
    return Object.entries(wanted).every(([name, value]) => element[name] === value);
  });
}

/** Fields below `spec` that only others than the stack's plugin own, as paths of names. */
export function fieldsOfOthers(object: LiveObject): { path: string[]; writer: ManagedFields }[] {
  const entries = byTime(object).filter(({ subresource }) => subresource !== "scale");
  return entries
    .filter((entry) => !isOurs(entry))
    .flatMap((writer) => {
      const spec = writer.fieldsV1?.["f:spec"];
      return isObject(spec) ? leaves(spec).map((path) => ({ path: ["spec", ...path], writer })) : [];
    })
    .filter(({ path }) => !entries.some((entry) => isOurs(entry) && hasLeaf(entry.fieldsV1 ?? {}, path)));
}

function leaves(fields: Record<string, unknown>): string[][] {
  return Object.entries(fields).flatMap(([key, inner]) => {
    if (key === ".") {
      return [];
    }
    const deeper = isObject(inner) ? leaves(inner) : [];
    return deeper.length === 0 ? [[nameOf(key)]] : deeper.map((path) => [nameOf(key), ...path]);
  });
}

function hasLeaf(fields: Record<string, unknown>, path: string[]): boolean {
  const [step, ...rest] = path;
  if (step === undefined) {
    return true;
  }
  const key = Object.keys(fields).find((candidate) => candidate !== "." && nameOf(candidate) === step);
  const inner = key === undefined ? undefined : fields[key];
  return isObject(inner) && (rest.length === 0 || hasLeaf(inner, rest));
}

/** `f:replicas` as `replicas`, `k:{"name":"app"}` as `[name=app]`, and an element that is its own key as `[…]`. */
function nameOf(key: string): string {
  if (key.startsWith("f:")) {
    return key.slice(2);
  }
  if (key.startsWith("k:")) {
    const parts = Object.entries(JSON.parse(key.slice(2)) as Record<string, unknown>);
    return `[${parts.map(([name, value]) => `${name}=${String(value)}`).join(",")}]`;
  }
  return `[${key.slice(2)}]`;
}
