// Namespaces, a mesh and a cluster's DNS that are somebody else's: what is a fault there, and what is as the stack says.
// Does not prove: that real namespaces look so; the lab brings some in.
import assert from "node:assert/strict";
import { FakeCluster, short } from "./cluster";

function clusterOf(namespace: object, over: Record<string, unknown> = {}): FakeCluster {
  const workloads = { cart: { namespace: "shop", existing: { serviceAccount: "cart" } } };
  const namespaces = { shop: { existing: true, ...namespace } };
  return new FakeCluster({ namespaces, workloads, allow: [{ from: "shop/cart", to: "github" }], ...over });
}

function found(cluster: FakeCluster): string[] {
  return cluster.report().findings.map(short);
}

describe("doctor, of namespaces that exist", () => {
  for (const guard of ["inject", "enforce", "leave"]) {
    it(`finds nothing in one that is as the stack says, with guard: ${guard}`, () => {
      assert.deepEqual(found(clusterOf({ guard })), []);
    });
  }

  it("finds one that is not there, and none of its objects besides", () => {
    const cluster = clusterOf({});
    cluster.objects = cluster.objects.filter(
      ({ kind, metadata }) => metadata.namespace !== "shop" && !(kind === "Namespace" && metadata.name === "shop"),
    );
    const [first, second, ...more] = found(cluster);
    assert.deepEqual(
      [first, second, more],
      ["breaks-workload Namespace shop (namespaces)", "breaks-workload workload shop/cart (workloads)", []],
    );
  });

  it("takes pods without a sidecar for a step to go while they are not enforced, and then for a hole", () => {
    for (const [guard, severity, key] of [
      ["inject", "warning", undefined],
      ["enforce", "breaks-guard", /^istio-egress:namespaces\.shop\.guard: inject/],
    ] as const) {
      const cluster = clusterOf({ guard });
      const { spec } = cluster.pod("cart");
      spec.containers = [{ name: "cart", image: "app:1" }];
      spec.initContainers = [];
      const finding = cluster.finding();
      assert.equal(short(finding), `${severity} Deployment shop/cart (sidecars)`);
      assert.deepEqual(finding.commands, ["kubectl rollout restart deployment/cart --namespace shop"]);
      assert.ok(key === undefined ? finding.config === undefined : key.test(finding.config!));
    }
  });

  it("asks nothing of the sidecars of one that is let go of", () => {
    const cluster = clusterOf({ guard: "leave" });
    cluster.pod("cart").spec.containers = [{ name: "cart", image: "app:1" }];
    cluster.add("networking.k8s.io/v1", "NetworkPolicy", "shop/open", { spec: { podSelector: {}, egress: [{}] } });
    assert.deepEqual(found(cluster), []);
  });

  it("finds connections without mutual TLS where a namespace is enforced, and nothing while it is not", () => {
    const weak = { spec: { selector: { matchLabels: { app: "cart" } }, mtls: { mode: "PERMISSIVE" } } };
    for (const [guard, findings] of [
      ["inject", []],
      ["enforce", ["breaks-guard PeerAuthentication shop/weak (istio-objects)"]],
    ] as const) {
      const cluster = clusterOf({ guard });
      cluster.add("security.istio.io/v1", "PeerAuthentication", "shop/weak", weak);
      assert.deepEqual(found(cluster), findings, guard);
    }
  });

  it("finds nothing in calls of peers that the stack opens, by a NetworkPolicy of the owner's too", () => {
    const to = [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "tools" } } }];
    const policy = { spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{ to }] } };
    const opened = clusterOf({ peers: ["tools"] });
    opened.add("networking.k8s.io/v1", "NetworkPolicy", "shop/theirs", policy);
    assert.deepEqual(found(opened), []);
    const closed = clusterOf({});
    closed.add("networking.k8s.io/v1", "NetworkPolicy", "shop/theirs", policy);
    assert.deepEqual(found(closed), ["breaks-guard NetworkPolicy shop/theirs (network-policies)"]);
  });
});

describe("doctor, of a mesh of somebody else's", () => {
  const mesh = { kind: "existing" };

  it("finds nothing in a mesh that is permissive as a whole: the stack's namespaces are not", () => {
    const cluster = new FakeCluster({ mesh });
    const spec = { mtls: { mode: "PERMISSIVE" } };
    cluster.add("security.istio.io/v1", "PeerAuthentication", "istio-system/default", { spec });
    assert.deepEqual(found(cluster), []);
  });

  it("finds that a Gateway from elsewhere opens ports on the gateway's pods", () => {
    const cluster = new FakeCluster({ mesh });
    cluster.add("networking.istio.io/v1", "Gateway", "other/wide", { spec: { selector: { istio: "egress-gateway" } } });
    assert.deepEqual(found(cluster), ["breaks-guard Gateway other/wide (istio-objects)"]);
  });

  it("finds an istiod that is elsewhere, and nothing once the stack says where", () => {
    const elsewhere = (cluster: FakeCluster) => {
      cluster.get("Deployment", "istiod").metadata.namespace = "aks-istio-system";
      return cluster;
    };
    const finding = elsewhere(new FakeCluster({ mesh })).finding();
    assert.equal(short(finding), "breaks-workload Deployment istio-system/istiod (control-plane)");
    assert.equal(finding.config, "istio-egress:cluster.controlPlane: {namespace: aks-istio-system}");
    const cluster = { kind: "existing", controlPlane: { namespace: "aks-istio-system" } };
    assert.deepEqual(found(elsewhere(new FakeCluster({ mesh, cluster }))), []);
  });

  it("looks for no istiod where the control plane is outside the cluster", () => {
    const cluster = new FakeCluster({
      mesh,
      cluster: { kind: "existing", controlPlane: { ranges: ["10.1.0.0/28"] } },
    });
    cluster.delete("Deployment", "istiod");
    assert.deepEqual(found(cluster), []);
  });
});

describe("doctor, of private names", () => {
  it("finds ranges that hold addresses of the cluster's own, and nothing in those that hold none", () => {
    const clusterWith = (range: string) =>
      new FakeCluster({
        cluster: { kind: "existing", ranges: ["10.250.0.0/16"] },
        destinations: { github: { hosts: ["github.com"] }, wiki: { hosts: ["wiki.corp.example"], private: [range] } },
        allow: [{ from: "test-app/app-a", to: "wiki" }],
      });
    const cluster = clusterWith("10.20.0.0/16");
    cluster.pod("app-a").status.podIP = "10.20.3.4";
    const finding = cluster.finding();
    assert.equal(short(finding), "breaks-guard NetworkPolicy istio-egress/egress-gateway-to-private (gateways)");
    assert.match(finding.evidence.join(), /Pod test-app\/app-a-.* has 10\.20\.3\.4/);
    assert.deepEqual(found(clusterWith("192.168.77.0/24")), []);
  });
});

describe("doctor, of proxies", () => {
  it("finds ranges that hold addresses of the cluster's own, and nothing in those that hold none", () => {
    const clusterWith = (range: string) =>
      new FakeCluster({
        cluster: { kind: "existing", ranges: ["10.250.0.0/16"] },
        destinations: {
          github: { hosts: ["github.com"] },
          partner: { hosts: ["partner.example"], via: { proxy: "proxy.corp.example:3128", private: [range] } },
        },
        allow: [{ from: "test-app/app-a", to: "partner" }],
      });
    const cluster = clusterWith("10.20.0.0/16");
    cluster.pod("app-a").status.podIP = "10.20.3.4";
    const finding = cluster.finding();
    assert.equal(short(finding), "breaks-guard NetworkPolicy istio-egress/egress-gateway-to-proxies-inside (gateways)");
    assert.equal(finding.config, "istio-egress:destinations.partner.via.private");
    assert.deepEqual(found(clusterWith("192.168.77.0/24")), []);
  });
});

describe("doctor, of a cluster's DNS", () => {
  it("finds a port of kube-dns' pods that is not opened, and nothing once the stack names it", () => {
    const cluster = { kind: "existing", dns: { port: 5353 } };
    for (const [over, findings] of [
      [{}, ["breaks-workload Service kube-system/kube-dns (dns)"]],
      [{ cluster }, []],
    ] as const) {
      const fake = new FakeCluster(over);
      fake.get("EndpointSlice", "kube-dns-x").ports[0].port = 5353;
      assert.deepEqual(found(fake), findings);
    }
  });
});
