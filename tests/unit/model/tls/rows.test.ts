// What the table says of a stack's plan: which names, both sides of each, and by which objects.
// Does not prove: that istiod has it so; `egress tls --live` asks, and the lab's test compares.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { rowsOf, TlsRow, tlsRows } from "../../../../model/tls";
import { now, soundConfig } from "../config/sound-config";

const svcFoo = { namespace: "istio-workload", addresses: ["10.10.0.4"], via: "service" };
const toSvcFoo = { from: "istio-workload/hammer", to: "svc-foo" };

function rows(over: Record<string, unknown> = {}): TlsRow[] {
  return tlsRows(parseConfig({ ...soundConfig(), ...over }, { now }));
}

/** `HOST:PORT STATUS SERVER CLIENT AUTHN-POLICY DESTINATION-RULE`, as the first example prints it. */
function lines(table: TlsRow[]): string[] {
  return table.map(({ host, port, status, server, client, authnPolicy, destinationRule }) =>
    [`${host}:${port}`, ...[status, server, client, authnPolicy, destinationRule].map((cell) => cell ?? "-")].join(" "),
  );
}

describe("the TLS table of a plan", () => {
  it("has each Service and each granted host once, by port, and nothing that is granted to nobody", () => {
    assert.deepEqual(lines(rows()), [
      "app-a.test-app.svc.cluster.local:80 OK mTLS mTLS default/istio-system -",
      "github.com:80 OK mTLS mTLS default/istio-system github.com/istio-egress",
      "github.com:443 OK mTLS mTLS default/istio-system github.com/istio-egress",
    ]);
  });

  it("names the callers: every workload of a Service, the granted ones of a host", () => {
    assert.deepEqual(
      rows().map(({ callers, way }) => [way, ...callers]),
      [
        ["service", "istio-workload/hammer", "test-app/app-a"],
        ["gateway", "test-app/app-a"],
        ["gateway", "test-app/app-a"],
      ],
    );
  });

  it("has a row for each namespace that is granted a host where gateways list theirs, by its own DestinationRule", () => {
    const table = rows({
      mesh: { kind: "existing", envoyFilters: false },
      destinations: { github: { hosts: ["github.com"], protocols: ["https"] } },
      allow: [
        { from: "test-app/app-a", to: "github" },
        { from: "istio-workload/hammer", to: "github" },
      ],
    }).filter(({ way }) => way === "gateway");
    assert.deepEqual(lines(table), [
      "github.com:443 OK mTLS mTLS default/istio-egress github.com/istio-workload",
      "github.com:443 OK mTLS mTLS default/istio-egress github.com/test-app",
    ]);
    assert.deepEqual(
      table.map(({ behind }) => [behind?.labels, behind?.port]),
      [1, 2].map(() => [{ istio: "egress-gateway" }, 8443]),
    );
  });

  it("has the ports of a destination's protocols alone", () => {
    const destinations = { github: { hosts: ["github.com"], protocols: ["https"] } };
    assert.deepEqual(
      rows({ destinations }).flatMap(({ host, port }) => (host === "github.com" ? [port] : [])),
      [443],
    );
  });

  it("is the first example's first state where sidecars are made to speak mutual TLS with everybody", () => {
    const forced = rows({
      mesh: { clientMtls: "forced" },
      outside: { "svc-foo": { ...svcFoo, clientMtls: "mesh" } },
      allow: [toSvcFoo],
    });
    assert.deepEqual(lines(rowsOf(forced, "svc-foo")), [
      "svc-foo.istio-workload.svc.cluster.local:80 OK mTLS mTLS default/istio-system default/istio-system",
      "svc-foo.istio-workload.svc.cluster.local:443 OK mTLS mTLS default/istio-system default/istio-system",
    ]);
    assert.deepEqual(lines(rowsOf(forced, "app-a")), [
      "app-a.test-app.svc.cluster.local:80 OK mTLS mTLS default/istio-system default/istio-system",
    ]);
  });

  for (const clientMtls of ["forced", "auto"]) {
    it(`is its second state with the service's own DestinationRule, in a mesh that is ${clientMtls}`, () => {
      const table = rows({ mesh: { clientMtls }, outside: { "svc-foo": svcFoo }, allow: [toSvcFoo] });
      assert.deepEqual(lines(rowsOf(table, "svc-foo")), [
        "svc-foo.istio-workload.svc.cluster.local:80 CONFLICT mTLS HTTP default/istio-system svc-foo/istio-workload",
        "svc-foo.istio-workload.svc.cluster.local:443 CONFLICT mTLS HTTP default/istio-system svc-foo/istio-workload",
      ]);
    });
  }

  it("leaves a service beside the mesh to auto mTLS, which finds no sidecar there", () => {
    const table = rows({
      outside: { "svc-foo": { ...svcFoo, clientMtls: "mesh", ports: { http: 8080 } } },
      allow: [toSvcFoo],
    });
    assert.deepEqual(lines(rowsOf(table, "svc-foo")), [
      "svc-foo.istio-workload.svc.cluster.local:8080 CONFLICT mTLS HTTP default/istio-system -",
    ]);
  });

  it("has nothing to say of calls past the sidecar, but who makes them", () => {
    const table = rows({ outside: { "svc-foo": { ...svcFoo, via: "bypass" } }, allow: [toSvcFoo] });
    assert.deepEqual(lines(rowsOf(table, "svc-foo")), [
      "svc-foo.istio-workload.svc.cluster.local:80 - - - - -",
      "svc-foo.istio-workload.svc.cluster.local:443 - - - - -",
    ]);
    assert.deepEqual(rowsOf(table, "svc-foo")[0]!.callers, ["istio-workload/hammer"]);
  });

  it("goes by each namespace's own policy in a mesh of somebody else's", () => {
    const table = rows({
      mesh: { kind: "existing" },
      outside: { "svc-foo": svcFoo },
      allow: [toSvcFoo, { from: "test-app/app-a", to: "github" }],
    });
    assert.deepEqual(
      table.map(({ host, port, authnPolicy }) => `${host}:${port} ${authnPolicy}`),
      [
        "app-a.test-app.svc.cluster.local:80 default/test-app",
        "github.com:80 default/istio-egress",
        "github.com:443 default/istio-egress",
        "svc-foo.istio-workload.svc.cluster.local:80 default/istio-workload",
        "svc-foo.istio-workload.svc.cluster.local:443 default/istio-workload",
      ],
    );
  });

  it("has a destination's own gateway behind its hosts", () => {
    const table = rows({ gateways: { "egress-github": { destinations: ["github"] } } });
    assert.deepEqual(lines(rowsOf(table, "github.com")), [
      "github.com:80 OK mTLS mTLS default/istio-system github.com/istio-egress",
      "github.com:443 OK mTLS mTLS default/istio-system github.com/istio-egress",
    ]);
    assert.deepEqual(
      rowsOf(table, "github.com").map(({ behind }) => behind),
      [8080, 8443].map((port) => ({ namespace: "istio-egress", labels: { istio: "egress-github" }, port })),
    );
  });
});

describe("a host as it may be written", () => {
  const table = rows({ outside: { "svc-foo": svcFoo }, allow: [toSvcFoo, { from: "test-app/app-a", to: "github" }] });

  for (const written of [
    "svc-foo",
    "svc-foo.istio-workload",
    "svc-foo.istio-workload.svc",
    "SVC-FOO.istio-workload.svc.cluster.local",
  ]) {
    it(`means the Service's two ports: ${written}`, () => {
      assert.deepEqual(
        rowsOf(table, written).map(({ host, port }) => `${host}:${port}`),
        [80, 443].map((port) => `svc-foo.istio-workload.svc.cluster.local:${port}`),
      );
    });
  }

  for (const written of ["svc", "svc-foo.test-app", "github", "www.github.com", ""]) {
    it(`means nothing: "${written}"`, () => assert.deepEqual(rowsOf(table, written), []));
  }
});
