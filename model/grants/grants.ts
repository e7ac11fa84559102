import { denials } from "../config/denied";
import { Resolving, resolvingOf } from "../config/dns";
import { Observed, observedOf } from "../config/observed";
import { isReported } from "../config/reporting";
import { AllowRule, DenyEntry, StackConfig, WorkloadConfig } from "../config/types";
import { asRange, Cidr, contains, parseCidr } from "../ground/cidr";
import { namespaceKey, namespaceOf, serviceOfHost, workloadKey } from "../ground/names";
import { isWildcard, selfAndWildcards } from "../ground/hosts";
import { groupedBy, sortedUnique } from "../ground/order";
import { PortProtocol } from "../ground/protocols";
import { RangeIndex } from "../ground/range-index";
import {
  BesideTarget,
  DestinationTarget,
  isByAddress,
  isByConnect,
  isDirect,
  isPastSidecar,
  Target,
  targetsOf,
  Way,
} from "./targets";

/** Who is granted something: one workload, or every ServiceAccount of a guarded namespace. */
export interface Client {
  /** `namespace/workload`, or `namespace/*`. */
  key: string;
  namespace: string;
  /** Absent where the rule is for every ServiceAccount of the namespace. */
  workload?: WorkloadConfig;
}

/** One rule, resolved: who may reach what, on which ways, by whose word. */
export interface Grant {
  client: Client;
  target: Target;
  rule: AllowRule;
}

/** What a name, or an address, means to a stack. */
export type Meaning =
  /** An external host of a destination, reached through a gateway; `listed` is it, or the wildcard that holds it. */
  | { kind: "destination"; target: DestinationTarget; listed: string }
  /** A Service without a selector, by its name, or by its address where calls go past the sidecar. */
  | { kind: "beside"; target: BesideTarget }
  /** A Service of the cluster. */
  | { kind: "service"; namespace: string; service: string }
  /** Nothing that the configuration names. */
  | { kind: "unknown" };

/**
 * A stack's configuration with its rules resolved, and the indexes by which all readers ask: the plan, verdicts,
 * explanations, differences, the graph and the readers of logs. Nothing else reads `allow`.
 */
export interface Grants {
  /** In the order of the rules. */
  all: readonly Grant[];
  /** Every target by its name, granted or not. */
  targets: ReadonlyMap<string, Target>;
  /** Every workload of the stack by its key. */
  workloads: ReadonlyMap<string, WorkloadConfig>;
  /** What a client's own rules grant; not what its namespace is granted as a whole. */
  of: (key: string) => readonly Grant[];
  /** What a workload may reach by its own rules and by those for its whole namespace; the own one first where both grant one target. */
  reach: (key: string) => readonly Grant[];
  /** Who is granted a target. */
  to: (target: string) => readonly Grant[];
  /**
   * The grant by which a workload reaches a target: its own before its namespace's, and one in report mode only where
   * there is no other.
   */
  between: (key: string, target: string) => Grant | undefined;
  /**
   * The way on which a host of a target, or a name that its wildcards hold, is called so; undefined where it is not. On a
   * port of a destination's own any bytes pass, whatever protocol is asked for; elsewhere the way is the protocol's, and
   * its port may be another.
   */
  way: (target: Target, call: { host: string; protocol: PortProtocol; port?: number }) => Way | undefined;
  /** What a name or an IPv4 address means: the host that is listed so, else the nearest wildcard, or the range. Names in lower case. */
  meaning: (host: string) => Meaning;
  /**
   * What is below a destination's wildcards and not its own: what other destinations list, and what is denied. Sorted;
   * a wildcard stands for all below.
   */
  excepted: (destination: string) => readonly string[];
  /** Whom of the stack is refused nothing, and observed. */
  observed: Observed;
  /** Whose names the stack's own resolver is asked for; undefined where it has none. */
  resolving: Resolving | undefined;
  /** The entry of `deny` that holds a host, if any does; of several the nearest. Names in lower case. */
  denied: (host: string) => DenyEntry | undefined;
}

const resolved = new WeakMap<StackConfig, Grants>();

/** The grants of a configuration; resolved once, however many readers ask. */
export function grantsOf(config: StackConfig): Grants {
  const known = resolved.get(config) ?? resolve(config);
  resolved.set(config, known);
  return known;
}

function resolve(config: StackConfig): Grants {
  const targets = targetsOf(config);
  const workloads = new Map(config.workloads.map((workload) => [workloadKey(workload), workload]));
  const all = config.allow.map((rule): Grant => {
    // parseConfig has seen to it that what a rule names is there.
    const target = targets.get(rule.to)!;
    const client = { key: rule.from, namespace: namespaceOf(rule.from), workload: workloads.get(rule.from) };
    return { client, target, rule };
  });
  const byClient = groupedBy(all, ({ client }) => client.key);
  const byTarget = groupedBy(all, ({ target }) => target.name);
  const edges = new Map(all.map((grant) => [`${grant.client.key} ${grant.target.name}`, grant]));
  const hosts = new Map([...targets.values()].flatMap((target) => target.hosts.map((host) => [host, target] as const)));
  const exceptions = exceptionsOf(config, hosts);
  const ways = new Map<string, Way>(
    [...targets.values()].flatMap((target) =>
      target.ways.map((way) => {
        const called = isByConnect(target, way) ? way.port : way.protocol;
        return [`${target.name} ${called} ${way.host}`, way] as const;
      }),
    ),
  );
  const pastSidecars = rangesPastSidecars(targets.values());
  const listedAs = listing(targets.values());
  const denialsOf = denials(config.deny);
  const of = (key: string) => byClient.get(key) ?? [];
  const between = (key: string, target: string) => {
    const own = edges.get(`${key} ${target}`);
    const whole = edges.get(`${namespaceKey(namespaceOf(key))} ${target}`);
    return own === undefined || (isReported(own.rule) && whole !== undefined && !isReported(whole.rule)) ? whole : own;
  };

  return {
    all,
    targets,
    workloads,
    of,
    between,
    reach: (key) => {
      const own = of(key);
      const names = new Set(own.map(({ target }) => target.name));
      return [...own, ...of(namespaceKey(namespaceOf(key))).filter(({ target }) => !names.has(target.name))];
    },
    to: (target) => byTarget.get(target) ?? [],
    way: (target, { host, protocol, port }) => {
      const of = (called: string | number | undefined) =>
        listedAs(host)
          .map((listed) => ways.get(`${target.name} ${called} ${listed}`))
          .find((way) => way !== undefined);
      return of(port) ?? of(protocol);
    },
    excepted: (destination) => exceptions.get(destination) ?? [],
    observed: observedOf(config),
    resolving: resolvingOf(config),
    meaning: (host) => {
      const listed = listedAs(host).find((candidate) => hosts.has(candidate)) ?? host;
      const target = hosts.get(listed) ?? pastSidecars(host);
      const service = serviceOfHost(host);
      return target?.kind === "destination"
        ? { kind: "destination", target, listed }
        : target?.kind === "beside"
          ? { kind: "beside", target }
          : service === undefined
            ? { kind: "unknown" }
            : { kind: "service", ...service };
    },
    denied: (host) => denialsOf(host)[0],
  };
}

/** What a name or an address may be listed as: itself, the wildcards that hold it, or the range. */
function listing(targets: Iterable<Target>): (host: string) => string[] {
  const ranges = new RangeIndex<string>();
  for (const target of targets) {
    (isByAddress(target) ? target.hosts : []).forEach((text) => ranges.add(parseCidr(asRange(text))!, text));
  }
  return (host) => {
    const address = parseCidr(asRange(host));
    return address === undefined
      ? selfAndWildcards(host)
      : [host, ...(address.size === 1 ? ranges.overlapping(address) : []).filter((range) => range !== host)];
  };
}

/** By destination, what is below its wildcards and not its own. */
function exceptionsOf({ deny }: StackConfig, hosts: ReadonlyMap<string, Target>): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  const except = (name: string, owner?: Target) => {
    for (const wildcard of selfAndWildcards(name)) {
      const target = hosts.get(wildcard);
      if (target !== undefined && wildcard !== name && target !== owner) {
        found.set(target.name, (found.get(target.name) ?? new Set()).add(name));
      }
    }
  };
  if ([...hosts.keys()].some(isWildcard)) {
    hosts.forEach((owner, host) => except(host, owner));
    deny.forEach(({ host, below }) => [host, ...(below ? [`*.${host}`] : [])].forEach((name) => except(name)));
  }
  return new Map([...found].map(([name, names]) => [name, sortedUnique(names)]));
}

/** Finds the service that an address belongs to: one that is called past the sidecar, or is the cluster's own. */
function rangesPastSidecars(targets: Iterable<Target>): (address: string) => BesideTarget | undefined {
  const ranges = [...targets].flatMap((target) =>
    target.kind === "beside" && (isPastSidecar(target) || isDirect(target))
      ? target.config.addresses.map((text): [Cidr, BesideTarget] => [parseCidr(asRange(text))!, target])
      : [],
  );
  return (address) => {
    const called = ranges.length === 0 ? undefined : parseCidr(`${address}/32`);
    return called === undefined ? undefined : ranges.find(([range]) => contains(range, called))?.[1];
  };
}
