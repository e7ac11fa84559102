// Clusters whose pods have addresses of both families, or of IPv6 only.
// Does not prove: what a network does with such addresses.
import assert from "node:assert/strict";
import { FakeCluster, short } from "./cluster";

const [four, six] = ["10.244.0.7", "fd00:10:244::7"];

function clusterOf(guard: string, addresses: string[]): FakeCluster {
  const cluster = new FakeCluster({
    namespaces: { shop: { existing: true, guard } },
    workloads: { cart: { namespace: "shop", existing: { serviceAccount: "cart" } } },
    allow: [{ from: "shop/cart", to: "github" }],
  });
  cluster.pod("cart").status = { podIP: addresses[0], podIPs: addresses.map((ip) => ({ ip })) };
  return cluster;
}

const found = (cluster: FakeCluster): string[] => cluster.report().findings.map(short);

describe("doctor, of address families", () => {
  it("finds nothing where a pod has both and NetworkPolicies hold it, or IPv4 only", () => {
    assert.deepEqual(found(clusterOf("enforce", [four, six])), []);
    assert.deepEqual(found(clusterOf("inject", [four])), []);
    assert.deepEqual(found(clusterOf("leave", [four, six])), []);
  });

  it("warns of calls that nobody sees where a pod has both and no NetworkPolicy holds it", () => {
    const finding = clusterOf("inject", [four, six]).finding();
    assert.equal(short(finding), "warning Deployment shop/cart (address-families)");
    assert.match(finding.evidence.join(), /10\.244\.0\.7, fd00:10:244::7$/);
  });

  it("finds pods without an IPv4 address, a gateway's too, and none on the node's network", () => {
    assert.deepEqual(found(clusterOf("enforce", [six])), ["breaks-workload Deployment shop/cart (address-families)"]);
    const cluster = clusterOf("enforce", [six]);
    cluster.pod("cart").spec.hostNetwork = true;
    cluster.pod("egress-gateway").status.podIPs = [{ ip: six }];
    assert.deepEqual(
      found(cluster).filter((text) => text.includes("address-families")),
      ["breaks-workload Deployment istio-egress/egress-gateway (address-families)"],
    );
  });
});
