import { sortedBy, sortedUnique } from "../../ground/order";
import { defaultPort, Protocol, protocols } from "../../ground/protocols";
import { Called, checkHost } from "../host";
import { checkLabelName } from "../kubernetes-names";
import { configPath } from "../path";
import { destinationSchema } from "../schema";
import { readEntries, readFields, Report } from "../shape";
import { DestinationConfig } from "../types";

export interface Destinations {
  configs: DestinationConfig[];
  /** Every name that the configuration mentions, those with problems of their own included. */
  names: Set<string>;
  /** Where each host stands, by host, and in which destination. */
  owners: Map<string, { destination: string; path: string }>;
}

export function readDestinations(raw: unknown, report: Report): Destinations {
  const destinations: Destinations = { configs: [], names: new Set(), owners: new Map() };
  for (const [name, value] of readEntries(raw, "destinations", report)) {
    destinations.names.add(name);
    const problem = checkLabelName(name);
    if (problem !== undefined) {
      report({ path: configPath("destinations", name), value: name, ...problem });
    }
    const { sound } = readFields(destinationSchema, value ?? {}, ["destinations", name], report);
    const spoken = sortedUnique(sound.protocols ?? protocols);
    const hosts = readHosts({ name, written: sound.hosts ?? [], spoken }, destinations.owners, report);
    destinations.configs.push({ name, hosts, protocols: spoken });
  }
  return { ...destinations, configs: sortedBy(destinations.configs, ({ name }) => name) };
}

interface WrittenHosts {
  /** The destination's name. */
  name: string;
  written: string[];
  /** What the destination's hosts are spoken to in. */
  spoken: Protocol[];
}

function readHosts(
  { name: destination, written, spoken }: WrittenHosts,
  owners: Destinations["owners"],
  report: Report,
): string[] {
  const hosts: string[] = [];
  written.forEach((value, index) => {
    const path = configPath("destinations", destination, "hosts", index);
    const host = readHost({ value, path, spoken }, report);
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

interface WrittenHost {
  value: string;
  path: string;
  spoken: Protocol[];
}

/** The name that is written or, after that is reported, the one that is offered in its place: that may stand elsewhere. */
function readHost({ value, path, spoken }: WrittenHost, report: Report): string | undefined {
  const check = checkHost(value);
  if ("host" in check) {
    return check.host;
  }
  const { problem, name, called, advice } = check;
  if (called?.protocols.length === 0) {
    report({ path, value, problem: `${problem}. ${nothingElse}: ${called.way} cannot be opened` });
    return undefined;
  }
  report({ path, value, problem, fix: name === undefined ? advice : `write "${name}"${missing(called, spoken)}` });
  return name;
}

const ways = protocols.map((protocol) => `${protocol} to port ${defaultPort(protocol)}`).join(" and ");
const nothingElse = `Nothing leaves the mesh but ${ways}`;

/** What has to be added to a destination's protocols, so that its hosts are called as one of them is written. */
function missing(called: Called | undefined, spoken: Protocol[]): string {
  const needed = called?.protocols ?? [];
  return needed.length === 0 || needed.some((protocol) => spoken.includes(protocol))
    ? ""
    : `, and add ${needed.join(" and ")} to the protocols`;
}
