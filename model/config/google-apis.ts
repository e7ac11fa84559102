import { isBelow, isWildcard } from "../ground/hosts";
import { googleDomains, restrictedVip, unservedByRestrictedVip } from "../ground/gke/restricted-vip";
import { portText } from "../ground/ports";
import { listNames } from "../ground/suggest";
import { isPublic } from "./addresses";
import { configPath, ConfigProblem } from "./problem";
import { DestinationTraits } from "./traits";
import { dialledInstead, reachesInside } from "./traits/told";
import { DestinationConfig, StackConfig } from "./types";

/** Whether a name, or a wildcard, leads to Google's restricted address on a network that the stack makes. */
function isRestricted(host: string): boolean {
  const name = host.replace(/^\*\./, "");
  return googleDomains.some((domain) => name === domain || isBelow(name, domain));
}

/** Why a host of Google's is not reached from a cluster that the stack makes; undefined for every other host and cluster. */
export function unservedByGoogle({ cluster }: Pick<StackConfig, "cluster">, host: string): string | undefined {
  const found = cluster.kind === "gke" ? unservedByRestrictedVip.find(({ names }) => names.includes(host)) : undefined;
  return found === undefined
    ? undefined
    : `it is ${found.what}, and ${restrictedVip.range}, where the cluster's network leads all of Google's APIs, does not serve it`;
}

/** A warning for each host of Google's that rules may allow, and that the restricted address does not serve. */
export function googleApiWarnings(config: Pick<StackConfig, "cluster" | "destinations">): ConfigProblem[] {
  return config.cluster.kind !== "gke"
    ? []
    : config.destinations.flatMap((destination) => {
        const { name, hosts, ports } = destination;
        // Names that a proxy looks up lead where they lead there.
        const named = dialledInstead(destination) === undefined ? hosts : [];
        return [
          ...named.flatMap((host) => hostWarnings(config, name, host)),
          ...portWarnings(name, named, ports.length > 0),
          ...mailWarnings(config, destination),
        ];
      });
}

/** Where mail servers take mail from each other. */
const mailPort = 25;

/**
 * Why a port of public hosts is not reached from a cluster that the stack makes.
 *
 * Source: Google Cloud's documentation, "Sending email from an instance": connections to destination port 25 of addresses
 * outside the network are blocked by default, because of the risk of abuse; 587 and 465 are not.
 */
export function blockedByGoogle(
  { cluster }: Pick<StackConfig, "cluster">,
  port: number,
  destination: DestinationTraits,
): string | undefined {
  return cluster.kind === "gke" && port === mailPort && !reachesInside(destination)
    ? `Google Cloud lets no connection to port ${mailPort} of public addresses out of its networks, unless it has been asked to`
    : undefined;
}

function mailWarnings(config: Pick<StackConfig, "cluster">, destination: DestinationConfig): ConfigProblem[] {
  const { name, ports, addresses } = destination;
  const reason = blockedByGoogle(config, mailPort, destination);
  const isOpen =
    ports.some(({ port }) => port === mailPort) && (addresses ?? [""]).some((each) => each === "" || isPublic(each));
  return reason === undefined || !isOpen
    ? []
    : [
        {
          path: configPath("destinations", name, "ports"),
          value: ports.map(portText),
          problem: `Rules may allow port ${mailPort}, and it is not reached: ${reason}`,
          fix: "call the mail service on port 587 or 465",
        },
      ];
}

function hostWarnings(config: Pick<StackConfig, "cluster">, destination: string, host: string): ConfigProblem[] {
  const path = configPath("destinations", destination, "hosts");
  const reason = unservedByGoogle(config, host);
  if (reason !== undefined) {
    const problem = `Rules may allow ${host}, and it is not reached: ${reason}`;
    return [{ path, value: host, problem, fix: "remove it, or call it from a cluster without these zones" }];
  }
  const below = isWildcard(host)
    ? unservedByRestrictedVip.flatMap(({ names }) => names.filter((name) => isBelow(name, host.slice(2))))
    : [];
  return below.length === 0
    ? []
    : [
        {
          path,
          value: host,
          problem:
            `${host} holds names that are not reached: ${restrictedVip.range}, where the cluster's network leads Google's APIs, does not ` +
            `serve those of Workspace, Maps and Ads, such as ${listNames(below.slice(0, 3))!}`,
          fix: "list the APIs that are called by their names, or leave it where none of these is called",
        },
      ];
}

/** Source: the same page: the address answers HTTP over TCP, and nothing else. */
function portWarnings(destination: string, hosts: readonly string[], hasPorts: boolean): ConfigProblem[] {
  const restricted = hosts.filter(isRestricted);
  return !hasPorts || restricted.length === 0
    ? []
    : [
        {
          path: configPath("destinations", destination, "ports"),
          value: restricted,
          problem: `${restrictedVip.range}, where the cluster's network leads ${listNames(restricted.slice(0, 3))!}, answers HTTP on its own ports, and no other`,
          fix: "remove the ports, or put the other hosts into another destination",
        },
      ];
}
