// A gateway's objects.
// Does not prove: that Envoy takes the EnvoyFilter; the lab's tests do.
import assert from "node:assert/strict";
import { parse } from "yaml";
import { manifestKey, planGateway } from "../../../../model";
import { find } from "./find";

const args = { name: "egress-gateway", namespace: "istio-egress", replicas: 3 };
const manifests = planGateway(args);

describe("planGateway", () => {
  it("is one set of objects under its own name, whatever the number of hosts, sorted", () => {
    assert.deepEqual(manifests.map(manifestKey), [
      "AuthorizationPolicy/istio-egress/egress-gateway-denies-the-rest",
      "Deployment/istio-egress/egress-gateway",
      "EnvoyFilter/istio-egress/egress-gateway",
      "Gateway/istio-egress/egress-gateway",
      "PodDisruptionBudget/istio-egress/egress-gateway",
      "Service/istio-egress/egress-gateway",
      "ServiceAccount/istio-egress/egress-gateway",
      "ServiceEntry/istio-egress/egress-gateway",
      "VirtualService/istio-egress/egress-gateway",
    ]);
  });

  it("keeps within Pod Security's restricted", () => {
    const { template } = find(manifests, "Deployment/istio-egress/egress-gateway").spec;
    assert.deepEqual(template.spec.securityContext, { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    for (const { securityContext } of template.spec.containers) {
      assert.equal(securityContext.allowPrivilegeEscalation, false);
      assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] });
      assert.equal(securityContext.runAsNonRoot, true);
    }
  });

  it("runs the pods that are asked for, and never fewer than it has while it is rolled out", () => {
    const { replicas, strategy } = find(manifests, "Deployment/istio-egress/egress-gateway").spec;
    assert.equal(replicas, 3);
    assert.equal(strategy.rollingUpdate.maxUnavailable, 0);
    assert.equal(find(manifests, "PodDisruptionBudget/istio-egress/egress-gateway").spec.minAvailable, 1);
  });

  it("closes what is open under policies that have changed after Istio's 45 seconds, or a time of its own", () => {
    const of = (planned: ReturnType<typeof planGateway>): unknown => {
      const { metadata } = find(planned, "Deployment/istio-egress/egress-gateway").spec.template;
      return (parse(metadata.annotations["proxy.istio.io/config"]) as { drainDuration: string }).drainDuration;
    };
    assert.deepEqual([of(manifests), of(planGateway({ ...args, drain: "10m" }))], ["45s", "600s"]);
  });

  it("leaves the number of pods to an autoscaler where it may vary", () => {
    const varying = planGateway({ ...args, maxReplicas: 9 });
    assert.equal(find(varying, "Deployment/istio-egress/egress-gateway").spec.replicas, undefined);
    const { minReplicas, maxReplicas } = find(varying, "HorizontalPodAutoscaler/istio-egress/egress-gateway").spec;
    assert.deepEqual([minReplicas, maxReplicas], [3, 9]);
    assert.deepEqual(planGateway({ ...args, maxReplicas: 3 }), manifests);
  });

  it("refuses what no other policy allows", () => {
    assert.deepEqual(find(manifests, "AuthorizationPolicy/istio-egress/egress-gateway-denies-the-rest").spec, {
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

  it("writes who asked for what, a line a call, in place of the mesh's own line", () => {
    const { configPatches } = find(manifests, "EnvoyFilter/istio-egress/egress-gateway").spec;
    const filters = configPatches.flatMap(({ patch: { value } }: any) => [
      value,
      ...(value.filter_chains ?? []).flatMap((chain: any) => chain.filters),
    ]);
    const logs = filters.flatMap((value: any) => value.access_log ?? value.typed_config?.access_log ?? []);
    // Of a connection that is handed on, the listener that it is handed to writes the line.
    assert.deepEqual(
      logs.map(({ filter }: any) => filter?.extension_filter.typed_config.expression),
      ["!has(upstream.address)", "!has(upstream.address)", undefined, undefined],
    );
    const formats = logs.map(({ typed_config }: any) => typed_config.log_format.json_format);
    assert.deepEqual(
      formats.map(({ protocol, stage, identity, host }: any) => [stage ?? protocol, identity, host]),
      [
        ["policies", "%DOWNSTREAM_PEER_URI_SAN%", "%REQUESTED_SERVER_NAME%"],
        ["same-name", "%FILTER_STATE(egress.identity:PLAIN)%", "%FILTER_STATE(egress.sni:PLAIN)%"],
        ["forward", "%FILTER_STATE(egress.identity:PLAIN)%", "%FILTER_STATE(egress.sni:PLAIN)%"],
        ["http", "%DOWNSTREAM_PEER_URI_SAN%", "%REQ(:AUTHORITY)%"],
      ],
    );
  });

  it("keeps connections to the outside alive, and refuses a name that leads inside", () => {
    const filter = JSON.stringify(find(manifests, "EnvoyFilter/istio-egress/egress-gateway").spec);
    assert.match(filter, /"tcp_keepalive":\{"keepalive_time":60,/);
    assert.match(filter, /http\.rbac[^]*"private-answer"/);
    assert.match(
      filter,
      /sni_dynamic_forward_proxy[^]*"save_upstream_address":true[^]*network\.rbac[^]*"private-answer"/,
    );
    assert.match(filter, /\{"address_prefix":"169\.254\.0\.0","prefix_len":16\}/);
  });

  it("takes routes of its own namespace only, and in a mesh of others opens ports on its own pods only", () => {
    const gatewayOf = (of: Parameters<typeof planGateway>[0]) =>
      find(planGateway(of), "Gateway/istio-egress/egress-gateway");
    for (const { hosts } of gatewayOf(args).spec.servers) {
      assert.deepEqual(hosts, ["./*"]);
    }
    assert.deepEqual(gatewayOf(args).spec.selector, { istio: "egress-gateway" });
    const label = { "istio-egress/gateway": "istio-egress.egress-gateway" };
    assert.deepEqual(gatewayOf({ ...args, mesh: { foreign: true } }).spec.selector, {
      istio: "egress-gateway",
      ...label,
    });
    const { labels } = find(manifests, "Deployment/istio-egress/egress-gateway").spec.template.metadata;
    assert.equal(labels["istio-egress/gateway"], label["istio-egress/gateway"]);
  });

  it("is one of several under another name, which nothing of theirs carries", () => {
    const other = planGateway({ ...args, name: "egress-github" });
    assert.equal(other.length, manifests.length);
    assert.doesNotMatch(JSON.stringify(other), /egress-gateway/);
  });

  it("joins a mesh of a revision by that revision's injector", () => {
    const { labels } = find(
      planGateway({ ...args, mesh: { revision: "1-31" } }),
      "Deployment/istio-egress/egress-gateway",
    ).spec.template.metadata;
    assert.deepEqual([labels["sidecar.istio.io/inject"], labels["istio.io/rev"]], ["true", "1-31"]);
  });
});
