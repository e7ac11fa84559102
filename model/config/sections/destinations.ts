import { isWildcard } from "../../ground/hosts";
import { isObject, present, says } from "../../ground/objects";
import { groupedBy, sortedBy, sortedUnique } from "../../ground/order";
import { CalledBy, checkPorts, ExternalPort } from "../../ground/ports";
import { defaultPort, Protocol, protocols } from "../../ground/protocols";
import { Preset, Service } from "../../ground/presets";
import { RangeIndex } from "../../ground/range-index";
import { listNames } from "../../ground/suggest";
import { addressesProblem } from "../addresses";
import { Called, checkHost } from "../host";
import { checkLabelName } from "../kubernetes-names";
import { insteadOfPreset, placeOfHost, withPreset } from "../preset";
import { configPath } from "../problem";
import { destinationSchema } from "../schema";
import { readEntries, readParts, Report } from "../shape";
import { Around as TraitsAround, readTraits, unsaidProtocols, withoutMisplaced } from "../traits";
import { ClusterConfig, DestinationConfig } from "../types";
import { DirectConfig } from "../direct";
import { readAddresses } from "./addresses";
import { readDirect } from "./direct";

export interface Destinations {
  configs: DestinationConfig[];
  /** Those of the cluster's own. */
  direct: DirectConfig[];
  /** Every name that the configuration mentions, those with problems of their own included. */
  names: Set<string>;
  /** Where each host stands, by host, and in which destination. */
  owners: Map<string, { destination: string; path: string }>;
  /** Addresses without a name, and where they stand. */
  ranges: RangeIndex<{ addresses: string; path: string }>;
}

/** What destinations are held against. */
interface Around {
  /** Whether gateways of this mesh take CONNECT, and so have a way for ports beside the protocols' own. */
  connects: boolean;
  cluster: ClusterConfig;
  now: Date;
  /** The presets that there are. */
  services: readonly Service[];
}

export function readDestinations(
  raw: unknown,
  { connects, cluster, now, services }: Around,
  report: Report,
): Destinations {
  const destinations: Destinations = {
    configs: [],
    direct: [],
    names: new Set(),
    owners: new Map(),
    ranges: new RangeIndex(),
  };
  for (const [name, written] of readEntries(raw, "destinations", report)) {
    destinations.names.add(name);
    if (isObject(written) && written.kind !== undefined) {
      destinations.direct.push(...readDirect(name, written, cluster, destinations.direct, report));
      continue;
    }
    const { value, preset, hasHosts } = withPreset(name, written, services, report);
    const problem = checkLabelName(name);
    if (problem !== undefined) {
      report({ path: configPath("destinations", name), value: name, ...problem });
    }
    const { sound } = readParts(
      destinationSchema,
      withoutMisplaced(value ?? {}, name, report),
      ["destinations", name],
      report,
    );
    // An empty one is reported by its shape; names are not asked for beside it.
    const byAddress = isObject(value) && value.addresses !== undefined;
    const ports = readPorts(name, sound.ports ?? [], { address: byAddress }, report);
    if (
      !hasHosts &&
      !byAddress &&
      isObject(value ?? {}) &&
      (value as { hosts?: unknown } | null)?.hosts === undefined &&
      (value as { preset?: unknown } | null)?.preset === undefined
    ) {
      report({
        path: configPath("destinations", name, "hosts"),
        problem: "Required, but missing",
        allowed: "a list, a preset beside or instead of it, or addresses of what has no name, with ports",
        fix: "add one of these",
      });
    }
    if (!connects && says(value, "ports")) {
      report({
        path: configPath("destinations", name, says(written, "ports") ? "ports" : "preset"),
        value: sound.ports,
        problem:
          "Gateways reach other ports than 80 and 443 by an EnvoyFilter, for which Istio's own objects have no word, " +
          "and this mesh takes none",
        allowed: `protocols: ${protocols.join(" and ")}`,
        fix: "remove it, and keep what has to call such ports in a mesh that takes EnvoyFilters",
      });
    }
    const readBeside = (called: Pick<TraitsAround, "hosts" | "spoken">) =>
      readTraits(value, { destination: name, ...called, byAddress, connects, cluster, now, sound }, report);
    if (byAddress) {
      destinations.configs.push({
        name,
        hosts: [],
        addresses: readAddresses(name, { value: written, sound, connects, cluster }, destinations, report),
        protocols: [],
        ports,
        ...readBeside({ hosts: [], spoken: [] }),
      });
      continue;
    }
    const spoken = sortedUnique(
      (sound.protocols && present(sound.protocols)) ?? unsaidProtocols(value, says(value, "ports")),
    );
    const hosts = readHosts(
      { name, written: sound.hosts ?? [], preset, spoken, ports, connects },
      destinations.owners,
      report,
    );
    destinations.configs.push({
      name,
      hosts,
      ...(preset === undefined ? {} : { preset }),
      protocols: spoken,
      ports,
      ...readBeside({ hosts, spoken }),
    });
  }
  const byName = ({ name }: { name: string }) => name;
  return {
    ...destinations,
    configs: sortedBy(destinations.configs, byName),
    direct: sortedBy(destinations.direct, byName),
  };
}

/** What Istio's definition of a ServiceEntry takes, without the protocols' own two. */
const mostPorts = 254;

/** The ports of a destination that can be opened, in the order of their numbers. */
function readPorts(destination: string, written: string[], called: CalledBy, report: Report): ExternalPort[] {
  const at = (index: number) => configPath("destinations", destination, "ports", index);
  if (written.length > mostPorts) {
    report({
      path: configPath("destinations", destination, "ports"),
      problem: `${written.length} ports, and a ServiceEntry of Istio's has no room for so many`,
      allowed: `${mostPorts} at most`,
      fix: "list the ports that are called and no others, or put some of the hosts into another destination",
    });
  }
  const { ports, problems } = checkPorts(written, at, called);
  problems.forEach(({ index, ...problem }) => report({ path: at(index), value: written[index], ...problem }));
  return ports;
}

interface WrittenHosts {
  /** The destination's name. */
  name: string;
  written: string[];
  /** Whose hosts the destination has beside them. */
  preset: Preset | undefined;
  /** What the destination's hosts are spoken to in on the protocols' own ports. */
  spoken: Protocol[];
  /** Other ports on which they are called. */
  ports: ExternalPort[];
  /** Whether there may be such. */
  connects: boolean;
}

function readHosts(
  { name: destination, written, preset, ...called }: WrittenHosts,
  owners: Destinations["owners"],
  report: Report,
): string[] {
  const hosts: string[] = [];
  const elsewhere: { host: string; place: string }[] = [];
  for (const host of preset?.hosts ?? []) {
    const first = owners.get(host);
    if (first === undefined) {
      owners.set(host, { destination, path: placeOfHost({ name: destination, preset }, host) });
      hosts.push(host);
    } else {
      elsewhere.push({ host, place: first.path });
    }
  }
  for (const [place, shared] of groupedBy(elsewhere, (each) => each.place)) {
    const names = listNames(shared.map(({ host }) => host))!;
    report({
      path: configPath("destinations", destination, "preset"),
      value: preset!.name,
      problem:
        shared.length === 1
          ? `${names} is one of its hosts, and stands at ${place} already`
          : `${shared.length} of its hosts stand at ${place} already: ${names}`,
      fix:
        shared.length === 1
          ? `leave it in one destination: remove it there, or ${insteadOfPreset}`
          : `leave them in one destination: allow that one to whoever needs them, or ${insteadOfPreset}`,
    });
  }
  written.forEach((value, index) => {
    const path = configPath("destinations", destination, "hosts", index);
    const isAlone = written.length + (preset?.hosts.length ?? 0) === 1;
    const host = readHost({ value, path, isAlone, ...called }, report);
    if (host === undefined) {
      return;
    }
    const first = owners.get(host);
    if (first === undefined) {
      owners.set(host, { destination, path });
      hosts.push(host);
    } else {
      report({
        path,
        value,
        problem: `The host stands at ${first.path} already`,
        fix:
          first.destination === destination
            ? "remove one of the two"
            : "leave it in one destination, and allow that one to whoever needs the host",
      });
    }
  });
  return sortedUnique(hosts);
}

interface WrittenHost extends Pick<WrittenHosts, "spoken" | "ports" | "connects"> {
  value: string;
  path: string;
  /** Whether it is the destination's only one, so that a port is opened of no other. */
  isAlone: boolean;
}

/** The name that is written or, after that is reported, the one that is offered in its place: that may stand elsewhere. */
function readHost({ value, path, ...may }: WrittenHost, report: Report): string | undefined {
  const check = checkHost(value);
  if ("host" in check) {
    return check.host;
  }
  const { problem, name, called, advice, address } = check;
  if (address !== undefined) {
    report({ path, value, problem, fix: (may.connects ? fixOfAddress(address, called) : undefined) ?? advice });
    return undefined;
  }
  if (called?.protocols.length === 0 && (called.port === undefined || !may.connects)) {
    const nothing = `${problem}. ${nothingElse(may.connects)}`;
    const isOnlyScheme = may.connects && !/\bport /.test(called.way);
    report(
      isOnlyScheme
        ? {
            path,
            value,
            problem: nothing,
            fix: `write the name, and under ports the port of ${called.way}, as 5432/tcp`,
          }
        : {
            path,
            value,
            problem: `${nothing}: ${called.way} cannot be opened`,
            fix: "remove it",
          },
    );
    return undefined;
  }
  report({ path, value, problem, fix: name === undefined ? advice : fixOfName(name, called, may) });
  return name;
}

/** How an address is called that stands among names; undefined where no destination could have it. */
function fixOfAddress(address: string, called: Called | undefined): string | undefined {
  const port = called?.port?.replace(/\/.*$/, "") ?? called?.way.match(/port (80|443)$/)?.[1] ?? "443";
  return addressesProblem(address) === undefined
    ? `write the name under which it is called, or, where it has none, a destination of its own: {addresses: [${address}], ports: [${port}/tcp]}`
    : undefined;
}

/** The name that is meant, on the port that is meant. */
function fixOfName(name: string, called: Called | undefined, may: Pick<WrittenHost, "spoken" | "ports" | "isAlone">) {
  const [own] = called?.port === undefined ? [] : may.ports.filter(({ port }) => port === parseInt(called.port!, 10));
  if (called?.port !== undefined && isWildcard(name)) {
    return `list the names that are called one by one, in a destination with ports: [${called.port}]`;
  }
  return called?.port === undefined || own !== undefined || may.isAlone
    ? `write "${name}"${missing(called, may)}`
    : `put it into a destination of its own, as {hosts: [${name}], ports: [${called.port}]}`;
}

const ways = protocols.map((protocol) => `${protocol} to port ${defaultPort(protocol)}`).join(" and ");
const nothingElse = (connects: boolean) =>
  `Nothing leaves the mesh but ${ways}${connects ? ", and what stands under ports by its number" : ""}`;

/** What has to be added to a destination, so that its hosts are called as one of them is written. */
function missing(called: Called | undefined, { spoken, ports }: Pick<WrittenHost, "spoken" | "ports">): string {
  const needed = called?.protocols ?? [];
  if (called?.port !== undefined) {
    const port = parseInt(called.port, 10);
    return ports.some((open) => open.port === port) ? "" : `, and add "${called.port}" to the ports`;
  }
  return needed.length === 0 || needed.some((protocol) => spoken.includes(protocol))
    ? ""
    : `, and add ${needed.join(" and ")} to the protocols`;
}
