import { formatCidr, parseCidr } from "../ground/cidr";
import { IngressSource } from "../ground/ingress";
import { bySelectors } from "../ground/selector-index";
import { groupedBy, sortedNumbers, sortedUnique } from "../ground/order";
import { Caller, callersOf } from "./who";

/** A caller that sources name, and how they let it in. */
export interface LetIn {
  caller: Caller;
  /** Ports on which all sources together let it in, sorted; undefined for every port. */
  ports: number[] | undefined;
  /** Why, as the sources that name it say; absent where none does. */
  reason?: string;
}

/** Ports that are let in: some, or every one. */
type Open = Set<number> | "every";

/**
 * Whom the sources of a namespace let in, each caller once. Policies add up: who fits two sources has the ports of both, and
 * so pods with many labels have the ports of those with fewer, and a range those of every range that it is in.
 */
export function letIn(sources: readonly IngressSource[]): LetIn[] {
  const byCaller = groupedBy(
    sources.flatMap((source) => callersOf(source).map((caller) => ({ ...source, caller }))),
    ({ caller }) => callerKey(caller),
  );
  const own = new Map(
    [...byCaller].map(([key, entries]) => {
      const reasons = sortedUnique(entries.flatMap(({ reason }) => reason ?? []));
      const open = entries.reduce<Open>((sum, { ports }) => together(sum, ports), new Set());
      return [key, { caller: entries[0]!.caller, open, reason: reasons.join("; ") }];
    }),
  );
  const wider = widerOf([...own.values()].map(({ caller }) => caller));
  return [...own.values()].map(({ caller, open, reason }) => {
    const all = wider(caller).reduce<Open>((sum, key) => {
      const more = own.get(key)!.open;
      return together(sum, more === "every" ? undefined : [...more]);
    }, open);
    return {
      ...{ caller, ports: all === "every" ? undefined : sortedNumbers(all) },
      ...(reason === "" ? {} : { reason }),
    };
  });
}

/** @param ports undefined for every port */
function together(open: Open, ports: readonly number[] | undefined): Open {
  return open === "every" || ports === undefined ? "every" : new Set([...open, ...ports]);
}

/** The same for callers that are the same. */
export function callerKey(caller: Caller): string {
  return caller.kind === "pods"
    ? JSON.stringify([caller.namespace, ...Object.entries(selectorOf(caller)).sort()])
    : caller.kind === "addresses"
      ? caller.range
      : caller.kind;
}

function selectorOf({ selector = {} }: { selector?: Record<string, string> }): Record<string, string> {
  return selector;
}

/** For a caller, the keys of the others among these that hold all of it. */
function widerOf(callers: readonly Caller[]): (caller: Caller) => string[] {
  const keys = new Set(callers.map(callerKey));
  const pods = callers.flatMap((caller) => (caller.kind === "pods" ? caller : []));
  const homes = groupedBy(pods, ({ namespace }) => namespace);
  const byHome = new Map([...homes].map(([namespace, own]) => [namespace, bySelectors(own, selectorOf)]));
  return (caller) => {
    const own = callerKey(caller);
    const wider =
      caller.kind === "pods"
        ? byHome.get(caller.namespace)!(selectorOf(caller)).map(callerKey)
        : caller.kind === "addresses"
          ? rangesAround(caller.range).filter((range) => keys.has(range))
          : [];
    return wider.filter((key) => key !== own);
  };
}

/** A range and all that it is in, the widest last. */
function rangesAround(text: string): string[] {
  const { prefix } = parseCidr(text)!;
  const address = text.slice(0, text.indexOf("/"));
  return Array.from({ length: prefix + 1 }, (_, shorter) => formatCidr(parseCidr(`${address}/${prefix - shorter}`)!));
}
