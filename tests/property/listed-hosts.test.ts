// What holds for the plan of any allowlist in a mesh that takes no EnvoyFilter, where gateways list their hosts.
// Does not prove: that such a mesh does what the plan says; tests/lab asks one that is told to do without.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Manifest, manifestKey, Plan } from "../../model";
import { hostLabel } from "../../model/ground/names";
import { Allowlist, listingMeshes, manifestsOf, planOf, rawConfig, wideAllowlists } from "./allowlists";

const inListingMeshes: fc.Arbitrary<Allowlist> = fc
  .tuple(wideAllowlists, fc.constantFrom(...listingMeshes))
  .map(([allowlist, mesh]) => ({ ...allowlist, mesh }));

function ofKind(plan: Plan, kind: string): (Manifest & { spec: any })[] {
  return manifestsOf(plan).filter((manifest) => manifest.kind === kind) as (Manifest & { spec: any })[];
}

/** Each granted destination, and the namespaces of its clients, sorted. */
function grantsOf({ workloads, edges }: Allowlist): Map<string, string[]> {
  const names = [...new Set(edges.map(({ destination }) => destination))].sort();
  return new Map(
    names.map((name) => {
      const clients = edges.filter(({ destination }) => destination === name);
      return [name, [...new Set(clients.map(({ workload }) => workloads[workload]!))].sort()];
    }),
  );
}

/** The hosts that a Gateway's servers, or a VirtualService, are for. */
function hostsOf({ spec }: { spec: any }): string {
  const hosts: string[] = spec.hosts ?? spec.servers.flatMap((server: any) => server.hosts);
  return [...new Set(hosts.map((host) => host.replace(/^\.\//, "")))].join();
}

describe("the plan of any allowlist, in a mesh without EnvoyFilters", () => {
  it("has none, nor any server, route or name but those of granted hosts", () => {
    fc.assert(
      fc.property(inListingMeshes, (allowlist) => {
        const plan = planOf(rawConfig(allowlist));
        assert.deepEqual(ofKind(plan, "EnvoyFilter"), []);
        const hosts = [...grantsOf(allowlist).keys()].flatMap((name) => allowlist.destinations[name]!.hosts).sort();
        for (const kind of ["Gateway", "VirtualService"]) {
          assert.deepEqual(ofKind(plan, kind).map(hostsOf).sort(), hosts);
          assert.ok(ofKind(plan, kind).every(({ metadata }) => metadata.namespace === "istio-egress"));
        }
      }),
    );
  });

  it("routes every host to itself alone, on the ports of its protocols, from a Gateway of its own", () => {
    fc.assert(
      fc.property(inListingMeshes, (allowlist) => {
        const plan = planOf(rawConfig(allowlist));
        for (const [name] of grantsOf(allowlist)) {
          const { hosts, protocols } = allowlist.destinations[name]!;
          const ports = [...(protocols.includes("http") ? [80] : []), ...(protocols.includes("https") ? [443] : [])];
          for (const host of hosts) {
            const { spec } = ofKind(plan, "VirtualService").find((route) => hostsOf(route) === host)!;
            const gateways = ofKind(plan, "Gateway").filter((gateway) => hostsOf(gateway) === host);
            assert.deepEqual(
              spec.gateways,
              gateways.map(({ metadata }) => metadata.name),
            );
            const routes = [...(spec.http ?? []), ...(spec.tcp ?? [])];
            const targets = routes.flatMap(({ match, route }: any) =>
              route.map(({ destination }: any) => [match[0].port, destination.host, destination.port.number]),
            );
            assert.deepEqual(
              targets,
              ports.map((port) => [port, host, port]),
            );
          }
        }
      }),
    );
  });

  it("leads to the gateway in exactly the clients' namespaces, and to the host in the gateways' alone", () => {
    fc.assert(
      fc.property(inListingMeshes, (allowlist) => {
        const plan = planOf(rawConfig(allowlist));
        for (const [name, namespaces] of grantsOf(allowlist)) {
          for (const host of allowlist.destinations[name]!.hosts) {
            const homes = (kind: string) =>
              ofKind(plan, kind)
                .filter(({ spec }) => (spec.hosts ?? [spec.host]).includes(host))
                .map(({ metadata, spec }) => [metadata.namespace, spec.exportTo])
                .sort();
            const everywhere = [...namespaces, "istio-egress"].map((namespace) => [namespace, ["."]]).sort();
            assert.deepEqual(homes("DestinationRule"), everywhere);
            assert.deepEqual(homes("ServiceEntry"), everywhere);
          }
        }
      }),
    );
  });

  it("lets each sidecar import exactly its own hosts, from where they lead to the gateway", () => {
    fc.assert(
      fc.property(inListingMeshes, (allowlist) => {
        const plan = planOf(rawConfig(allowlist));
        const entries = new Set(
          ofKind(plan, "ServiceEntry").flatMap(({ metadata, spec }) =>
            spec.hosts.map((host: string) => `${metadata.namespace}/${host}`),
          ),
        );
        for (const { name, namespace, manifests } of plan.workloads) {
          const sidecar = manifests.find(({ kind }) => kind === "Sidecar") as Manifest & { spec: any };
          const imports = sidecar.spec.egress[0].hosts.filter((host: string) => !host.includes("/*."));
          const hosts = allowlist.edges
            .filter(({ workload }) => workload === name)
            .flatMap(({ destination }) => allowlist.destinations[destination]!.hosts);
          const beside = Object.entries(allowlist.outside ?? {})
            .filter(([, { via, clients }]) => via === "service" && clients.includes(name))
            .map(([service]) => `istio-egress/${service}.${namespace}.svc.cluster.local`);
          assert.deepEqual([...imports].sort(), [...hosts.map((host) => `${namespace}/${host}`), ...beside].sort());
          assert.deepEqual(
            imports.filter((host: string) => !entries.has(host)),
            [],
          );
        }
      }),
    );
  });

  it("changes with a new host only that host's way, its destination's policy and its clients' Sidecars", () => {
    const cases = inListingMeshes
      .filter(({ edges }) => edges.length > 0)
      .chain((allowlist) => fc.tuple(fc.constant(allowlist), fc.constantFrom(...grantsOf(allowlist).keys())));
    fc.assert(
      fc.property(cases, ([allowlist, destination]) => {
        const { hosts, protocols } = allowlist.destinations[destination]!;
        const grown = { hosts: [...hosts, "new.example.org"], protocols };
        const after = { ...allowlist, destinations: { ...allowlist.destinations, [destination]: grown } };
        const byKey = (plan: Plan) =>
          new Map(manifestsOf(plan).map((manifest) => [manifestKey(manifest), JSON.stringify(manifest)]));
        const [old, now] = [byKey(planOf(rawConfig(allowlist))), byKey(planOf(rawConfig(after)))];
        const changed = [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key));
        const clients = allowlist.edges.filter((edge) => edge.destination === destination);
        const homes = grantsOf(allowlist).get(destination)!;
        assert.deepEqual(
          changed.sort(),
          [
            `Gateway/istio-egress/${hostLabel("new.example.org")}`,
            "VirtualService/istio-egress/new.example.org",
            ...["istio-egress", ...homes].flatMap((home) => [
              `DestinationRule/${home}/new.example.org`,
              `ServiceEntry/${home}/${destination}.hosts`,
            ]),
            `AuthorizationPolicy/istio-egress/allow-${destination}`,
            ...clients.map(({ workload }) => `Sidecar/${allowlist.workloads[workload]}/${workload}`),
          ].sort(),
        );
      }),
    );
  });
});
