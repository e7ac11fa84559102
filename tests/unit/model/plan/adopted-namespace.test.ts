// A namespace that is there already: what is put on it and into it by each guard, and what is not.
// Does not prove: that pods without a sidecar go on as they are; the lab's adoption test does.
import assert from "node:assert/strict";
import { Guard, Manifest, manifestKey, parseConfig, planNamespace, planStack } from "../../../../model";
import { manifestsOf } from "../../../property/allowlists";
import { now, soundConfig } from "../config/sound-config";
import { find } from "./find";

const args = {
  name: "payments",
  existing: true,
  guardedNamespaces: ["payments", "test-app"],
  peers: ["legacy-tools"],
  gatewayNamespace: "istio-egress",
};

const sidecar = "Sidecar/payments/default";
const mtls = "PeerAuthentication/payments/default";
const walls = ["dns", "gateway", "istiod", "mesh", "peers"].map((to) => `NetworkPolicy/payments/egress-to-${to}`);

function planned(guard: Guard): Manifest[] {
  return planNamespace({ ...args, guard });
}

const refusals = "EnvoyFilter/payments/refusals";

function modeOf(manifests: Manifest[]): unknown {
  return (find(manifests, mtls) as { spec?: { mtls?: { mode?: string } } }).spec?.mtls?.mode;
}

describe("planNamespace, of a namespace that exists", () => {
  it("with guard inject adds the label and what sidecars are told, and nothing that cuts a pod without one", () => {
    const manifests = planned("inject");
    assert.deepEqual(manifests.map(manifestKey), [refusals, "NamespacePatch/payments", mtls, sidecar]);
    assert.equal(modeOf(manifests), "PERMISSIVE");
  });

  it("with guard enforce, the default, adds NetworkPolicies and strict mutual TLS", () => {
    const manifests = planned("enforce");
    assert.deepEqual(manifests.map(manifestKey), [refusals, "NamespacePatch/payments", ...walls, mtls, sidecar]);
    assert.equal(modeOf(manifests), "STRICT");
    assert.deepEqual(planNamespace(args), manifests);
  });

  it("with guard leave keeps what sidecars that still run are told, without the label", () => {
    const manifests = planned("leave");
    assert.deepEqual(manifests.map(manifestKey), [refusals, mtls, sidecar]);
    assert.equal(modeOf(manifests), "PERMISSIVE");
    assert.deepEqual(find(manifests, sidecar), find(planned("inject"), sidecar));
  });

  it("puts the one label on the namespace that its pods are injected by, and no other", () => {
    const patched = (mesh?: { revision: string }) => find(planNamespace({ ...args, mesh }), "NamespacePatch/payments");
    assert.deepEqual(patched().metadata, { name: "payments", labels: { "istio-injection": "enabled" } });
    assert.deepEqual(patched({ revision: "1-31" }).metadata.labels, { "istio.io/rev": "1-31" });
  });

  it("opens the ways to its peers, for sidecars and around them", () => {
    const manifests = planned("enforce");
    const { egress } = find(manifests, sidecar).spec as { egress: { hosts: string[] }[] };
    assert.deepEqual(egress[0]!.hosts, [
      "legacy-tools/*.legacy-tools.svc.cluster.local",
      "payments/*.payments.svc.cluster.local",
      "test-app/*.test-app.svc.cluster.local",
    ]);
    const { spec } = find(manifests, "NetworkPolicy/payments/egress-to-peers") as { spec?: any };
    assert.deepEqual(spec.egress[0].to[0].namespaceSelector.matchExpressions[0].values, ["legacy-tools"]);
  });
});

describe("a stack with namespaces that exist", () => {
  function stack(change: Record<string, unknown> = {}) {
    const raw = {
      ...soundConfig(),
      namespaces: { "test-app": {}, "istio-workload": {}, payments: { existing: true, peers: ["legacy-tools"] } },
      ...change,
    };
    return planStack(parseConfig(raw, { now }));
  }

  it("has its istiod look at them, and at their peers, by their names", () => {
    const { meshConfig } = stack().mesh!.istiod.values as { meshConfig: { discoverySelectors: object[] } };
    const named = { key: "kubernetes.io/metadata.name", operator: "In", values: ["legacy-tools", "payments"] };
    assert.deepEqual(meshConfig.discoverySelectors, [
      { matchLabels: { "app.kubernetes.io/managed-by": "pulumi" } },
      { matchLabels: { "istio-injection": "enabled" } },
      { matchExpressions: [named] },
    ]);
  });

  it("makes what istiod keeps in them, so that it goes with them; in a mesh of others it is theirs", () => {
    const certificates = stack().mesh!.certificates.map(manifestKey);
    assert.deepEqual(
      certificates,
      ["legacy-tools", "payments"].flatMap((name) =>
        ["istio-ca-crl", "istio-ca-root-cert"].map((own) => `ConfigMap/${name}/${own}`),
      ),
    );
    const foreign = manifestsOf(stack({ mesh: { kind: "existing" } }));
    assert.deepEqual(
      foreign.filter(({ kind }) => kind === "ConfigMap"),
      [],
    );
  });

  it("lets them call its gateways and its other namespaces", () => {
    const manifests = manifestsOf(stack());
    for (const key of ["istio-egress/ingress-from-mesh", "test-app/egress-to-mesh"]) {
      assert.match(JSON.stringify(find(manifests, `NetworkPolicy/${key}`)), /"payments"/);
    }
  });

  it("has no NetworkPolicy in one that is not enforced, for a service beside the mesh either", () => {
    const outside = { bank: { namespace: "payments", addresses: ["10.9.0.1"], via: "service" } };
    const workloads = { pay: { namespace: "payments", image: "example.com/pay:1" } };
    const policies = (guard: string) => {
      const change = {
        namespaces: { payments: { existing: true, guard } },
        workloads,
        outside,
        allow: [{ from: "payments/pay", to: "bank" }],
      };
      return manifestsOf(stack(change))
        .filter(({ kind, metadata }) => kind === "NetworkPolicy" && metadata.namespace === "payments")
        .map(({ metadata }) => metadata.name);
    };
    assert.deepEqual(policies("inject"), []);
    assert.ok(policies("enforce").includes("egress-to-bank"));
  });

  it("finds DNS and the control plane where the cluster has them", () => {
    const change = {
      mesh: { kind: "existing" },
      cluster: {
        kind: "existing",
        dns: { port: 5353, resolvers: ["169.254.20.10"] },
        controlPlane: { ranges: ["10.1.0.0/28"] },
      },
    };
    const manifests = manifestsOf(stack(change));
    for (const namespace of ["payments", "test-app", "istio-egress"]) {
      const dns = find(manifests, `NetworkPolicy/${namespace}/egress-to-dns`) as { spec?: any };
      assert.deepEqual(
        dns.spec.egress.map(({ ports }: { ports: { port: number }[] }) => ports.map(({ port }) => port)),
        [
          [5353, 5353],
          [53, 53],
        ],
      );
      const plane = find(manifests, `NetworkPolicy/${namespace}/egress-to-managed-control-plane`) as { spec?: any };
      assert.deepEqual(plane.spec.egress, [
        { to: [{ ipBlock: { cidr: "10.1.0.0/28" } }], ports: [{ protocol: "TCP", port: 443 }] },
      ]);
    }
    const elsewhere = { ...change, cluster: { kind: "existing", controlPlane: { namespace: "aks-istio-system" } } };
    const istiod = find(manifestsOf(stack(elsewhere)), "NetworkPolicy/payments/egress-to-istiod");
    assert.match(JSON.stringify(istiod), /"kubernetes.io\/metadata.name":"aks-istio-system"/);
  });
});
