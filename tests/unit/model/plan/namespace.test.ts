// A guarded namespace: injection, and no way out of it but four.
// Does not prove: that anything enforces NetworkPolicies; the lab's tests do.
import assert from "node:assert/strict";
import { manifestKey, planNamespace } from "../../../../model";
import { find } from "./find";

const args = { name: "test-app", guardedNamespaces: ["test-app", "istio-workload"], gatewayNamespace: "istio-egress" };

describe("planNamespace", () => {
  const manifests = planNamespace({ ...args, labels: { team: "a" } });

  it("has the labels that injection needs, and refuses others in their place", () => {
    for (const label of ["istio-injection", "istio.io/rev", "istio.io/dataplane-mode"]) {
      assert.throws(() => planNamespace({ ...args, labels: { [label]: "x" } }), /is set here already/);
    }
    assert.deepEqual(find(manifests, "Namespace/test-app").metadata.labels, {
      team: "a",
      "istio-injection": "enabled",
      "app.kubernetes.io/managed-by": "pulumi",
    });
  });

  it("opens all of its pods the ways to DNS, istiod, the mesh and the gateway, and no other", () => {
    const policies = manifests.filter(({ kind }) => kind === "NetworkPolicy") as {
      spec?: any;
      metadata: { name: string };
    }[];
    assert.deepEqual(
      policies.map(({ metadata, spec }) => [
        metadata.name,
        spec.podSelector,
        spec.policyTypes,
        spec.egress[0].ports?.map(({ protocol, port }: { protocol: string; port: number }) => `${protocol} ${port}`),
      ]),
      [
        ["egress-to-dns", {}, ["Egress"], ["UDP 53", "TCP 53"]],
        ["egress-to-gateway", {}, ["Egress"], ["TCP 8080", "TCP 8443", "TCP 8445", "TCP 8081"]],
        ["egress-to-istiod", {}, ["Egress"], ["TCP 15012"]],
        ["egress-to-mesh", {}, ["Egress"], undefined],
      ],
    );
    assert.ok(policies.every(({ spec }) => spec.egress.length === 1 && spec.egress[0].to.length === 1));
    assert.ok(policies.every(({ spec }) => spec.egress[0].to[0].ipBlock === undefined));
  });

  it("has a Sidecar without external hosts for pods that no workload claims", () => {
    const { spec } = find(manifests, "Sidecar/test-app/default");
    assert.deepEqual(spec, {
      outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
      egress: [
        { hosts: ["istio-workload/*.istio-workload.svc.cluster.local", "test-app/*.test-app.svc.cluster.local"] },
      ],
    });
  });

  it("is sorted", () => {
    const keys = manifests.map(manifestKey);
    assert.deepEqual(keys, [...keys].sort());
  });

  it("has its sidecars tell of what they refuse and of nothing else, without the query of a URL", () => {
    const { spec } = find(manifests, "EnvoyFilter/test-app/refusals") as { spec?: any };
    assert.equal(spec.workloadSelector, undefined);
    const configs = spec.configPatches.flatMap(({ patch }: any) => patch.value.typed_config ?? []);
    const logs = configs.flatMap((config: any) => config.access_log);
    assert.deepEqual(
      logs.map((log: any) => [
        log.typed_config.log_format.json_format.protocol,
        log.filter.extension_filter.typed_config.expression,
      ]),
      [
        ["http", "xds.route_name == 'block_all'"],
        ["https", "xds.cluster_name == 'BlackHoleCluster' && connection.requested_server_name != ''"],
        ["tcp", "xds.cluster_name == 'BlackHoleCluster' && !(connection.requested_server_name != '')"],
      ],
    );
    assert.equal(logs[0].typed_config.log_format.json_format.path, "%PATH(NQ:PATH)%");
  });

  it("waits for a name on the port of TLS only", () => {
    const { spec } = find(manifests, "EnvoyFilter/test-app/refusals") as { spec?: any };
    const [, inspector] = spec.configPatches.at(-1).patch.value.listener_filters;
    assert.deepEqual(inspector.filter_disabled, { not_match: { destination_port_range: { start: 443, end: 444 } } });
  });
});
