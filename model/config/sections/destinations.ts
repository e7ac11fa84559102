import { sortedBy, sortedUnique } from "../../ground/order";
import { protocols } from "../../ground/protocols";
import { checkHost } from "../host";
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
    const hosts = readHosts(name, sound.hosts ?? [], destinations.owners, report);
    destinations.configs.push({ name, hosts, protocols: sortedUnique(sound.protocols ?? protocols) });
  }
  return { ...destinations, configs: sortedBy(destinations.configs, ({ name }) => name) };
}

function readHosts(destination: string, written: string[], owners: Destinations["owners"], report: Report): string[] {
  const hosts: string[] = [];
  written.forEach((value, index) => {
    const path = configPath("destinations", destination, "hosts", index);
    const host = readHost(value, path, report);
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

function readHost(value: string, path: string, report: Report): string | undefined {
  const check = checkHost(value);
  if ("host" in check) {
    return check.host;
  }
  report({ path, value, ...check });
  return undefined;
}
