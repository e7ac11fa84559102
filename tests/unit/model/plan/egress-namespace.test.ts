// The gateways' namespace, and what it holds open.
// Does not prove: that anything enforces its policies; the lab's tests do.
import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { manifestKey, planEgressNamespace } from "../../../../model";
import { find } from "./find";

const args = { name: "istio-egress", guardedNamespaces: ["test-app", "istio-workload", "test-app"] };
const manifests = planEgressNamespace(args);

describe("planEgressNamespace", () => {
  it("is a namespace and its walls, sorted", () => {
    assert.deepEqual(manifests.map(manifestKey), [
      "Namespace/istio-egress",
      "NetworkPolicy/istio-egress/egress-to-dns",
      "NetworkPolicy/istio-egress/egress-to-istiod",
      "NetworkPolicy/istio-egress/egress-to-outside",
      "NetworkPolicy/istio-egress/ingress-from-mesh",
      "Telemetry/istio-egress/access-log",
    ]);
  });

  it("asks for Pod Security's restricted", () => {
    const { labels } = find(manifests, "Namespace/istio-egress").metadata;
    assert.equal(labels?.["pod-security.kubernetes.io/enforce"], "restricted");
  });

  it("asks for strict mutual TLS itself where the mesh is somebody else's", () => {
    const own = planEgressNamespace({ ...args, mesh: { foreign: true } });
    assert.deepEqual(find(own, "PeerAuthentication/istio-egress/default").spec, { mtls: { mode: "STRICT" } });
  });

  it("asks a managed mesh for injection, and reaches its control plane where Google has it", () => {
    const managed = planEgressNamespace({ ...args, mesh: { managed: { range: "199.36.153.4/30" } } });
    assert.equal(find(managed, "Namespace/istio-egress").metadata.labels?.["istio-injection"], "enabled");
    const { egress } = find(managed, "NetworkPolicy/istio-egress/egress-to-managed-control-plane").spec;
    const ports = [{ protocol: "TCP", port: 443 }];
    assert.deepEqual(egress, [{ to: [{ ipBlock: { cidr: "199.36.153.4/30" } }], ports }]);
    assert.ok(!managed.some(({ metadata }) => metadata.name === "egress-to-istiod"));
    assert.equal(find(manifests, "Namespace/istio-egress").metadata.labels?.["istio-injection"], undefined);
  });

  it("reaches public addresses on 80 and 443, and none of the cluster, its neighbours or a metadata server", () => {
    const [{ to, ports }] = find(manifests, "NetworkPolicy/istio-egress/egress-to-outside").spec.egress;
    assert.deepEqual(
      ports.map(({ protocol, port }: { protocol: string; port: number }) => `${protocol} ${port}`),
      ["TCP 80", "TCP 443"],
    );
    assert.equal(to.length, 1);
    assert.equal(to[0].ipBlock.cidr, "0.0.0.0/0");
    const inside = new BlockList();
    for (const range of to[0].ipBlock.except as string[]) {
      const [address, prefix] = range.split("/");
      inside.addSubnet(address!, Number(prefix));
    }
    const kept = [
      "10.1.2.3",
      "172.31.0.1",
      "192.168.77.2",
      "100.64.0.1",
      "127.0.0.1",
      "169.254.169.254",
      "169.254.20.10",
    ];
    assert.deepEqual(
      kept.filter((address) => !inside.check(address)),
      [],
    );
    const reached = ["203.0.113.10", "140.82.121.4", "8.8.8.8", "172.32.0.1", "11.0.0.1", "192.169.0.1", "100.128.0.1"];
    assert.deepEqual(
      reached.filter((address) => inside.check(address)),
      [],
    );
  });

  it("lets only guarded namespaces in, and nobody when there are none", () => {
    const [{ from, ports }] = find(manifests, "NetworkPolicy/istio-egress/ingress-from-mesh").spec.ingress;
    assert.deepEqual(from[0].namespaceSelector.matchExpressions[0].values, ["istio-workload", "test-app"]);
    assert.deepEqual(
      ports.map(({ port }: { port: number }) => port),
      [8080, 8443, 8445, 8081],
    );

    const alone = planEgressNamespace({ ...args, guardedNamespaces: [] });
    const { spec } = find(alone, "NetworkPolicy/istio-egress/ingress-from-mesh");
    assert.deepEqual([spec.policyTypes, spec.ingress], [["Ingress"], []]);
  });
});
