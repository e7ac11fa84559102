import { asRange, Cidr, insideRanges, isPrivate, overlap, parseCidr, privateRanges } from "../ground/cidr";
import { sortedUnique } from "../ground/order";
import { checkLabelName, checkServiceName } from "./kubernetes-names";
import { unalignedProblem } from "./range";
import { OutsideConfig } from "./types";

/** Something that keeps a service beside the mesh from being what it says. */
export interface OutsideProblem {
  /** Where: `["addresses", 1]`; empty for its name. */
  at: PropertyKey[];
  value: unknown;
  problem: string;
  allowed?: string;
  fix?: string;
}

/** The largest range that may go past the sidecar: a subnet's worth of addresses. */
const shortestPrefix = 24;

/** What guarded namespaces have NetworkPolicies for by themselves, `egress-to-…` as a service's own is called. */
const ownWays = ["dns", "gateway", "istiod", "managed-control-plane", "mesh", "peers"];

/**
 * What is wrong with a service beside the mesh, by itself: the same for one of the configuration and for one of a
 * program. Its fields have their types already; one that is undefined is reported elsewhere.
 *
 * @param destinations where a name could be written instead of a public address
 */
export function outsideProblems(service: Partial<OutsideConfig>, destinations = "a destination"): OutsideProblem[] {
  const { name, addresses, ports, via = "bypass", clientMtls } = service;
  return [
    ...(name === undefined ? [] : nameProblems(name)),
    ...(addresses ?? []).flatMap((address, index) =>
      addressProblems(address, via, destinations).map((problem) => ({ at: ["addresses", index], ...problem })),
    ),
    ...(via === "bypass" && addresses !== undefined && addresses.length > 0 && addresses.every(isRange)
      ? [
          {
            at: ["addresses"],
            value: addresses,
            problem: "No single address: the service would have a name that leads nowhere",
            fix: "name one address of it beside the ranges",
          },
        ]
      : []),
    ...(ports === undefined ? [] : portProblems(ports)),
    ...(service.via === "bypass" && clientMtls !== undefined
      ? [
          {
            at: ["clientMtls"],
            value: clientMtls,
            problem: "Nothing to say here: calls that go past the sidecar are the application's own",
            fix: "remove it, or choose via: service",
          },
        ]
      : []),
  ];
}

/** Addresses each once and in order; a range of a single one as that one. */
export function normalAddresses(addresses: string[]): string[] {
  return sortedUnique(addresses.map((address) => address.replace(/\/32$/, "")));
}

/** Whether an address is written as a range, and one of more than a single address. */
function isRange(address: string): boolean {
  return address.includes("/") && !address.endsWith("/32");
}

function nameProblems(name: string): OutsideProblem[] {
  const problem = checkLabelName(name) ?? checkServiceName(name);
  return [
    ...(problem === undefined ? [] : [{ at: [], value: name, ...problem }]),
    ...(ownWays.includes(name)
      ? [
          {
            at: [],
            value: name,
            problem: `The namespace has a NetworkPolicy egress-to-${name} already, and the service would have another`,
            fix: "rename it",
          },
        ]
      : []),
  ];
}

type Unplaced = Omit<OutsideProblem, "at">;

function addressProblems(text: string, via: OutsideConfig["via"], destinations: string): Unplaced[] {
  const range = parseCidr(asRange(text));
  if (range === undefined) {
    const allowed =
      via === "bypass" ? "an address or a range, as 10.10.0.4 or 10.10.0.0/28" : "an address, as 10.10.0.4";
    return [{ value: text, problem: "Not an IPv4 address", allowed, fix: "write the address that the service has" }];
  }
  const unaligned = unalignedProblem(text, range);
  return [
    ...(unaligned === undefined ? [] : [unaligned]),
    ...(isPrivate(range)
      ? []
      : [
          {
            value: text,
            ...(insideRanges.some((inside) => overlap(parseCidr(inside)!, range))
              ? { problem: "Neither a network of one's own nor public: nobody's service is there", fix: "remove it" }
              : {
                  problem: "Not private: what has a public address goes through a gateway",
                  fix: `write its name among the hosts of ${destinations}, or, where it has none, the address under addresses there`,
                }),
            allowed: `a part of ${privateRanges.join(", ")}`,
          },
        ]),
    ...sizeProblems(text, range, via),
  ];
}

function sizeProblems(text: string, range: Cidr, via: OutsideConfig["via"]): Unplaced[] {
  if (via === "service" && range.size > 1) {
    return [
      {
        value: text,
        problem: "A Service has single addresses for endpoints, and no ranges",
        fix: "list the addresses one by one, or choose via: bypass",
      },
    ];
  }
  return range.prefix >= shortestPrefix
    ? []
    : [
        {
          value: text,
          problem: `Too wide: ${range.size} addresses would go past the sidecar`,
          allowed: `/${shortestPrefix} or smaller`,
          fix: "name the addresses of the service alone",
        },
      ];
}

function portProblems(ports: OutsideConfig["ports"]): OutsideProblem[] {
  const { http, https } = ports;
  if (http === undefined && https === undefined) {
    const allowed = "http, https or both, as {http: 80, https: 443}";
    return [{ at: ["ports"], value: ports, problem: "No port at all", allowed }];
  }
  return http === https
    ? [
        {
          at: ["ports"],
          value: ports,
          problem: "One port cannot speak both plain HTTP and TLS",
          fix: "give each its own",
        },
      ]
    : [];
}
