// The gateway's objects and what they hold open.
// Does not prove: that Envoy takes the EnvoyFilter; the lab's tests do.
import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { manifestKey, planGateway } from "../../../../model";
import { find } from "./find";

const args = { namespace: "istio-egress", replicas: 3, guardedNamespaces: ["test-app", "istio-workload", "test-app"] };
const manifests = planGateway(args);

describe("planGateway", () => {
  it("is one namespace's worth of objects, whatever the number of hosts, sorted", () => {
    assert.deepEqual(manifests.map(manifestKey), [
      "AuthorizationPolicy/istio-egress/deny-the-rest",
      "Deployment/istio-egress/egress-gateway",
      "EnvoyFilter/istio-egress/egress-gateway",
      "Gateway/istio-egress/egress-gateway",
      "Namespace/istio-egress",
      "NetworkPolicy/istio-egress/egress-to-dns",
      "NetworkPolicy/istio-egress/egress-to-istiod",
      "NetworkPolicy/istio-egress/egress-to-outside",
      "NetworkPolicy/istio-egress/ingress-from-mesh",
      "PodDisruptionBudget/istio-egress/egress-gateway",
      "Service/istio-egress/egress-gateway",
      "ServiceAccount/istio-egress/egress-gateway",
      "ServiceEntry/istio-egress/egress-gateway",
      "VirtualService/istio-egress/egress-gateway",
    ]);
  });

  it("keeps within Pod Security's restricted, and the namespace asks for it", () => {
    const { template } = find(manifests, "Deployment/istio-egress/egress-gateway").spec;
    assert.deepEqual(template.spec.securityContext, { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    for (const { securityContext } of template.spec.containers) {
      assert.equal(securityContext.allowPrivilegeEscalation, false);
      assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] });
      assert.equal(securityContext.runAsNonRoot, true);
    }
    const { labels } = find(manifests, "Namespace/istio-egress").metadata;
    assert.equal(labels?.["pod-security.kubernetes.io/enforce"], "restricted");
  });

  it("runs the pods that are asked for, and never fewer than it has while it is rolled out", () => {
    const { replicas, strategy } = find(manifests, "Deployment/istio-egress/egress-gateway").spec;
    assert.equal(replicas, 3);
    assert.equal(strategy.rollingUpdate.maxUnavailable, 0);
    assert.equal(find(manifests, "PodDisruptionBudget/istio-egress/egress-gateway").spec.minAvailable, 1);
  });

  it("leaves the number of pods to an autoscaler where it may vary", () => {
    const varying = planGateway({ ...args, maxReplicas: 9 });
    assert.equal(find(varying, "Deployment/istio-egress/egress-gateway").spec.replicas, undefined);
    const { minReplicas, maxReplicas } = find(varying, "HorizontalPodAutoscaler/istio-egress/egress-gateway").spec;
    assert.deepEqual([minReplicas, maxReplicas], [3, 9]);
    assert.deepEqual(planGateway({ ...args, maxReplicas: 3 }), manifests);
  });

  it("refuses what no other policy allows", () => {
    assert.deepEqual(find(manifests, "AuthorizationPolicy/istio-egress/deny-the-rest").spec, {
      selector: { matchLabels: { istio: "egress-gateway" } },
    });
  });

  it("has one cache of names: Envoy refuses caches of one name that differ", () => {
    const filter = JSON.stringify(
      find(manifests, "EnvoyFilter/istio-egress/egress-gateway").spec,
      (key, value: unknown) => (key === "dns_cache_config" ? `cache:${JSON.stringify(value)}` : value),
    );
    const caches = filter.match(/"cache:(\\.|[^"\\])*"/g)!;
    assert.equal(caches.length, 3);
    assert.equal(new Set(caches).size, 1);
  });

  it("routes to a name without endpoints, should the forwarding be missing", () => {
    const { hosts, resolution, endpoints, exportTo } = find(manifests, "ServiceEntry/istio-egress/egress-gateway").spec;
    assert.deepEqual([resolution, endpoints, exportTo], ["STATIC", undefined, ["."]]);
    const { http, tcp } = find(manifests, "VirtualService/istio-egress/egress-gateway").spec;
    for (const route of [...http, ...tcp]) {
      assert.deepEqual([route.route[0].destination.host], hosts);
    }
  });

  it("tells the outside nothing of who asks", () => {
    const [{ headers }] = find(manifests, "VirtualService/istio-egress/egress-gateway").spec.http;
    for (const header of ["x-forwarded-client-cert", "x-forwarded-for", "x-envoy-peer-metadata"]) {
      assert.ok(headers.request.remove.includes(header), header);
    }
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
      [8080, 8443],
    );

    const alone = planGateway({ ...args, guardedNamespaces: [] });
    const { spec } = find(alone, "NetworkPolicy/istio-egress/ingress-from-mesh");
    assert.deepEqual([spec.policyTypes, spec.ingress], [["Ingress"], []]);
  });
});
