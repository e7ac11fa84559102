// What a sidecar's configuration says of its calls, on dumps of the shape that Envoy's admin interface gives.
// Does not prove: that istiod makes such clusters; the lab's test asks a real sidecar.
import assert from "node:assert/strict";
import { callsOf, ConfigDump } from "../../../cli/tls/config-dump";
import { cluster, dumpOf, endpoints, meshTls, plain, simpleTls } from "./sidecar-dump";

const till = { host: "till.shop.svc.cluster.local", port: 80 };
const name = `outbound|80||${till.host}`;

/** As istiod makes them where auto mTLS decides: by the endpoint. */
const auto = [
  { name: "tlsMode-istio", match: { tlsMode: "istio" }, transport_socket: meshTls },
  { name: "tlsMode-disabled", match: {}, transport_socket: plain },
];

describe("a sidecar's configuration", () => {
  for (const [what, dump, expected] of [
    ["mutual TLS, with the mesh's certificate", dumpOf([cluster(name, { transport_socket: meshTls })]), "mTLS"],
    ["TLS that is not the mesh's", dumpOf([cluster(name, { transport_socket: simpleTls })]), "TLS"],
    ["nothing, with no transport socket", dumpOf([cluster(name)]), "HTTP"],
    ["nothing, with the plain one", dumpOf([cluster(name, { transport_socket: plain })]), "HTTP"],
    [
      "mutual TLS by auto mTLS, where endpoints have sidecars",
      dumpOf([cluster(name, { transport_socket_matches: auto })], [endpoints(name, "istio", "istio")]),
      "mTLS",
    ],
    [
      "nothing by auto mTLS, where they have none",
      dumpOf([cluster(name, { transport_socket_matches: auto })], [endpoints(name, undefined, "disabled")]),
      "HTTP",
    ],
    [
      "what the cluster has for all, where an endpoint satisfies no match",
      dumpOf(
        [
          cluster(name, {
            transport_socket: meshTls,
            transport_socket_matches: [{ match: { tunnel: "http" }, transport_socket: plain }],
          }),
        ],
        [endpoints(name, "istio")],
      ),
      "mTLS",
    ],
  ] as [string, ConfigDump, string][]) {
    it(`says ${what}`, () => assert.deepEqual(callsOf(dump, till), { client: expected, destinationRule: null }));
  }

  it("names the DestinationRule that istiod followed", () => {
    const config = "/apis/networking.istio.io/v1alpha3/namespaces/istio-egress/destination-rule/github.com";
    const metadata = { filter_metadata: { istio: { config, services: [{ host: "github.com" }] } } };
    const dump = dumpOf([cluster("outbound|443||github.com", { transport_socket: meshTls, metadata })]);
    assert.deepEqual(callsOf(dump, { host: "github.com", port: 443 }), {
      client: "mTLS",
      destinationRule: "github.com/istio-egress",
    });
  });

  it("says nothing of a name, or of a port of it, that it does not know", () => {
    const dump = dumpOf([cluster(name), cluster("outbound|80|v1|other.shop.svc.cluster.local")]);
    assert.equal(callsOf(dump, { ...till, port: 8080 }), undefined);
    assert.equal(callsOf(dump, { host: "other.shop.svc.cluster.local", port: 80 }), undefined);
    assert.equal(callsOf({ configs: [] }, till), undefined);
  });

  it("tells no choice that it has not made, and no single one where it makes several", () => {
    const waiting = dumpOf(
      [cluster(name, { transport_socket_matches: auto })],
      [endpoints("outbound|80||other", "istio")],
    );
    assert.match(callsOf(waiting, till)!.unclear!, /has no endpoint/);
    const mixed = dumpOf([cluster(name, { transport_socket_matches: auto })], [endpoints(name, "istio", undefined)]);
    assert.deepEqual(callsOf(mixed, till), {
      client: null,
      destinationRule: null,
      unclear: "speaks HTTP and mTLS, by endpoint",
    });
  });

  it("takes a tunnel for neither", () => {
    const tunnel = {
      name: "envoy.transport_sockets.internal_upstream",
      typed_config: {
        "@type":
          "type.googleapis.com/envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport",
      },
    };
    assert.deepEqual(callsOf(dumpOf([cluster(name, { transport_socket: tunnel })]), till), {
      client: null,
      destinationRule: null,
      unclear: "speaks something else",
    });
  });
});
