// TLS that the gateway opens, from the stack's file to the plan and what is said of it.
// Does not prove: what the mesh makes of it; tests/lab/originate.test.ts does.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { createAuthority, issueCertificate } from "../../../lab/certificates";
import {
  ConfigError,
  grantedExternalPorts,
  Manifest,
  parseConfig,
  planDestination,
  planStack,
  stackArgs,
  verdicts,
} from "../../../model";
import { decider, parseEntry } from "../../../model/access-log";
import { authorityWarnings, pastOriginationWarnings } from "../../../model/config/past-origination";
import { diffStacks, riskNotes } from "../../../model/diff";
import { explain, readCall } from "../../../model/explain";
import { graphOf } from "../../../model/graph";
import { ambiguousPath, normalPath, refusalOfRequest } from "../../../model/ground/origination";

type Raw = Record<string, unknown>;

const now = new Date();

const raw = (billing: Raw, change: Raw = {}): Raw => ({
  namespaces: { shop: {} },
  workloads: { orders: { namespace: "shop", image: "i" }, cart: { namespace: "shop", image: "i" } },
  destinations: {
    billing: { hosts: ["api.billing.example"], ...billing },
    web: { hosts: ["www.example.com"], protocols: ["https"] },
  },
  allow: [
    { from: "shop/orders", to: "billing", owner: "o", reason: "r" },
    { from: "shop/cart", to: "web", owner: "o", reason: "r" },
  ],
  ...change,
});

const limited = { originate: { methods: ["POST", "GET"], paths: ["/v1/*", "/health"] } };
const config = (billing: Raw = limited, change?: Raw) => parseConfig(raw(billing, change), { now });

function problems(billing: Raw, change?: Raw): { path: string; problem: string; fix?: string }[] {
  try {
    config(billing, change);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return [...error.problems];
  }
}

function manifests(billing: Raw = limited): Manifest[] {
  const plan = planStack(config(billing));
  return [...plan.gateways, ...plan.destinations].flatMap((part) => part.manifests);
}

const spec = (all: Manifest[], kind: string, name: string) =>
  all.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)!.spec as Record<string, any>;

const asked = (method: string, url: string, billing?: Raw) => {
  const check = readCall(url);
  assert.ok("call" in check, url);
  const path = url.replace(/^http:\/\/[^/]*/, "");
  return explain(config(billing), "shop/orders", { ...check.call, request: { method, path } });
};

describe("originate of a destination", () => {
  it("means http, and https only where that is said", () => {
    const protocols = (billing: Raw) => config(billing).destinations[0]!.protocols;
    assert.deepEqual(protocols(limited), ["http"]);
    assert.deepEqual(protocols({ ...limited, protocols: ["http", "https"] }), ["http", "https"]);
    assert.deepEqual(protocols({ ...limited, ports: ["5432/tcp"] }), ["http"]);
  });

  const refused: [billing: Raw, place: string, says: RegExp, fix: string | undefined][] = [
    [{ originate: { methods: ["get"] } }, "originate.methods[0]", /Not a method/, 'write "GET"'],
    [{ originate: { methods: ["CONNECT"] } }, "originate.methods[0]", /Not a method/, "remove it"],
    [{ originate: { paths: ["v1/*"] } }, "originate.paths[0]", /begins with a slash/, 'write "/v1/*"'],
    [
      { originate: { paths: ["/v1/*/items"] } },
      "originate.paths[0]",
      /only at its end/,
      'write whole paths, or "/v1/*", which holds more',
    ],
    [
      { originate: { paths: ["/v1*"] } },
      "originate.paths[0]",
      /behind a slash/,
      'write "/v1/*", and "/v1" if that is called as well',
    ],
    [{ originate: { paths: ["/v1?x=*"] } }, "originate.paths[0]", /play no part/, 'write "/v1"'],
    [{ originate: { paths: ["/a/../b"] } }, "originate.paths[0]", /takes dots/, 'write "/b"'],
    [{ originate: { paths: ["/a//b/*"] } }, "originate.paths[0]", /takes dots/, 'write "/a/b/*"'],
    [{ originate: { paths: ["/%41dmin%7E"] } }, "originate.paths[0]", /as they are/, 'write "/Admin~"'],
    [{ originate: { paths: ["/a%2fb"] } }, "originate.paths[0]", /several ways/, "remove it: no request for it passes"],
    [{ originate: { paths: ["/a b"] } }, "originate.paths[0]", /percent-encoded/, 'write "/a%20b"'],
    [
      { originate: { ca: "hello" } },
      "originate.ca",
      /Not certificates/,
      "paste those of the authority that has signed the hosts', or remove it where a public one has",
    ],
    [
      { originate: {}, protocols: ["https"] },
      "originate",
      /call by http/,
      "write protocols: [http], or remove originate; with https beside it the application's own TLS stays open",
    ],
    [
      { originate: { clientCertificate: "istio-egress/billing-client" } },
      "originate.clientCertificate",
      /own namespace only/,
      'write "billing-client"',
    ],
    [
      { originate: { clientCertificate: "kubernetes://billing-client" } },
      "originate.clientCertificate",
      /own namespace only/,
      'write "billing-client"',
    ],
    [{ originate: { clientCertificate: "Billing" } }, "originate.clientCertificate", /No Secret/, undefined],
    [
      { originate: { clientCertificate: "billing-cacert" } },
      "originate.clientCertificate",
      /for authorities/,
      undefined,
    ],
    [
      { originate: { clientCertificate: { certificate: "x" } } },
      "originate.clientCertificate",
      /Not a text/,
      undefined,
    ],
    [{ originate: { http2: "yes" } }, "originate.http2", /Not true or false/, undefined],
    [{ clientCertificate: "billing-client" }, "clientCertificate", /the gateway has no part/, undefined],
    [{ http2: true }, "http2", /the gateway has no part/, undefined],
    [{ ca: "x" }, "ca", /the gateway has no part/, undefined],
    [{ ...limited, hosts: ["*.billing.example"] }, "originate", /whole names/, undefined],
    [{ methods: ["GET"] }, "methods", /only of what it opens TLS/, undefined],
    [{ paths: ["/v1/*"] }, "paths", /only of what it opens TLS/, undefined],
  ];
  for (const [billing, place, says, fix] of refused) {
    it(`is refused with its place and a fix that works: ${JSON.stringify(billing)}`, () => {
      const [problem, ...more] = problems(billing);
      assert.deepEqual(more, []);
      assert.equal(problem!.path, `istio-egress:destinations.billing.${place}`);
      assert.match(problem!.problem, says);
      if (fix !== undefined) assert.equal(problem!.fix, fix);
      const [key, written] = [/\.(\w+)(\[0\])?$/.exec(place)?.[1], /^write "(.*)"$/.exec(problem!.fix ?? "")?.[1]];
      if (key !== undefined && written !== undefined) {
        assert.deepEqual(problems({ originate: { [key]: place.endsWith("]") ? [written] : written } }), []);
      }
    });
  }

  it("is refused a CA that has expired, is no authority's, or has a key beside it, and takes two that are sound", async () => {
    const authority = await createAuthority("Billing CA");
    const other = await createAuthority("Another CA");
    const leaf = await issueCertificate(authority, { commonName: "leaf.example" });
    const ca = (text: string, at = new Date()) => {
      try {
        parseConfig(raw({ originate: { ca: text } }), { now: at });
        return [];
      } catch (error) {
        return (error as ConfigError).problems.map(({ problem }) => problem);
      }
    };
    const now = new Date();
    assert.deepEqual(ca(authority.certificatePem + other.certificatePem), []);
    assert.deepEqual(ca(`# ours\n${authority.certificatePem}\n`), []);
    const earlier = new Date(now.getTime() - 7 * 24 * 3_600_000);
    assert.match(ca(authority.certificatePem, earlier)[0]!, /of CN=Billing CA, is not valid before \d{4}-\d\d-\d\d/);
    const later = new Date(now.getTime() + 11 * 365 * 24 * 3_600_000);
    assert.match(ca(authority.certificatePem, later)[0]!, /of CN=Billing CA, has expired on \d{4}-\d\d-\d\d/);
    assert.match(ca(leaf.certificatePem)[0]!, /CN=leaf.example, is no authority's/);
    assert.match(ca(authority.certificatePem + authority.privateKeyPem)[0]!, /private key/);
    assert.match(ca("-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----")[0]!, /cannot be read/);
    assert.match(ca(`Certificate:\n  Data:\n${authority.certificatePem}`)[0]!, /something beside one/);
    const both = ca(authority.certificatePem + leaf.certificatePem + authority.certificatePem, later);
    assert.deepEqual(
      both.map((problem) => problem.slice(0, 21)),
      ["Certificate 1 of 3, o", "Certificate 2 of 3, o", "Certificate 2 of 3, o", "Certificate 3 of 3, o"],
    );
  });

  it("is warned of where a destination's hosts are called past it, and not where they are not", () => {
    const warned = (billing: Raw) => pastOriginationWarnings(config(billing)).map(({ problem }) => problem);
    assert.match(
      warned({ ...limited, protocols: ["http", "https"] })[0]!,
      /by https applications call the hosts past it/,
    );
    assert.match(warned({ ...limited, ports: ["8080/http"] })[0]!, /by 8080\/http applications/);
    assert.deepEqual(warned(limited), []);
    assert.deepEqual(warned({ ports: ["8080/http"] }), []);
  });

  it("is warned of an authority that ends within 14 days, and of no other", async () => {
    const { certificatePem } = await createAuthority("Billing CA");
    const ca = { destinations: [{ ...config(limited).destinations[0]!, originate: { ca: certificatePem } }] };
    const end = Date.parse(new X509Certificate(certificatePem).validTo);
    const warned = (days: number) => authorityWarnings(ca, new Date(end - days * 86_400_000));
    assert.match(warned(13)[0]!.problem, /^The certificate of CN=Billing CA ends on \d{4}-\d\d-\d\d/);
    assert.deepEqual(warned(15), []);
    assert.deepEqual(authorityWarnings(config(limited), new Date(end)), []);
  });

  it("is a risk in a review where another way is opened past it, and not by itself", () => {
    const risks = (billing: Raw) =>
      riskNotes(diffStacks(config(limited), config({ ...limited, ...billing })))
        .map(({ risk }) => risk)
        .join();
    assert.match(risks({ protocols: ["http", "https"] }), /past the TLS that the gateway opens/);
    assert.match(risks({ ports: ["8080/http"] }), /past the TLS that the gateway opens/);
    assert.doesNotMatch(risks({ originate: { methods: ["GET"] } }), /past the TLS/);
  });

  it("is told how a CA is written whose lines YAML has joined", async () => {
    const { certificatePem } = await createAuthority("Billing CA");
    const folded = certificatePem.trim().replace(/\n/g, " ");
    const [found] = problems({ originate: { ca: folded } });
    assert.match(found!.fix!, /below ca: \|/);
    assert.doesNotMatch(JSON.stringify(found), /BEGIN/);
  });

  it("is refused a certificate or a key that is written out, and repeats neither", async () => {
    const { certificatePem, privateKeyPem } = await createAuthority("Billing");
    for (const [pem, says] of [
      [certificatePem, /^A certificate, and its key/],
      [privateKeyPem, /^A private key/],
      [certificatePem + privateKeyPem, /^A private key/],
    ] as const) {
      const found = problems({ originate: { clientCertificate: pem } });
      assert.equal(found.length, 1);
      assert.match(found[0]!.problem, says);
      assert.match(found[0]!.fix!, /kubectl create secret tls/);
      assert.doesNotMatch(JSON.stringify(found), /BEGIN/);
    }
    assert.deepEqual(problems({ originate: { clientCertificate: "billing-client" } }), []);
  });

  it("is refused in a mesh that takes no EnvoyFilter", () => {
    const [problem] = problems(limited, { mesh: { kind: "existing", envoyFilters: false } });
    assert.match(problem!.problem, /EnvoyFilter/);
  });
});

describe("the plan of originate", () => {
  it("lets exactly these identities send these requests, to a port of its own", () => {
    assert.deepEqual(spec(manifests(), "AuthorizationPolicy", "allow-billing").rules, [
      {
        from: [{ source: { principals: ["cluster.local/ns/shop/sa/orders"] } }],
        to: [
          {
            operation: {
              ports: ["8081"],
              hosts: ["api.billing.example"],
              methods: ["GET", "POST"],
              paths: ["/health", "/v1/*"],
            },
          },
        ],
      },
    ]);
    const [port, ...more] = spec(manifests(), "ServiceEntry", "billing.hosts").ports;
    assert.deepEqual([port.number, port.targetPort, more], [80, 8081, []]);
  });

  it("has no listener, route or cluster of it where nobody is granted it", () => {
    const text = JSON.stringify(manifests({}));
    assert.doesNotMatch(text, /8081|originate/);
    assert.match(JSON.stringify(manifests()), /8081/);
  });

  it("checks the name in the host's certificate, and never goes on in plain text", () => {
    const patches: Record<string, any>[] = spec(manifests(), "EnvoyFilter", "egress-gateway").configPatches;
    const [cluster, ...more] = patches.filter(({ patch }) => /^originate/.test(patch.value?.name));
    assert.deepEqual(more, []);
    const { typed_extension_protocol_options: options, cluster_type } = cluster!.patch.value;
    const { upstream_http_protocol_options } = Object.values<any>(options)[0];
    assert.deepEqual(upstream_http_protocol_options, { auto_sni: true, auto_san_validation: true });
    assert.equal(cluster_type.typed_config.allow_insecure_cluster_options, undefined);
    // Routes that no patch leads anywhere lead to a name without endpoints.
    const routes = patches
      .filter(({ applyTo }) => applyTo === "HTTP_ROUTE")
      .map(({ match }) => match.routeConfiguration);
    assert.ok(routes.every((route) => route?.portNumber !== undefined));
  });

  it("has a cluster and a route more for authorities of one's own, and none for hosts", async () => {
    const { certificatePem: ca } = await createAuthority("Billing CA");
    const hosts = ["a.billing.example", "b.billing.example"];
    const all = manifests({ hosts, originate: { ca } });
    const { http } = spec(all, "VirtualService", "egress-gateway");
    assert.deepEqual(
      http.map(({ name, match }: Raw) => [name, (match as Raw[]).length]),
      [
        [undefined, 1],
        ["originate-billing", 2],
        ["originate", 1],
      ],
    );
    assert.match(JSON.stringify(spec(all, "EnvoyFilter", "egress-gateway")), /inline_string":"-----BEGIN/);
  });

  const clusterOf = (billing: Raw) => {
    const patches: Record<string, any>[] = spec(manifests(billing), "EnvoyFilter", "egress-gateway").configPatches;
    return patches.find(({ patch }) => patch.value?.name === "originate-billing")!.patch.value;
  };

  it("shows a client certificate from a Secret, which istiod sends to who may list Secrets there, and to nobody else", () => {
    const shown = { originate: { clientCertificate: "billing-client" } };
    assert.deepEqual(
      clusterOf(shown).transport_socket.typed_config.common_tls_context.tls_certificate_sds_secret_configs,
      [{ name: "kubernetes://billing-client", sds_config: { ads: {}, resource_api_version: "V3" } }],
    );
    const access = (billing: Raw) =>
      manifests(billing)
        .filter(({ kind }) => /^Role/.test(kind))
        .map(({ kind, metadata, rules, subjects, roleRef }) => ({ kind, metadata, rules, subjects, roleRef }));
    const [role, binding, ...more] = access(shown);
    assert.deepEqual(more, []);
    assert.deepEqual(
      [role!.metadata.namespace, role!.rules],
      ["istio-egress", [{ apiGroups: [""], resources: ["secrets"], verbs: ["list"] }]],
    );
    assert.deepEqual(binding!.subjects, [
      { kind: "ServiceAccount", name: "egress-gateway", namespace: "istio-egress" },
    ]);
    assert.equal((binding!.roleRef as { name: string }).name, role!.metadata.name);
    assert.deepEqual(access(limited), []);
  });

  it("speaks HTTP/2 to the host where that is said, and else what the application began", () => {
    const protocolOf = (billing: Raw) => {
      const { typed_extension_protocol_options: options, transport_socket } = clusterOf(billing);
      const { explicit_http_config, use_downstream_protocol_config } = JSON.parse(
        JSON.stringify(Object.values<any>(options)[0]),
      );
      const { alpn_protocols } = transport_socket.typed_config.common_tls_context;
      return { explicit_http_config, began: use_downstream_protocol_config !== undefined, alpn_protocols };
    };
    assert.deepEqual(protocolOf({ originate: { http2: true } }), {
      explicit_http_config: { http2_protocol_options: {} },
      began: false,
      alpn_protocols: ["h2"],
    });
    assert.deepEqual(protocolOf({ originate: { clientCertificate: "x" } }), {
      explicit_http_config: undefined,
      began: true,
      alpn_protocols: undefined,
    });
    // What says nothing needs no cluster of its own.
    assert.deepEqual(manifests({ originate: { http2: false } }), manifests({ originate: {} }));
  });

  it("opens port 443 of the way out, and not port 80", () => {
    assert.deepEqual(grantedExternalPorts(config(limited)), [443]);
    assert.deepEqual(grantedExternalPorts(config({ protocols: ["http"] })), [80, 443]);
  });

  it("is refused to a component whose gateway was not told of it", () => {
    const { clients, hosts, protocols, originate, gateway } = stackArgs(config()).destinations[0]!;
    const args = { name: "billing", clients, hosts, protocols, originate };
    assert.doesNotThrow(() => planDestination({ ...args, gateway }));
    assert.throws(() => planDestination({ ...args, gateway: { ...gateway, originates: [] } }), /does not know of it/);
    const shown = { ...originate, clientCertificate: "billing-client" };
    assert.throws(
      () => planDestination({ ...args, gateway, originate: shown }),
      /originates \{ destination, hosts, clientCertificate \}/,
    );
    const told = { destination: "billing", hosts, clientCertificate: "billing-client" };
    assert.doesNotThrow(() =>
      planDestination({ ...args, gateway: { ...gateway, originates: [told] }, originate: shown }),
    );
    assert.throws(
      () => planDestination({ ...args, gateway, originate: { clientCertificate: "a/b" } }),
      /originate\.clientCertificate: A gateway reads Secrets of its own namespace only/,
    );
    assert.throws(
      () => planDestination({ ...args, gateway, originate: { paths: ["v1"] } }),
      /originate\.paths\[0\]: A path begins with a slash/,
    );
  });
});

describe("paths of requests", () => {
  const same: [written: string, normal: string | undefined][] = [
    ["/v1/x", "/v1/x"],
    ["//v1//x", "/v1/x"],
    ["/v1/./x", "/v1/x"],
    ["/v1/../admin", "/admin"],
    ["/v1/%2e%2E/admin", "/admin"],
    ["/v1/..%2fadmin", undefined],
    ["/v1/..%5Cadmin", undefined],
    ["/v1/%252e", undefined],
    ["/v1/..;/admin", undefined],
    ["/v1/x?y=//", "/v1/x"],
    ["/v1/a%20b", "/v1/a%20b"],
  ];
  for (const [written, normal] of same) {
    it(`${written} is ${normal ?? "refused"}`, () => assert.equal(normalPath(written), normal));
  }

  it("are compared as Istio does: whole, or with what follows a slash", () => {
    const allows = (path: string) =>
      refusalOfRequest({ paths: ["/v1/*", "/health"] }, { method: "GET", path }) === undefined;
    assert.deepEqual(["/v1/", "/v1/a/b", "/health"].map(allows), [true, true, true]);
    assert.deepEqual(["/v1", "/v10", "/health/", "/V1/a"].map(allows), [false, false, false, false]);
  });

  it("that are ambiguous are matched whole, as Envoy asks it of expressions", () => {
    assert.match(ambiguousPath, /^\(\?i\)\.\*.*\.\*$/);
  });
});

describe("what is said of originate", () => {
  it("explain, graph and diff tell which certificate is shown, and HTTP/2", () => {
    const billing = { originate: { clientCertificate: "billing-client", http2: true } };
    const { way } = asked("GET", "http://api.billing.example/", billing);
    assert.match(way.at(-1)!.what, /the certificate in the Secret istio-egress\/billing-client.*speaks HTTP\/2/);
    assert.doesNotMatch(
      asked("GET", "http://api.billing.example/", { originate: {} }).way.at(-1)!.what,
      /Secret|HTTP\/2/,
    );
    const edge = graphOf(config(billing)).edges.find(({ requests }) => requests !== undefined)!;
    assert.deepEqual(edge.requests!.slice(2), ["client certificate billing-client", "HTTP/2"]);
    const risks = (before: Raw, after: Raw) =>
      riskNotes(diffStacks(config(before), config(after))).map(({ risk }) => risk);
    assert.match(risks({ originate: {} }, billing).join(), /shows the certificate in the Secret billing-client/);
    assert.deepEqual(risks(billing, { ...billing, timeouts: { idle: "2h" } }), []);
  });

  it("explain tells methods and paths, and the way in TLS", () => {
    const yes = asked("GET", "http://api.billing.example/v1/charges");
    assert.equal(yes.allowed, true);
    assert.match(yes.because, /GET \/v1\/charges is among its requests \(GET, POST; \/health, \/v1\/\*\)/);
    assert.match(yes.way.at(-1)!.what, /opens TLS to api\.billing\.example:443.*signed by a public authority/);
    for (const [method, path, why] of [
      ["PUT", "/v1/x", /PUT is none of its methods/],
      ["GET", "/admin", /\/admin is none of its paths/],
      ["GET", "/v1/../admin", /\/admin is none of its paths/],
      ["GET", "/v1/..%2fadmin", /read in several ways/],
    ] as const) {
      const no = asked(method, `http://api.billing.example${path}`);
      assert.deepEqual([no.allowed, no.refusal], [false, "request"]);
      assert.match(no.because, why);
      assert.match(no.way.at(-1)!.what, /with this method and path: 403/);
    }
    assert.equal(asked("PUT", "http://api.billing.example/x", { originate: {} }).allowed, true);
  });

  it("the application's own https is refused unless it is said", () => {
    const https = (billing: Raw) => {
      const check = readCall("https://api.billing.example/");
      assert.ok("call" in check);
      return explain(config(billing), "shop/orders", check.call).refusal;
    };
    assert.equal(https(limited), "protocol");
    assert.equal(https({ ...limited, protocols: ["http", "https"] }), undefined);
  });

  it("a verdict names a request that changes nothing, or none where all would", () => {
    const request = (billing: Raw) =>
      verdicts(config(billing)).find(({ url }) => url === "http://api.billing.example")!.request;
    assert.deepEqual(request(limited), { method: "GET", path: "/health" });
    assert.deepEqual(request({ originate: { paths: ["/v1/*"] } }), { method: "GET", path: "/v1/" });
    assert.equal(request({ originate: { methods: ["POST"] } }), null);
    assert.equal(request({}), undefined);
  });

  it("the log of a refused request says what of it was not granted, and agrees", () => {
    const line = (path: string, status: number) => ({
      ...{ time: "2026-11-29T08:00:00.000Z", identity: "spiffe://cluster.local/ns/shop/sa/orders", flags: "-" },
      ...{
        upstream: status === 200 ? "203.0.113.41:443" : null,
        tried: null,
        client: "10.0.0.1:1",
        received: 0,
        sent: 19,
      },
      ...{ milliseconds: 1, protocol: "http", host: "api.billing.example", method: "GET", path, status, request: "x" },
      reason: status === 200 ? "via_upstream" : "rbac_access_denied_matched_policy[none]",
    });
    const decide = decider(config());
    const place = { gateway: "egress-gateway", namespace: "istio-egress", pod: "p" };
    const decided = (path: string, status: number) => decide(parseEntry(JSON.stringify(line(path, status)))!, place);
    const no = decided("/admin", 403);
    assert.deepEqual([no.allowed, no.ok], [false, true]);
    assert.match(no.because!, /\/admin is none of its paths/);
    assert.deepEqual([decided("/v1/x", 200).allowed, decided("/v1/x", 200).ok], [true, true]);
    assert.equal(decided("/v1/x", 403).ok, false);
  });

  it("a change of it is a change of what is granted, and a risk where it opens more", () => {
    const risks = (before: Raw, after: Raw) =>
      riskNotes(diffStacks(config(before), config(after))).map(({ risk }) => risk);
    assert.deepEqual(risks({ originate: { paths: ["/v1/*"] } }, { originate: { paths: ["/v1/*", "/v2/*"] } }), [
      "more methods or paths than before",
    ]);
    assert.deepEqual(risks({ originate: { paths: ["/v1/*", "/v2/*"] } }, { originate: { paths: ["/v1/*"] } }), []);
    assert.match(risks(limited, { protocols: ["http"] }).join("\n"), /opened TLS before/);
    assert.deepEqual(risks({ protocols: ["https"] }, limited), []);
    assert.match(risks({ protocols: ["https"] }, { protocols: ["http"] }).join("\n"), /plain HTTP/);
  });

  it("the graph says on the edge that TLS comes from the gateway, and for which requests", () => {
    const edge = graphOf(config()).edges.find(({ requests }) => requests !== undefined)!;
    assert.deepEqual(edge.requests, ["GET, POST", "/health, /v1/*"]);
  });
});
