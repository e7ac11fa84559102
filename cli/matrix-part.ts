import { outsideHost, StackConfig, Verdict } from "../model";
import { outsidersOf } from "../model/callers";
import { directTable } from "../model/config/direct";
import { namespaceKey, namespaceOf, workloadKey } from "../model/ground/names";
import { groupedBy } from "../model/ground/order";
import { didYouMean, listNames } from "../model/ground/suggest";

/** Which part of a matrix is asked for; all of it where nothing is said. */
export interface MatrixPart {
  /**
   * `namespace/workload`, or `namespace/*` for all of a namespace; of callers into guarded pods the namespace, or the range
   * of addresses.
   */
  from?: readonly string[];
  /**
   * A host, or the name of a destination or of a service beside the mesh for all of its hosts; `namespace/*` for the pods of a
   * guarded namespace.
   */
  to?: readonly string[];
  /** Calls that are to be denied, and no others. */
  denied?: boolean;
}

/** A name that the stack does not have; the message says which, and what there is. */
export class NoSuchPartError extends Error {}

/**
 * The verdicts of a part.
 *
 * @param verdicts all of the stack's
 * @throws NoSuchPartError
 */
export function partOf(config: StackConfig, verdicts: readonly Verdict[], part: MatrixPart): Verdict[] {
  const { denied = false } = part;
  const from = part.from === undefined ? undefined : workloadsNamed(config, part.from);
  const to = part.to === undefined ? undefined : hostsNamed(config, part.to);
  return verdicts.filter(
    (verdict) =>
      (from === undefined || from.has(verdict.from)) &&
      (to === undefined || to.has(verdict.host)) &&
      (!denied || verdict.expected === "deny"),
  );
}

function workloadsNamed(config: StackConfig, names: readonly string[]): Set<string> {
  const workloads = config.workloads.map(workloadKey);
  const whole = config.namespaces.map(({ name }) => namespaceKey(name));
  const outside = [
    ...outsidersOf(config).map((name) => `${name}/*`),
    ...config.namespaces.flatMap(({ ingress }) => (ingress?.from ?? []).flatMap(({ addresses = [] }) => addresses)),
  ];
  const known = new Map<string, string[]>([
    ...workloads.map((workload): [string, string[]] => [workload, [workload]]),
    // With those that no workload is.
    ...groupedBy([...workloads, ...whole], (caller) => namespaceKey(namespaceOf(caller))),
    // Who is not guarded makes no call of this matrix, and may be a caller into guarded pods.
    ...outside.map((caller): [string, string[]] => [caller, []]),
  ]);
  const listed = new Set([...workloads, ...outside]);
  return named(known, names, "workload or namespace", (name) => listed.has(name));
}

function hostsNamed(
  { namespaces, destinations, direct, outside, deny }: StackConfig,
  names: readonly string[],
): Set<string> {
  const owners: [name: string, hosts: string[]][] = [
    ...destinations.map(({ name, hosts, addresses = [] }): [string, string[]] => [name, [...hosts, ...addresses]]),
    ...direct.map(({ name, kind }): [string, string[]] => [name, [directTable[kind].host]]),
    ...outside.map((service): [string, string[]] => [service.name, [outsideHost(service)]]),
  ];
  const known = [...owners.flatMap(([, own]) => own), ...deny.map(({ host }) => host)];
  const hosts = known.map((host): [string, string[]] => [host, [host]]);
  // Pods of a guarded namespace are no host, and may be called by others.
  const pods = namespaces.map(({ name }): [string, string[]] => [`${name}/*`, []]);
  const owned = new Set([...owners, ...pods].map(([name]) => name));
  return named(new Map([...hosts, ...owners, ...pods]), names, "host or destination", (name) => owned.has(name));
}

/** What the names stand for. @param isListed which of the known names a message lists */
function named(
  known: ReadonlyMap<string, readonly string[]>,
  names: readonly string[],
  kind: string,
  isListed: (name: string) => boolean,
): Set<string> {
  const found = names.flatMap((name) => {
    const meant = known.get(name);
    if (meant === undefined) {
      const listed = listNames([...known.keys()].filter(isListed)) ?? "none is configured";
      const hint = didYouMean(name, known.keys());
      throw new NoSuchPartError(
        [
          `The stack has no ${kind} "${name}".`,
          `Allowed: ${listed}.`,
          ...(hint === undefined ? [] : [`Fix: ${hint}`]),
        ].join("\n"),
      );
    }
    return meant;
  });
  return new Set(found);
}
