import { forwardingOf } from "../../ground/forwarding";
import { isWildcard, selfAndWildcards } from "../../ground/hosts";
import { groupedBy } from "../../ground/order";
import { listNames } from "../../ground/suggest";
import { namespaceKey, namespaceOf } from "../../ground/names";
import { gatewayNames } from "../gateway-of";
import { meshTraits } from "../mesh-traits";
import { observedOf } from "../observed";
import { insteadOfPreset, placeOfHost } from "../preset";
import { configPath, ConfigProblem } from "../problem";
import { Report } from "../shape";
import { StackConfig } from "../types";
import { isShared } from "../wildcard";

type Context = Pick<StackConfig, "mesh" | "gateways" | "destinations" | "allow" | "deny" | "namespaces" | "workloads">;

/** Why a wildcard is called on the protocols' own ports only. */
export const noTunnels = "sidecars open a port beside 80 and 443 for one host, by its name";

/** A host that one destination lists, and a wildcard of another one that would hold it. */
interface Overlap {
  host: string;
  destination: string;
  wildcard: string;
  /** The wildcard's destination. */
  of: string;
}

/** Reports wildcards that cannot be kept to, and rules that grant one without a word on why. */
export function reportWildcards(config: Context, report: Report): void {
  const { destinations, allow } = config;
  const { noWildcards } = forwardingOf(meshTraits(config.mesh));
  for (const destination of destinations) {
    const { hosts, ports, preset } = destination;
    const reportEach = (problem: string, fix: string) =>
      hosts.filter(isWildcard).forEach((value) =>
        report({
          path: placeOfHost(destination, value),
          value,
          problem,
          fix: preset?.hosts.includes(value) === true ? insteadOfPreset : fix,
        }),
      );
    if (ports.length > 0) {
      reportEach(
        `A wildcard, and ${noTunnels}`,
        "list the host names one by one, or have the ports in a destination of their own",
      );
    }
    if (noWildcards !== undefined) {
      reportEach(`A wildcard, and ${noWildcards}`, "list the host names one by one");
    }
  }
  reportForeignGateways(config, report);
  reportObserved(config, report);
  const wide = new Map(destinations.map(({ name, hosts }) => [name, hosts.find(isWildcard)]));
  for (const { to, reason, path } of allow) {
    const wildcard = wide.get(to);
    if (wildcard !== undefined && reason === undefined) {
      report({
        path: `${path}.reason`,
        problem: `Missing: "${to}" holds ${wildcard}, names that nobody has listed`,
        allowed: "what the names are needed for, in words",
        fix: "add a reason, or list the host names one by one",
      });
    }
  }
}

/** A name is led to the gateway of the destination that lists it, so a wildcard behind another one would not hold it. */
function reportForeignGateways(config: Context, report: Report): void {
  const gatewayOf = gatewayNames(config);
  const places = new Map(config.destinations.map((each) => [each.name, each]));
  for (const { host, destination, wildcard, of } of overlaps(config)) {
    const [own, other] = [gatewayOf(destination), gatewayOf(of)];
    if (own !== other) {
      report({
        path: placeOfHost(places.get(destination)!, host),
        value: host,
        problem: `${wildcard} of "${of}" covers it, behind the gateway ${other}, and this destination is behind ${own}`,
        fix: `put both destinations behind one gateway, under ${configPath("gateways")}, or list the names one by one instead of ${wildcard}`,
      });
    }
  }
}

/** A sidecar leads every name below a wildcard to its gateway, which refuses what is excepted: observing refuses nothing. */
function reportObserved(config: Context, report: Report): void {
  const { allow, deny, destinations } = config;
  const { homes, has } = observedOf(config);
  const isOfObserved = (from: string) =>
    from === namespaceKey(namespaceOf(from)) ? homes.has(namespaceOf(from)) : has(from);
  const wildcardsOf = new Map(destinations.map(({ name, hosts }) => [name, hosts.filter(isWildcard)]));
  const overlapsOf = groupedBy(overlaps(config), ({ of }) => of);
  const isGranted = grantedBy(config);
  for (const { from, to, path } of allow) {
    const wildcards = wildcardsOf.get(to) ?? [];
    if (wildcards.length === 0 || !isOfObserved(from)) {
      continue;
    }
    const listed = (overlapsOf.get(to) ?? []).filter(({ destination }) => !isGranted(from, destination));
    const denied = deny.filter(({ host }) => selfAndWildcards(host).some((each) => wildcards.includes(each)));
    const names = [...listed, ...denied].map(({ host }) => host);
    if (names.length > 0) {
      report({
        path: `${path}.to`,
        value: to,
        problem: `${from} is observed, and refused nothing; by ${wildcards.join(", ")} it would be refused ${listNames(names)!}`,
        fix: "remove the rule until it is enforced: what it calls goes out meanwhile, and is logged",
      });
    }
  }
}

/** Whether rules allow a workload a destination, its own or its namespace's. */
function grantedBy({ allow }: Pick<StackConfig, "allow">): (from: string, to: string) => boolean {
  const grants = new Set(allow.map(({ from, to }) => `${from} ${to}`));
  return (from, to) => grants.has(`${from} ${to}`) || grants.has(`${namespaceKey(namespaceOf(from))} ${to}`);
}

function overlaps({ destinations }: Pick<StackConfig, "destinations">): Overlap[] {
  const owners = new Map(destinations.flatMap(({ name, hosts }) => hosts.map((host) => [host, name] as const)));
  return [...owners].flatMap(([host, destination]) =>
    selfAndWildcards(host).flatMap((wildcard) => {
      const of = owners.get(wildcard);
      return of === undefined || of === destination ? [] : [{ host, destination, wildcard, of }];
    }),
  );
}

/** What is to be known of wildcards that rules may allow, and does not go without saying. */
export function wildcardWarnings(config: Pick<StackConfig, "destinations" | "allow">): ConfigProblem[] {
  const shared = config.destinations.flatMap((destination) =>
    destination.hosts
      .filter((host) => isWildcard(host) && isShared(host))
      .map((value) => ({
        path: placeOfHost(destination, value),
        value,
        problem: `Names below ${value.slice(2)} are given to customers of that service: whoever may call ${value} may call all of them`,
        fix: "list the names that are meant, one by one",
      })),
  );
  return [...shared, ...groupedOverlaps(config)];
}

/** Where somebody is allowed a wildcard, and not the destinations that list names below it. */
function groupedOverlaps(config: Pick<StackConfig, "destinations" | "allow">): ConfigProblem[] {
  const isGranted = grantedBy(config);
  const rulesTo = groupedBy(config.allow, ({ to }) => to);
  const places = new Map(config.destinations.map((each) => [each.name, each]));
  const missing = overlaps(config).flatMap((overlap) =>
    (rulesTo.get(overlap.of) ?? [])
      .filter(({ from }) => !isGranted(from, overlap.destination))
      .map(({ from }) => ({ ...overlap, from })),
  );
  return [...groupedBy(missing, ({ from, wildcard }) => `${from} ${wildcard}`).values()].map((found) => {
    const { from, wildcard, of } = found[0]!;
    const listed = found.map(({ host, destination }) => `${host} of "${destination}"`);
    return {
      path: placeOfHost(places.get(of)!, wildcard),
      value: wildcard,
      problem: `A name is of the destination that lists it, and of no wildcard: ${from} is allowed ${wildcard}, and so not ${listNames(listed)}`,
      fix: `nothing, if that is meant; else allow ${from} that destination, too`,
    };
  });
}
