import { columns } from "../cli/columns";
import { Manifest, parseConfig, planStack } from "../model";

/**
 * Measures what a stack's plan weighs with many hosts of one kind, and with a quarter of them: everything is to grow with
 * the hosts, a gateway's EnvoyFilter with what it has to hold of them, and a sidecar with its own workload's only.
 */
interface Kind {
  name: string;
  hosts: number;
  /** A destination's settings. */
  destination: (hosts: string[]) => Record<string, unknown>;
  hostName: (index: number) => string;
}

const named = (domain: string) => (index: number) => `host-${String(index).padStart(5, "0")}.${domain}.example`;

/** How many the product is to carry, by kind. */
const kinds: Kind[] = [
  { name: "https", hosts: 2000, hostName: named("tls"), destination: (hosts) => ({ hosts, protocols: ["https"] }) },
  { name: "http and https", hosts: 2000, hostName: named("web"), destination: (hosts) => ({ hosts }) },
  { name: "5432/tcp", hosts: 1000, hostName: named("db"), destination: (hosts) => ({ hosts, ports: ["5432/tcp"] }) },
  {
    name: "wildcards",
    hosts: 1000,
    hostName: (index) => `*.${named("wild")(index)}`,
    destination: (hosts) => ({ hosts, protocols: ["https"] }),
  },
  { name: "originate", hosts: 1000, hostName: named("api"), destination: (hosts) => ({ hosts, originate: {} }) },
];

/** Hosts of one destination. */
const together = 50;

interface Weight {
  seconds: number;
  objects: number;
  /** Characters of JSON. */
  plan: number;
  gateway: number;
  sidecar: number;
  /** Of the greatest object, which the API server takes up to some 1.5 MB of. */
  largest: number;
}

function main(): void {
  const rows = kinds.map((kind) => {
    const [part, whole] = [weigh(kind, kind.hosts / 4), weigh(kind, kind.hosts)];
    const growth = (key: keyof Weight) => `${(whole[key] / part[key]).toFixed(1)}`;
    const size = (key: keyof Weight) => `${kilobytes(whole[key])} kB (${growth(key)})`;
    return [
      kind.name,
      `${kind.hosts}`,
      `${whole.seconds.toFixed(2)} s (${growth("seconds")})`,
      `${whole.objects} (${growth("objects")})`,
      ...(["plan", "gateway", "sidecar", "largest"] as const).map(size),
    ];
  });
  const header = [
    "",
    "hosts",
    "parse and plan",
    "objects",
    "all",
    "EnvoyFilter",
    "another's Sidecar",
    "largest object",
  ];
  process.stdout.write(
    [
      "In brackets: as a multiple of a quarter of the hosts, so 4.0 is linear and 1.0 does not grow.",
      "",
      ...columns()([header, ...rows]),
      "",
    ].join("\n"),
  );
}

function weigh(kind: Kind, hosts: number): Weight {
  const given = stackOf(kind, hosts);
  const started = performance.now();
  const plan = planStack(parseConfig(given, { now: new Date() }));
  const seconds = (performance.now() - started) / 1000;
  const parts = [...plan.gateways, ...plan.namespaces, ...plan.workloads, ...plan.destinations];
  const manifests = [...plan.egress, ...parts.flatMap((part) => part.manifests)];
  const weight = (found: Manifest[]) => found.reduce((sum, each) => sum + JSON.stringify(each).length, 0);
  return {
    seconds,
    objects: manifests.length,
    plan: weight(manifests),
    gateway: weight(manifests.filter((each) => each.kind === "EnvoyFilter")),
    sidecar: weight(manifests.filter(({ kind, metadata }) => kind === "Sidecar" && metadata.name === "another")),
    largest: Math.max(...manifests.map((each) => weight([each]))),
  };
}

/** Two workloads: one is granted every host, and another one a single one. */
function stackOf({ hostName, destination }: Kind, hosts: number): Record<string, unknown> {
  const names = Array.from({ length: hosts }, (_, index) => hostName(index));
  const destinations = Object.fromEntries(
    Array.from({ length: hosts / together }, (_, index) => [
      `partner-${index}`,
      destination(names.slice(index * together, (index + 1) * together)),
    ]),
  );
  const rule = (from: string, to: string) => ({ from: `shop/${from}`, to, owner: "bench", reason: "measures" });
  return {
    cluster: { kind: "existing" },
    namespaces: { shop: {} },
    workloads: {
      all: { namespace: "shop", image: "registry.example/all:1" },
      another: { namespace: "shop", image: "registry.example/another:1" },
    },
    destinations: { ...destinations, own: { hosts: ["own.example"] } },
    allow: [...Object.keys(destinations).map((to) => rule("all", to)), rule("another", "own")],
  };
}

function kilobytes(characters: number): string {
  return (characters / 1000).toFixed(characters < 10_000 ? 1 : 0);
}

main();
