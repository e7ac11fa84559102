import { createHash } from "node:crypto";
import { portsWords } from "../../model/callers";
import {
  CallerChange,
  gainedProtocols,
  Grant,
  GrantGroup,
  hasMorePorts,
  Presence,
  SettingChange,
} from "../../model/diff";
import { factLabels, factsUnsaid } from "../../model/config/traits/told";
import { sortedUnique } from "../../model/ground/order";
import { listNames } from "../../model/ground/suggest";
import { Comparison } from "./compare";

/** What a change means for the workload; one that both gives and takes, or does neither, `changes`. */
export type Verb = "gains" | "loses" | "changes";

export function verbOf({ before, after, byNamespace }: Pick<GrantGroup, "before" | "after" | "byNamespace">): Verb {
  // It reaches the host by its namespace's rule on the side that has none of its own.
  if (byNamespace !== undefined) {
    return "changes";
  }
  const gained = gainedProtocols({ before, after }).length > 0;
  const lost = gainedProtocols({ before: after, after: before }).length > 0;
  return gained === lost ? "changes" : gained ? "gains" : "loses";
}

/** What a change means for a caller of guarded pods. */
export function verbOfCaller({ before, after }: CallerChange): Verb {
  const [gained, lost] = [hasMorePorts(before, after), hasMorePorts(after, before)];
  return gained === lost ? "changes" : gained ? "gains" : "loses";
}

/** On which ports, and why, or how that differs: `port 80 → ports 80, 443; reason health checks`. */
export function describeCaller({ before, after }: CallerChange): string {
  const differing = (texts: [string | undefined, string | undefined], unsaid: string) => {
    const [old, now] = [
      before === undefined ? undefined : (texts[0] ?? unsaid),
      after === undefined ? undefined : (texts[1] ?? unsaid),
    ];
    return old === undefined || now === undefined || old === now ? (now ?? old)! : `${old} → ${now}`;
  };
  const reasons: [string | undefined, string | undefined] = [before?.reason, after?.reason];
  return [
    differing([portsWords(before?.ports), portsWords(after?.ports)], ""),
    ...(reasons.every((reason) => reason === undefined) ? [] : [`reason ${differing(reasons, "none")}`]),
  ].join("; ");
}

/** What a new wildcard widens: ` (widens api.cnn.com)`; nothing where it widens nothing. */
export function widening({ widens }: Pick<GrantGroup, "widens">): string {
  return widens === undefined ? "" : ` (widens ${listNames(widens)!})`;
}

/** Of a grant that takes nothing, or gives nothing, as the whole namespace has the same: ` (still by shop/*)`. */
export function beside(
  { before, byNamespace }: Pick<GrantGroup, "before" | "byNamespace">,
  shown = (name: string) => name,
): string {
  return byNamespace === undefined ? "" : ` (${before === undefined ? "before" : "still"} by ${shown(byNamespace)})`;
}

/** `http, https`, or `https → http, https` where both sides have some. */
export function describeProtocols({ before, after }: GrantGroup): string {
  const [old, now] = [before?.protocols.join(", "), after?.protocols.join(", ")];
  return old === undefined || now === undefined || old === now ? (now ?? old ?? "") : `${old} → ${now}`;
}

/** The conditions that hold, or that differ: `owner team-a; until 2026-12-31 → no end`. */
export function describeConditions({ before, after }: GrantGroup): string {
  const given = Object.keys({ ...before, ...after }) as (keyof Grant)[];
  const others = sortedUnique(given).filter((field) => field !== "protocols" && !firstConditions.includes(field));
  return [...firstConditions, ...others]
    .filter((field) => given.includes(field))
    .flatMap((field) => {
      const [old, now] = [describeCondition(field, before?.[field]), describeCondition(field, after?.[field])];
      if (before === undefined || after === undefined) {
        return [`${labelOf(field)} ${after === undefined ? old : now}`];
      }
      return old === now ? [] : [`${labelOf(field)} ${old} → ${now}`];
    })
    .join("; ");
}

const firstConditions: (keyof Grant)[] = ["owner", "reason", "expires", "mode"];

function labelOf(field: keyof Grant): string {
  return labels[field] ?? field;
}

const labels: Partial<Record<keyof Grant, string>> = {
  expires: "until",
  ...factLabels,
};

/** What holds where nothing is said. */
const unsaid: Partial<Record<keyof Grant, string>> = {
  expires: "no end",
  mode: "enforce",
  ...factsUnsaid,
};

function describeCondition(field: keyof Grant, value: unknown): string {
  return value === undefined ? (unsaid[field] ?? "none") : describeValue(value);
}

export function describeSetting({ before, after }: SettingChange): string {
  if (before === undefined) {
    return `${describeValue(after)}, unset before`;
  }
  return after === undefined
    ? `unset, ${describeValue(before)} before`
    : `${describeValue(before)} → ${describeValue(after)}`;
}

function describeValue(value: unknown): string {
  return typeof value === "string"
    ? value
    : JSON.stringify(value, (key, part: unknown) => (key === "ca" ? caText(part) : part));
}

/** Certificates are long, and which they are is told by a few letters. */
function caText(pem: unknown): string {
  return `certificates ${createHash("sha256").update(String(pem)).digest("hex").slice(0, 8)}`;
}

/** What differs, in numbers: `2 grants gained, 1 lost; 1 setting changed`. */
export function summarize({ stack, diff, unreadable }: Comparison): string {
  if (diff === undefined) {
    const [first, ...more] = unreadable.map(({ side }) => side);
    return `cannot be compared: ${more.length > 0 ? "neither side is a" : `the ${first} side is no`} sound configuration`;
  }
  const parts = [
    ...(stack === "added" ? ["a new stack"] : stack === "removed" ? ["the stack is removed"] : []),
    ...countVerbs("grant", "grants", diff.grants.map(verbOf)),
    ...countVerbs("caller of guarded pods", "callers of guarded pods", diff.callers.map(verbOfCaller)),
    ...countPresences("deny entry", "deny entries", diff.denied),
    ...countPresences("namespace", "namespaces", diff.namespaces),
    ...countPresences("workload", "workloads", diff.workloads),
    ...(diff.settings.length === 0 ? [] : [`${counted(diff.settings.length, "setting", "settings")} changed`]),
  ];
  return parts.length === 0 ? "no difference that matters" : parts.join("; ");
}

function countVerbs(one: string, many: string, verbs: readonly Verb[]): string[] {
  const words = { gains: "gained", loses: "lost", changes: "changed" };
  const parts = (["gains", "loses", "changes"] as const).flatMap((verb) => {
    const count = verbs.filter((each) => each === verb).length;
    return count === 0 ? [] : [{ count, word: words[verb] }];
  });
  const [first, ...rest] = parts;
  return first === undefined
    ? []
    : [
        [`${counted(first.count, one, many)} ${first.word}`, ...rest.map(({ count, word }) => `${count} ${word}`)].join(
          ", ",
        ),
      ];
}

function countPresences(one: string, many: string, presences: readonly Presence[]): string[] {
  return (["added", "removed"] as const).flatMap((change) => {
    const count = presences.filter((presence) => presence.change === change).length;
    return count === 0 ? [] : [`${counted(count, one, many)} ${change}`];
  });
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
