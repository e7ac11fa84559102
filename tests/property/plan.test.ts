// What holds for the plan of any allowlist: order, size, and who is let through where.
// Does not prove: that the mesh does what the plan says; the lab's tests do.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Manifest, manifestKey, Plan } from "../../model";
import {
  Allowlist,
  allowlists,
  manifestsOf,
  planOf,
  rawConfig,
  reversed,
  trustDomainOf,
  wideAllowlists,
} from "./allowlists";

const perHost = 1;
const perDestination = 2;
const perWorkload = 3;
const perNamespace = 7;

function keysOf(plan: Plan): string[] {
  return manifestsOf(plan).map(manifestKey);
}

/** Manifests by key, as text, for comparison. */
function byKey(plan: Plan): Map<string, string> {
  return new Map(manifestsOf(plan).map((manifest) => [manifestKey(manifest), JSON.stringify(manifest)]));
}

function changed(before: Plan, after: Plan): string[] {
  const [old, now] = [byKey(before), byKey(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key)).sort();
}

/** External hosts that a Sidecar names. */
function sidecarHosts(manifest: Manifest): string[] {
  const [{ hosts }] = (manifest as unknown as { spec: { egress: [{ hosts: string[] }] } }).spec.egress;
  return hosts.flatMap((host) => (host.startsWith("istio-egress/") ? [host.slice("istio-egress/".length)] : []));
}

/** Every pair of identity and host that some AuthorizationPolicy lets through, by the gateway's port. */
function grants(plan: Plan, port: string): string[] {
  const policies = plan.destinations.flatMap(({ manifests }) =>
    manifests.filter(({ kind }) => kind === "AuthorizationPolicy"),
  ) as any[];
  return policies
    .flatMap(({ spec }) => spec.rules)
    .filter((rule) => rule.to[0].operation.ports.includes(port))
    .flatMap((rule) =>
      rule.from[0].source.principals.flatMap((principal: string) =>
        (rule.when?.[0].values ?? rule.to[0].operation.hosts.filter((host: string) => !host.includes(":"))).map(
          (host: string) => `${principal} ${host}`,
        ),
      ),
    )
    .sort();
}

function wantedGrants(allowlist: Allowlist, protocol: string): string[] {
  const { workloads, destinations, edges } = allowlist;
  const domain = trustDomainOf(allowlist);
  return edges
    .filter(({ destination }) => destinations[destination]!.protocols.includes(protocol))
    .flatMap(({ workload, destination }) =>
      destinations[destination]!.hosts.map((host) => `${domain}/ns/${workloads[workload]}/sa/${workload} ${host}`),
    )
    .sort();
}

/** An allowlist with at least one destination and the name of one. */
const withDestination = allowlists
  .filter(({ destinations }) => Object.keys(destinations).length > 0)
  .chain((allowlist) => fc.tuple(fc.constant(allowlist), fc.constantFrom(...Object.keys(allowlist.destinations))));

describe("the plan of any allowlist", () => {
  it("does not depend on the order of keys, rules or hosts", () => {
    fc.assert(
      fc.property(wideAllowlists, (allowlist) => {
        const raw = rawConfig(allowlist);
        const other = reversed(raw, ["allow", "hosts", "protocols"]) as Record<string, unknown>;
        assert.equal(JSON.stringify(planOf(other)), JSON.stringify(planOf(raw)));
      }),
    );
  });

  it("has each key once, and its lists sorted", () => {
    fc.assert(
      fc.property(wideAllowlists, (allowlist) => {
        const plan = planOf(rawConfig(allowlist));
        assert.equal(new Set(keysOf(plan)).size, keysOf(plan).length);
        for (const { manifests } of [
          plan.gateways,
          plan.namespaces,
          plan.workloads,
          plan.destinations,
          plan.outside,
        ].flat()) {
          assert.deepEqual(manifests.map(manifestKey), manifests.map(manifestKey).sort());
        }
      }),
    );
  });

  it("grows with hosts, destinations, workloads and namespaces, never with edges", () => {
    const fixed = keysOf(planOf({})).length;
    fc.assert(
      fc.property(allowlists, (allowlist) => {
        const granted = [...new Set(allowlist.edges.map(({ destination }) => destination))];
        const hosts = granted.reduce((sum, name) => sum + allowlist.destinations[name]!.hosts.length, 0);
        const expected =
          fixed +
          perNamespace * allowlist.namespaces.length +
          perWorkload * Object.keys(allowlist.workloads).length +
          perDestination * granted.length +
          perHost * hosts;
        assert.equal(keysOf(planOf(rawConfig(allowlist))).length, expected);
      }),
    );
  });

  it("lets exactly the allowed pairs through the gateway, on each port", () => {
    fc.assert(
      fc.property(wideAllowlists, (allowlist) => {
        const plan = planOf(rawConfig(allowlist));
        assert.deepEqual(grants(plan, "8080"), wantedGrants(allowlist, "http"));
        assert.deepEqual(grants(plan, "8443"), wantedGrants(allowlist, "https"));
      }),
    );
  });

  it("gives each sidecar exactly its own hosts, and makes each host visible exactly where it is granted", () => {
    fc.assert(
      fc.property(allowlists, (allowlist) => {
        const plan = planOf(rawConfig(allowlist));
        const hostsOf = (destination: string) => allowlist.destinations[destination]!.hosts;
        for (const workload of plan.workloads) {
          const own = allowlist.edges.filter((edge) => edge.workload === workload.name);
          const sidecar = workload.manifests.find(({ kind }) => kind === "Sidecar")!;
          assert.deepEqual(sidecarHosts(sidecar), own.flatMap((edge) => hostsOf(edge.destination)).sort());
        }
        for (const { manifests } of plan.namespaces) {
          assert.deepEqual(sidecarHosts(manifests.find(({ kind }) => kind === "Sidecar")!), []);
        }
        for (const { name, manifests } of plan.destinations) {
          const clients = allowlist.edges.filter((edge) => edge.destination === name);
          const namespaces = [...new Set(clients.map((edge) => allowlist.workloads[edge.workload]!))].sort();
          for (const manifest of manifests.filter(({ kind }) => kind !== "AuthorizationPolicy")) {
            assert.deepEqual((manifest as any).spec.exportTo, namespaces);
          }
        }
      }),
    );
  });

  it("changes with a new host only that host's way, its destination's policy and its clients' Sidecars", () => {
    fc.assert(
      fc.property(withDestination, ([allowlist, destination]) => {
        const { hosts, protocols } = allowlist.destinations[destination]!;
        const grown = { hosts: [...hosts, "new.example.org"], protocols };
        const after = { ...allowlist, destinations: { ...allowlist.destinations, [destination]: grown } };
        const clients = allowlist.edges.filter((edge) => edge.destination === destination);
        const expected =
          clients.length === 0
            ? []
            : [
                `ServiceEntry/istio-egress/${destination}.hosts`,
                "DestinationRule/istio-egress/new.example.org",
                `AuthorizationPolicy/istio-egress/allow-${destination}`,
                ...clients.map(({ workload }) => `Sidecar/${allowlist.workloads[workload]}/${workload}`),
              ];
        assert.deepEqual(changed(planOf(rawConfig(allowlist)), planOf(rawConfig(after))), expected.sort());
      }),
    );
  });

  it("changes with a new destination and its rule only that destination's objects and the one Sidecar", () => {
    const cases = allowlists
      .filter(({ workloads }) => Object.keys(workloads).length > 0)
      .chain((allowlist) => fc.tuple(fc.constant(allowlist), fc.constantFrom(...Object.keys(allowlist.workloads))));
    fc.assert(
      fc.property(cases, ([allowlist, workload]) => {
        const after = {
          ...allowlist,
          destinations: { ...allowlist.destinations, new: { hosts: ["new.example.org"], protocols: ["https"] } },
          edges: [...allowlist.edges, { workload, destination: "new" }],
        };
        assert.deepEqual(changed(planOf(rawConfig(allowlist)), planOf(rawConfig(after))), [
          "AuthorizationPolicy/istio-egress/allow-new",
          "DestinationRule/istio-egress/new.example.org",
          "ServiceEntry/istio-egress/new.hosts",
          `Sidecar/${allowlist.workloads[workload]}/${workload}`,
        ]);
      }),
    );
  });

  it("does not touch what it is made from", () => {
    fc.assert(
      fc.property(allowlists, (allowlist) => {
        const raw = rawConfig(allowlist);
        const before = JSON.stringify(raw);
        planOf(raw);
        assert.equal(JSON.stringify(raw), before);
      }),
    );
  });
});
