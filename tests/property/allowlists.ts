import fc from "fast-check";
import { Manifest, parseConfig, Plan, planStack } from "../../model";

/** A configuration in small numbers, from which the raw form is made in any order of keys. */
export interface Allowlist {
  namespaces: string[];
  /** Namespace by workload. */
  workloads: Record<string, string>;
  destinations: Record<string, { hosts: string[]; protocols: string[] }>;
  edges: { workload: string; destination: string }[];
  /** Destinations by the gateway of their own. @default all share one */
  gateways?: Record<string, string[]>;
  /** The mesh, and what else of the configuration goes with it. @default Istio, installed by the stack */
  mesh?: keyof typeof meshes;
  /** Services beside the mesh, by name, and which workloads of their namespace are granted them. @default none */
  outside?: Record<string, { namespace: string; via: string; ports: Record<string, number>; clients: string[] }>;
}

/** Every kind of mesh, in the form that a stack's file has. */
export const meshes = {
  istio: {},
  existing: { mesh: { kind: "existing" } },
  listing: { mesh: { kind: "existing", envoyFilters: false } },
  managed: {
    mesh: { kind: "cloud-service-mesh" },
    cluster: { kind: "gke", project: "acme-prod", name: "prod", location: "europe-west1" },
  },
};

/** The meshes that take no EnvoyFilter. */
export const listingMeshes = ["listing", "managed"] as const;

/** First part of the identities in an allowlist's mesh. */
export function trustDomainOf({ mesh }: Allowlist): string {
  return mesh === "managed" ? "acme-prod.svc.id.goog" : "cluster.local";
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

/** Any allowlist: workloads spread over namespaces, hosts over destinations, and any set of edges between them. */
export const allowlists: fc.Arbitrary<Allowlist> = fc
  .record({ namespaces: fc.integer({ min: 1, max: 4 }), workloads: fc.nat(6), destinations: fc.nat(6) })
  .chain((counts) => {
    const namespaces = names("ns", counts.namespaces);
    const workloads = names("app", counts.workloads);
    const destinations = names("dest", counts.destinations);
    const edges = workloads.flatMap((workload) => destinations.map((destination) => ({ workload, destination })));
    const homes = fc.tuple(...workloads.map(() => fc.constantFrom(...namespaces)));
    const shapes = fc.tuple(
      ...destinations.map((destination) =>
        fc.record({
          hosts: fc
            .integer({ min: 1, max: 4 })
            .map((count) => names(destination, count).map((host) => `${host}.example.com`)),
          protocols: fc.constantFrom<string[]>(["http"], ["https"], ["http", "https"]),
        }),
      ),
    );
    return fc.record({
      namespaces: fc.constant(namespaces),
      workloads: homes.map((home) => Object.fromEntries(workloads.map((workload, index) => [workload, home[index]!]))),
      destinations: shapes.map((shape) => Object.fromEntries(destinations.map((name, index) => [name, shape[index]!]))),
      edges: fc.subarray(edges),
    });
  });

/** The same, in any kind of mesh, with gateways of some destinations' own and with services beside the mesh. */
export const wideAllowlists: fc.Arbitrary<Allowlist> = allowlists.chain((allowlist) => {
  const { namespaces, workloads, destinations } = allowlist;
  const services = fc.array(
    fc.record({
      namespace: fc.constantFrom(...namespaces),
      via: fc.constantFrom("service", "bypass"),
      ports: fc.constantFrom<Record<string, number>>({ http: 80, https: 443 }, { http: 8080 }, { https: 443 }),
      clients: fc.subarray(Object.keys(workloads)),
    }),
    { maxLength: 2 },
  );
  const mesh = fc.constantFrom(...(Object.keys(meshes) as (keyof typeof meshes)[]));
  return fc.tuple(services, fc.nat(Object.keys(destinations).length), mesh).map(([written, apart, kind]): Allowlist => {
    const outside = written.map(({ clients, ...service }, index) => {
      const ofNamespace = clients.filter((client) => workloads[client] === service.namespace);
      return [`svc-${index}`, { ...service, clients: ofNamespace }];
    });
    const gateways: [string, string[]][] =
      apart === 0 ? [] : [["egress-own", Object.keys(destinations).slice(0, apart)]];
    return { ...allowlist, mesh: kind, gateways: Object.fromEntries(gateways), outside: Object.fromEntries(outside) };
  });
});

export function rawConfig(allowlist: Allowlist): Record<string, unknown> {
  const { namespaces, workloads, destinations, edges, gateways = {}, outside = {}, mesh = "istio" } = allowlist;
  return {
    ...meshes[mesh],
    namespaces: Object.fromEntries(namespaces.map((name) => [name, {}])),
    workloads: Object.fromEntries(
      Object.entries(workloads).map(([name, namespace]) => [name, { namespace, image: "i" }]),
    ),
    destinations,
    gateways: Object.fromEntries(Object.entries(gateways).map(([name, served]) => [name, { destinations: served }])),
    outside: Object.fromEntries(
      Object.entries(outside).map(([name, { clients: _, ...service }]) => [
        name,
        { ...service, addresses: ["10.10.0.4"] },
      ]),
    ),
    allow: [
      ...edges.map(({ workload, destination }) => ({ from: `${workloads[workload]}/${workload}`, to: destination })),
      ...Object.entries(outside).flatMap(([name, { namespace, clients }]) =>
        clients.map((client) => ({ from: `${namespace}/${client}`, to: name })),
      ),
    ],
  };
}

export function planOf(raw: Record<string, unknown>): Plan {
  return planStack(parseConfig(raw, { now: new Date("2026-11-22") }));
}

/** Every manifest of a plan, whoever owns it. */
export function manifestsOf(plan: Plan): Manifest[] {
  const { mesh, egress, gateways, namespaces, workloads, destinations, outside, admission } = plan;
  const owned = [gateways, namespaces, workloads, destinations, outside].flat();
  return [
    ...(mesh === undefined ? [] : [mesh.namespace, ...mesh.certificates, ...mesh.policies]),
    ...egress,
    ...owned.flatMap(({ manifests }) => manifests),
    ...admission,
  ];
}

/** The same value with the keys of every object, and the entries of every list named in `lists`, in reverse order. */
export function reversed(value: unknown, lists: string[], key?: string): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => reversed(item, lists));
    return key !== undefined && lists.includes(key) ? items.reverse() : items;
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, part]) => [name, reversed(part, lists, name)]),
  );
}
