import { checkLabelName } from "../config/kubernetes-names";
import { isReported } from "../config/reporting";
import { StackConfig } from "../config/types";
import { connectPorts, grantsOf, protocolsOf } from "../grants";
import { groupedBy, sortedBy, sortedUnique } from "../ground/order";
import { ExternalPort, isConnect, PortText, portText, sortedPorts } from "../ground/ports";
import { Protocol, protocols } from "../ground/protocols";
import { othersBelow, refusedWhileObserved } from "./observed-wildcards";
import { foldNames } from "./fold";
import { siteOf } from "./services";
import { Mark, noWorkload, Place, Standing, standings } from "./standing";
import { callsText, CountedCall, daysOf, together } from "./tally";

/** Calls, and when the first and the last of them began: milliseconds since 1970, where any line told. */
export interface Seen {
  calls: number;
  first?: number;
  last?: number;
}

/** A workload's calls of a host by a protocol that the proposal grants. */
export interface LearntCall extends Place, Seen {
  /** How many of them were refused. */
  refused: number;
  /** The destination that the proposal has it in, or that has it. */
  to: string;
}

/** Calls that nothing is proposed for. */
export interface LeftCall extends Seen {
  /** A workload, or the identity that is none; `unknown` where the caller showed none. */
  from: string;
  /** As it was logged. */
  protocol: string;
  host: string;
  port?: number;
  mark: Mark;
  /** A sentence without a full stop. */
  because: string;
}

export interface ProposedDestination extends Seen {
  name: string;
  /** Sorted. */
  hosts: string[];
  protocols: Protocol[];
  /** Other ports than the protocols' own, as `5432/tcp`. */
  ports: PortText[];
  /** By each wildcard of `hosts`, the names that were called and that it stands for; absent where it has none. */
  folded?: Record<string, string[]>;
}

/** A destination of the stack that is to be called in more ways. */
export interface ProposedWays {
  destination: string;
  /** All that it is to have. */
  protocols: Protocol[];
  ports: PortText[];
  /** What of both is new. */
  added: string[];
  /** Who else is granted the destination, and so gains that. */
  others: string[];
}

export interface ProposedRule extends Seen {
  from: string;
  to: string;
  owner?: string;
  reason: string;
  /** How many of the calls were refused. */
  refused: number;
  /** Hosts that the rule grants and that were not called; they are in the destination already. */
  also: string[];
}

/** A rule in report mode of the stack's by which a workload's calls pass: in force it grants them for good. */
export interface Promotion extends Seen {
  /** Its place in the configuration. */
  rule: string;
  from: string;
  to: string;
}

/** What to add to a stack so that what was called is allowed. */
export interface Proposal {
  destinations: ProposedDestination[];
  ways: ProposedWays[];
  rules: ProposedRule[];
  learnt: LearntCall[];
  /** Rules in report mode for one workload that were used, and that are to be enforced; sorted. */
  promotions: Promotion[];
  /** Not proposed, and why; the most frequent first. */
  left: LeftCall[];
  /** What the stack grants already. */
  granted: Seen;
}

export interface ProposalOptions {
  /** Who is to answer for the proposed rules. @default nobody is named */
  owner?: string;
  /** Whether names that differ in their first label become a wildcard, which holds more than was called. @default false */
  fold?: boolean;
}

/**
 * Destinations and rules that grant the calls which were recorded and are not granted yet, or by a rule in report mode only:
 * by the workload's own it is proposed to enforce that, by its namespace's a rule of the workload's own. New destinations grant
 * exactly these, unless names are folded: hosts are put together only where the same workloads call them by the same
 * protocols. What `deny` holds, what leads inside and what has no name is never proposed.
 */
export function propose(config: StackConfig, counted: Iterable<CountedCall>, options: ProposalOptions = {}): Proposal {
  const standingOf = standings(config);
  const open = new Map<string, LearntCall>();
  const left = new Map<string, LeftCall>();
  const granted: CountedCall[] = [];
  const promoted = new Map<string, Promotion>();
  for (const call of counted) {
    const standing = proposable(config, standingOf(call), call);
    const reported = standing.kind === "granted" && isReported(standing.rule) && call.outcome !== "unclear";
    if (standing.kind === "granted" && !reported) {
      granted.push(call);
    } else if (standing.kind === "granted" && standing.rule.from === standing.place.from) {
      const { path: rule, from, to } = standing.rule;
      promoted.set(rule, { rule, from, to, ...together([...values(promoted.get(rule)), call]) });
    } else if (standing.kind === "left") {
      const { from, mark, because } = standing;
      const { protocol, host, port } = call;
      const key = `${from} ${protocol} ${port} ${mark} ${host}`;
      const place = { from, protocol, host, ...(port === undefined ? {} : { port }) };
      left.set(key, { ...place, mark, because, ...together([...values(left.get(key)), call]) });
    } else {
      const { place } = standing;
      const key = `${place.from} ${place.protocol} ${place.port} ${place.host}`;
      const earlier = open.get(key);
      const refused = (earlier?.refused ?? 0) + (call.outcome === "refused" ? call.calls : 0);
      const to = standing.kind === "granted" ? standing.rule.to : (standing.target?.name ?? "");
      open.set(key, { ...place, refused, to, ...together([...values(earlier), call]) });
    }
  }
  const refusing = refusedWhileObserved(config, open.values());
  for (const [key, { to, refused: _, ...call }] of open) {
    const because = refusing.get(`${call.from} ${to}`);
    if (because !== undefined) {
      open.delete(key);
      left.set(`observed ${key}`, { ...call, mark: "observed", because });
    }
  }
  return {
    ...grant(
      config,
      sortedBy(open.values(), ({ from, host, protocol, port }) => `${from} ${host} ${protocol} ${port}`),
      options,
    ),
    promotions: sortedBy(promoted.values(), ({ from, to }) => `${from} ${to}`),
    left: [...left.values()].sort((a, b) => b.calls - a.calls),
    granted: together(granted),
  };
}

/** Of a whole namespace's rule in report mode each workload is given a rule of its own; who is none can have none. */
function proposable(config: StackConfig, standing: Standing, { identity }: CountedCall): Standing {
  if (
    standing.kind !== "granted" ||
    grantsOf(config).workloads.has(standing.place.from) ||
    !isReported(standing.rule)
  ) {
    return standing;
  }
  const { place, rule } = standing;
  const because = `${rule.path} only reports: ${noWorkload}`;
  return { kind: "left", from: identity ?? "unknown", client: place.from, mark: "identity", because };
}

function values<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

function grant(
  config: StackConfig,
  open: LearntCall[],
  { owner, fold = false }: ProposalOptions,
): Pick<Proposal, "destinations" | "ways" | "rules" | "learnt"> {
  const destinations = newDestinations(
    config,
    open.filter(({ to }) => to === ""),
    fold,
  );
  const owners = new Map(
    destinations.flatMap(({ name, hosts, folded = {} }) =>
      [...hosts, ...Object.values(folded).flat()].map((host) => [host, name] as const),
    ),
  );
  const learnt = open.map((call) => ({ ...call, to: call.to === "" ? owners.get(call.host)! : call.to }));
  return { destinations, ways: moreWays(config, learnt), rules: newRules(config, learnt, owner), learnt };
}

/** The hosts that no destination has, put together by who calls them how, and by what they belong to. */
function newDestinations(config: StackConfig, calls: LearntCall[], fold: boolean): ProposedDestination[] {
  const hosts = [...groupedBy(calls, ({ host }) => host)].map(([host, ofHost]) => {
    const callers = sortedUnique(ofHost.map(({ from }) => from));
    return { host, ofHost, callers, ...calledBy(ofHost), site: siteOf(host) };
  });
  const alike = groupedBy(
    sortedBy(hosts, ({ host }) => host),
    ({ site, callers, spoken, ports }) => [site.key, ...callers, ...spoken, ...ports].join(" "),
  );
  const { targets, observed } = grantsOf(config);
  const taken = new Set(targets.keys());
  const isShared = othersBelow(config, fold ? calls.map(({ host }) => host) : []);
  const wildcards = new Set<string>();
  const last = new Map<string, number>();
  return sortedBy(
    [...alike.values()].map((group) => {
      const { site, callers, spoken, ports } = group[0]!;
      const name = freeName(site.name, callers, taken, last);
      taken.add(name);
      const seen = together(group.flatMap(({ ofHost }) => ofHost));
      const names = group.map(({ host }) => host);
      // A wildcard has no ports of its own.
      const isTaken = (wildcard: string) =>
        wildcards.has(wildcard) || (callers.some(observed.has) && isShared(wildcard.slice(2), names));
      const { hosts, folded } = fold && ports.length === 0 ? foldNames(names, isTaken) : { hosts: names, folded: [] };
      const stands = Object.fromEntries(folded);
      Object.keys(stands).forEach((wildcard) => wildcards.add(wildcard));
      const also = Object.keys(stands).length === 0 ? {} : { folded: stands };
      return { name, hosts, protocols: spoken, ports, ...also, ...seen };
    }),
    ({ name }) => name,
  );
}

/**
 * A name that no target has: the site's, with the caller's behind it where that is taken, or a number.
 *
 * @param last the number that a name was given last, from which it is counted on
 */
function freeName(site: string, callers: string[], taken: ReadonlySet<string>, last: Map<string, number>): string {
  const word = site.replace(/[^a-z0-9-]/g, "-");
  const base = /^[a-z]/.test(word) ? word : `host-${word}`;
  const byCaller = callers.length === 1 ? [`${base}-${callers[0]!.split("/")[1]}`] : [];
  const isFree = (name: string) => !taken.has(name) && checkLabelName(name) === undefined;
  return [base, ...byCaller].find(isFree) ?? numbered(base.slice(0, 55), isFree, last);
}

function numbered(base: string, isFree: (name: string) => boolean, last: Map<string, number>): string {
  for (let number = (last.get(base) ?? 1) + 1; ; number++) {
    if (isFree(`${base}-${number}`)) {
      last.set(base, number);
      return `${base}-${number}`;
    }
  }
}

/** The ways that calls take; a port that is called by several protocols lets any bytes pass. */
function calledBy(calls: ExternalPort[]): { spoken: Protocol[]; ports: PortText[] } {
  const own = calls.filter((call) => !isConnect(call));
  const ports = groupedBy(calls.filter(isConnect), ({ port }) => String(port));
  const opened = [...ports.values()].map((ofPort): ExternalPort => {
    const { port, protocol } = ofPort[0]!;
    return { port, protocol: ofPort.every((call) => call.protocol === protocol) ? protocol : "tcp" };
  });
  return {
    spoken: protocols.filter((protocol) => own.some((call) => call.protocol === protocol)),
    ports: sortedPorts(opened).map(portText),
  };
}

/** Ways in which destinations of the stack are called and which they do not have. */
function moreWays(config: StackConfig, learnt: LearntCall[]): ProposedWays[] {
  const { targets, to, way } = grantsOf(config);
  return [...groupedBy(learnt, (call) => call.to)].flatMap(([destination, calls]) => {
    const target = targets.get(destination);
    const missing = target === undefined ? [] : calls.filter((call) => way(target, call)?.port !== call.port);
    if (target === undefined || missing.length === 0) {
      return [];
    }
    const { spoken, ports } = calledBy(missing);
    const callers = new Set(missing.map(({ from }) => from));
    const others = sortedUnique(to(destination).map(({ client }) => client.key)).filter((key) => !callers.has(key));
    const known = protocolsOf(target);
    const all = protocols.filter((each) => known.includes(each) || spoken.includes(each));
    return [
      {
        destination,
        protocols: all,
        ports: [...connectPorts(target).map(portText), ...ports],
        added: [...spoken, ...ports],
        others,
      },
    ];
  });
}

function newRules(config: StackConfig, learnt: LearntCall[], owner: string | undefined): ProposedRule[] {
  const grants = grantsOf(config);
  return [...groupedBy(learnt, ({ from, to }) => `${from} ${to}`).values()].flatMap((calls) => {
    const { from, to } = calls[0]!;
    // It has a rule already where only a way is missing; its namespace's in report mode is not to be relied on.
    const rule = grants.between(from, to)?.rule;
    if (rule !== undefined && (rule.from === from || !isReported(rule))) {
      return [];
    }
    const called = new Set(calls.map(({ host }) => host));
    const also = (grants.targets.get(to)?.hosts ?? []).filter((host) => !called.has(host));
    const seen = together(calls);
    const refused = calls.reduce((sum, call) => sum + call.refused, 0);
    const reason = reasonOf(seen, refused);
    return [{ from, to, ...(owner === undefined ? {} : { owner }), reason, refused, also, ...seen }];
  });
}

/** That calls were refused is said where the rule is read: it then opens what nobody had before. */
function reasonOf(seen: Seen, refused: number): string {
  const [from, to] = daysOf(seen);
  const days = from === undefined ? "" : to === undefined ? ` on ${from}` : ` between ${from} and ${to}`;
  const whole = callsText({ ...seen, what: refused === seen.calls ? "refused call" : "call" });
  const some = refused > 0 && refused < seen.calls ? ` (${refused} refused)` : "";
  return `learnt from ${whole}${some}${days}`;
}
