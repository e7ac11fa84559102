// A destination's objects: the way to the gateway per host, and who may take it.
// Does not prove: that the gateway enforces them; the lab's tests do.
import assert from "node:assert/strict";
import { DestinationArgs, manifestKey, planDestination } from "../../../../model";
import { find } from "./find";

const args: DestinationArgs = {
  name: "code",
  hosts: ["github.com", "api.github.com"],
  protocols: ["http", "https"],
  clients: [
    { namespace: "test-app", serviceAccount: "app-b" },
    { namespace: "test-app", serviceAccount: "app-a" },
    { namespace: "other", serviceAccount: "app-a" },
  ],
  gateway: { name: "egress-gateway", namespace: "istio-egress" },
};

describe("planDestination", () => {
  const manifests = planDestination(args);

  it("is one ServiceEntry, one DestinationRule a host, and one AuthorizationPolicy, all beside the gateway", () => {
    assert.deepEqual(manifests.map(manifestKey), [
      "AuthorizationPolicy/istio-egress/allow-code",
      "DestinationRule/istio-egress/api.github.com",
      "DestinationRule/istio-egress/github.com",
      "ServiceEntry/istio-egress/code.hosts",
    ]);
  });

  it("leads from the hosts' names to the gateway's pods, whose certificate must name the gateway", () => {
    const { spec } = find(manifests, "ServiceEntry/istio-egress/code.hosts");
    assert.deepEqual(spec.hosts, ["api.github.com", "github.com"]);
    assert.deepEqual(spec.workloadSelector, { labels: { istio: "egress-gateway" } });
    assert.deepEqual(spec.ports, [
      { name: "http", number: 80, protocol: "HTTP", targetPort: 8080 },
      { name: "tls", number: 443, protocol: "TLS", targetPort: 8443 },
    ]);
    assert.deepEqual(spec.subjectAltNames, ["spiffe://cluster.local/ns/istio-egress/sa/egress-gateway"]);
  });

  it("is more ServiceEntries where one cannot have all of its hosts, which one more host changes one of", () => {
    const hosts = Array.from({ length: 1000 }, (_, index) => `host-${index}.example.org`);
    const entriesOf = (some: string[]) => {
      const entries = planDestination({ ...args, hosts: some }).filter(({ kind }) => kind === "ServiceEntry");
      return new Map(entries.map((entry) => [manifestKey(entry), (entry as any).spec.hosts as string[]]));
    };
    const before = entriesOf(hosts);
    assert.deepEqual([...before.values()].flat().sort(), [...hosts].sort());
    assert.ok([...before.values()].every((some) => some.length <= 256));
    assert.ok(before.size >= 4 && before.size <= 16, `${before.size}`);
    const after = entriesOf([...hosts, "one-more.example.org"]);
    const changed = [...after].filter(([key, some]) => before.get(key)?.length !== some.length);
    assert.deepEqual([changed.length, after.size], [1, before.size]);
    assert.deepEqual([...entriesOf(hosts.slice(0, 256)).keys()], ["ServiceEntry/istio-egress/code.hosts"]);
    assert.equal(entriesOf(hosts.slice(0, 257)).size, 2);
  });

  it("carries the host's name as the SNI of the mesh's mTLS, and HTTP of the version that the application speaks", () => {
    const { spec } = find(manifests, "DestinationRule/istio-egress/github.com");
    assert.deepEqual(
      [spec.host, spec.trafficPolicy],
      [
        "github.com",
        {
          tls: { mode: "ISTIO_MUTUAL", sni: "github.com" },
          connectionPool: { http: { useClientProtocol: true } },
        },
      ],
    );
  });

  it("is visible in the clients' namespaces only: at the gateway the name must stay the real host's", () => {
    for (const key of ["ServiceEntry/istio-egress/code.hosts", "DestinationRule/istio-egress/github.com"]) {
      assert.deepEqual(find(manifests, key).spec.exportTo, ["other", "test-app"]);
    }
  });

  it("lets exactly the clients pass, by identity, on each port to exactly its hosts", () => {
    const source = {
      principals: [
        "cluster.local/ns/other/sa/app-a",
        "cluster.local/ns/test-app/sa/app-a",
        "cluster.local/ns/test-app/sa/app-b",
      ],
    };
    const hosts = ["api.github.com", "api.github.com:80", "github.com", "github.com:80"];
    assert.deepEqual(find(manifests, "AuthorizationPolicy/istio-egress/allow-code").spec, {
      selector: { matchLabels: { istio: "egress-gateway" } },
      action: "ALLOW",
      rules: [
        { from: [{ source }], to: [{ operation: { ports: ["8080"], hosts } }] },
        {
          from: [{ source }],
          to: [{ operation: { ports: ["8443"] } }],
          when: [{ key: "connection.sni", values: ["api.github.com", "github.com"] }],
        },
      ],
    });
  });

  it("opens only the protocols that are asked for", () => {
    const https = planDestination({ ...args, protocols: ["https"] });
    const { ports } = find(https, "ServiceEntry/istio-egress/code.hosts").spec;
    assert.deepEqual(
      ports.map(({ number }: { number: number }) => number),
      [443],
    );
    const { rules } = find(https, "AuthorizationPolicy/istio-egress/allow-code").spec;
    assert.deepEqual(
      rules.map((rule: any) => rule.to[0].operation.ports),
      [["8443"]],
    );
  });
});
