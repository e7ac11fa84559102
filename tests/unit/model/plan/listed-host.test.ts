// The way of one host in a mesh that takes no EnvoyFilter, from the sidecar to the gateway and on to the host.
// Does not prove: that istiod, or Google's managed control plane, makes of it what is meant.
import assert from "node:assert/strict";
import {
  DestinationArgs,
  manifestKey,
  planDestination,
  planEgressNamespace,
  planGateway,
  planWorkload,
} from "../../../../model";
import { hostLabel } from "../../../../model/ground/names";
import { find } from "./find";

const mesh = { envoyFilters: false };
const gateway = { name: "egress-gateway", namespace: "istio-egress", mesh };
const args: DestinationArgs = {
  name: "code",
  hosts: ["github.com"],
  protocols: ["http", "https"],
  clients: [
    { namespace: "test-app", serviceAccount: "app-a" },
    { namespace: "other", serviceAccount: "app-b" },
  ],
  gateway,
};
const manifests = planDestination(args);
const tls = { mode: "ISTIO_MUTUAL" };

describe("a listed host", () => {
  it("is two objects in each of the clients' namespaces, and four beside its policy in the gateway's", () => {
    assert.deepEqual(manifests.map(manifestKey), [
      "AuthorizationPolicy/istio-egress/allow-code",
      "DestinationRule/istio-egress/github.com",
      "DestinationRule/other/github.com",
      "DestinationRule/test-app/github.com",
      `Gateway/istio-egress/${hostLabel("github.com")}`,
      "ServiceEntry/istio-egress/code.hosts",
      "ServiceEntry/other/code.hosts",
      "ServiceEntry/test-app/code.hosts",
      "VirtualService/istio-egress/github.com",
    ]);
  });

  it("shares its ServiceEntries with the other hosts of its destination", () => {
    const two = planDestination({ ...args, hosts: ["github.com", "api.github.com"] });
    for (const namespace of ["istio-egress", "other", "test-app"]) {
      assert.deepEqual(find(two, `ServiceEntry/${namespace}/code.hosts`).spec.hosts, ["api.github.com", "github.com"]);
    }
    assert.equal(two.filter(({ kind }) => kind === "ServiceEntry").length, 3);
    assert.equal(two.filter(({ kind }) => kind === "Gateway").length, 2);
  });

  it("keeps connections to the real host alive, which the mesh wraps in nothing", () => {
    assert.deepEqual(find(manifests, "DestinationRule/istio-egress/github.com").spec, {
      host: "github.com",
      exportTo: ["."],
      trafficPolicy: {
        tls: { mode: "DISABLE" },
        connectionPool: {
          http: { useClientProtocol: true },
          tcp: { connectTimeout: "5s", tcpKeepalive: { time: "60s", interval: "30s", probes: 3 } },
        },
      },
    });
  });

  it("is the gateway to the clients' sidecars, by its Service's name, its ports and its certificate", () => {
    assert.deepEqual(find(manifests, "ServiceEntry/test-app/code.hosts").spec, {
      hosts: ["github.com"],
      exportTo: ["."],
      location: "MESH_EXTERNAL",
      ports: [
        { name: "http", number: 80, protocol: "HTTP" },
        { name: "tls", number: 443, protocol: "TLS" },
      ],
      resolution: "DNS",
      endpoints: [{ address: "egress-gateway.istio-egress.svc.cluster.local", ports: { http: 8080, tls: 8443 } }],
      subjectAltNames: ["spiffe://cluster.local/ns/istio-egress/sa/egress-gateway"],
    });
    assert.deepEqual(find(manifests, "DestinationRule/test-app/github.com").spec, {
      host: "github.com",
      exportTo: ["."],
      trafficPolicy: {
        tls: { ...tls, sni: "github.com" },
        connectionPool: { http: { useClientProtocol: true } },
      },
    });
  });

  it("has two servers of its own at the gateway, and from each a route to the host alone", () => {
    assert.deepEqual(find(manifests, `Gateway/istio-egress/${hostLabel("github.com")}`).spec, {
      selector: { istio: "egress-gateway" },
      servers: [
        { port: { number: 80, name: "https", protocol: "HTTPS" }, hosts: ["./github.com"], tls },
        { port: { number: 443, name: "tls", protocol: "TLS" }, hosts: ["./github.com"], tls },
      ],
    });
    const { spec } = find(manifests, "VirtualService/istio-egress/github.com");
    const to = (port: number) => [{ destination: { host: "github.com", port: { number: port } } }];
    assert.deepEqual([spec.hosts, spec.exportTo], [["github.com"], ["."]]);
    assert.deepEqual(spec.gateways, [hostLabel("github.com")]);
    assert.deepEqual(spec.http[0].route, to(80));
    assert.ok(spec.http[0].headers.request.remove.includes("x-forwarded-client-cert"));
    assert.deepEqual(spec.tcp, [{ match: [{ port: 443 }], route: to(443) }]);
    assert.equal(spec.tls, undefined);
  });

  it("is the real host to the gateway, and to nobody else", () => {
    const { spec } = find(manifests, "ServiceEntry/istio-egress/code.hosts");
    assert.deepEqual([spec.exportTo, spec.resolution, spec.endpoints], [["."], "DNS", undefined]);
  });

  it("has nothing for a protocol that is not asked for", () => {
    const https = planDestination({ ...args, protocols: ["https"] });
    assert.equal(find(https, "VirtualService/istio-egress/github.com").spec.http, undefined);
    const { servers } = find(https, `Gateway/istio-egress/${hostLabel("github.com")}`).spec;
    assert.deepEqual(
      servers.map(({ port }: any) => port.number),
      [443],
    );
    assert.deepEqual(find(https, "ServiceEntry/other/code.hosts").spec.endpoints[0].ports, { tls: 8443 });
    const http = planDestination({ ...args, protocols: ["http"] });
    assert.equal(find(http, "VirtualService/istio-egress/github.com").spec.tcp, undefined);
  });

  it("asks for the same identities and names as a host that is forwarded to by name", () => {
    const byName = planDestination({ ...args, gateway: { name: gateway.name, namespace: gateway.namespace } });
    const key = "AuthorizationPolicy/istio-egress/allow-code";
    assert.deepEqual(find(manifests, key), find(byName, key));
  });
});

describe("the name that a host has without dots", () => {
  it("is a label, readable, and not that of a host that looks alike", () => {
    assert.match(hostLabel("api.github.com"), /^api-github-com-[0-9a-f]{8}$/);
    assert.notEqual(hostLabel("api.github.com"), hostLabel("api-github.com"));
    for (const host of ["a.co", `${"a".repeat(53)}.example.com`, `${"long-".repeat(12)}x.${"y".repeat(63)}.com`]) {
      assert.match(hostLabel(host), /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$/);
    }
    const [one, other] = [`${"x".repeat(60)}.com`, `${"x".repeat(60)}.org`];
    assert.notEqual(hostLabel(one), hostLabel(other));
  });
});

describe("a gateway that lists its hosts", () => {
  it("has neither an EnvoyFilter nor a listener of its own, refuses the rest, and leaves the mesh its log", () => {
    const kinds = planGateway({ ...gateway, replicas: 2 }).map(manifestKey);
    for (const kind of ["EnvoyFilter", "Gateway", "VirtualService", "ServiceEntry"]) {
      assert.ok(!kinds.some((key) => key.startsWith(`${kind}/`)), kind);
    }
    assert.ok(kinds.includes("AuthorizationPolicy/istio-egress/egress-gateway-denies-the-rest"));
    const home = planEgressNamespace({ name: "istio-egress", mesh, guardedNamespaces: [] });
    assert.ok(!home.some(({ kind }) => kind === "Telemetry"));
  });
});

describe("a sidecar in front of gateways that list their hosts", () => {
  it("imports hosts from its own namespace, and services beside the mesh from the gateways'", () => {
    const workload = planWorkload({
      name: "app-a",
      namespace: "test-app",
      made: { image: "i" },
      mesh,
      hosts: ["github.com", "svc-foo.test-app.svc.cluster.local"],
      guardedNamespaces: ["test-app"],
      gatewayNamespace: "istio-egress",
    });
    assert.deepEqual(find(workload, "Sidecar/test-app/app-a").spec.egress[0].hosts, [
      "test-app/*.test-app.svc.cluster.local",
      "test-app/github.com",
      "istio-egress/svc-foo.test-app.svc.cluster.local",
    ]);
  });
});
