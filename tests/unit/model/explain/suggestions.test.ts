// What `explain` says would have to stand in the stack's file does what it says, for a destination of every kind: the stack
// is sound with it, the call is allowed, and nothing that was refused for another reason passes, nor is anything lost.
// Does not prove: that the addition is a good idea.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { explain, readCall, Suggestion } from "../../../../model/explain";

const now = new Date("2026-12-01T09:00:00Z");

const raw = {
  cluster: {
    kind: "existing",
    ranges: ["10.244.0.0/16", "10.96.0.0/12"],
    workloadIdentity: true,
    api: { service: "10.96.0.1", endpoints: ["10.0.0.2"] },
  },
  namespaces: { shop: { ingress: {} } },
  workloads: { cart: { namespace: "shop", image: "x/y:1" }, order: { namespace: "shop", image: "x/y:1" } },
  destinations: {
    db: { hosts: ["db.example.org"], ports: ["5432/tcp"], timeouts: { idle: "8h" } },
    wild: { hosts: ["*.wild.example", "beside.example.org"], timeouts: { idle: "2h" } },
    billing: { hosts: ["billing.example.org"], originate: { methods: ["GET"], paths: ["/v1/*"] } },
    wiki: { hosts: ["wiki.corp.example"], protocols: ["https"], private: ["10.20.0.0/16"] },
    addresses: { addresses: ["198.51.100.0/24"], ports: ["5432/tcp"], timeouts: { idle: "2h" } },
    proxied: { hosts: ["api.partner.example"], via: { proxy: "proxy.corp.example:3128" } },
    github: { preset: "github@2026-12-01", hosts: ["extra.github.example"] },
    mail: { preset: "sendgrid-smtp" },
    api: { kind: "kubernetes-api" },
    metadata: { kind: "google-metadata" },
  },
  allow: [
    ...["db", "wild", "billing", "wiki", "addresses", "proxied", "github", "mail", "api", "metadata"].map((to) => ({
      from: "shop/cart",
      to,
      owner: "team-shop",
      reason: "needed",
    })),
  ],
  deny: ["evil.example"],
};

const hosts = [
  ...["db.example.org", "a.wild.example", "beside.example.org", "billing.example.org", "wiki.corp.example"],
  ...["198.51.100.7", "203.0.113.9", "api.partner.example", "github.com", "extra.github.example", "smtp.sendgrid.net"],
  ...[
    "kubernetes.default.svc",
    "10.96.0.1",
    "169.254.169.254",
    "new.example.org",
    "x.evil.example",
    "proxy.corp.example",
  ],
];
const urls = hosts.flatMap((host) => [
  `http://${host}`,
  `https://${host}`,
  ...[25, 80, 443, 5432, 8080].map((port) => `tcp://${host}:${port}`),
]);

const calls = urls.map((url) => {
  const check = readCall(url);
  assert.ok("call" in check, url);
  return check.call;
});

/** Requests that the gateway refuses, which no other addition may let pass. */
const others = ["/v2", "/v1/x"].map((path) => {
  const check = readCall("http://billing.example.org");
  assert.ok("call" in check);
  return { ...check.call, request: { method: path === "/v2" ? "GET" : "POST", path } };
});

function withAddition({ add }: Suggestion) {
  return {
    ...raw,
    destinations: { ...raw.destinations, ...add.destinations },
    allow: [...raw.allow, ...(add.allow ?? [])],
  };
}

describe("what has to stand in the stack's file for a call to be allowed", () => {
  const config = parseConfig(raw, { now });
  const passing = calls.filter((call) => explain(config, "shop/cart", call).allowed);
  assert.ok(passing.length > 15);
  const suggested: string[] = [];

  for (const from of ["shop/cart", "shop/order"]) {
    for (const call of calls) {
      const { allowed, suggestion, refusal } = explain(config, from, call);
      if (suggestion === undefined) {
        continue;
      }
      suggested.push(`${from} ${call.url}`);
      it(`is sound, and enough: ${from} → ${call.url}, refused for its ${refusal}`, () => {
        assert.equal(allowed, false);
        const after = parseConfig(withAddition(suggestion), { now });
        assert.equal(explain(after, from, call).allowed, true);
        for (const each of passing) {
          if (!explain(after, "shop/cart", each).allowed) {
            assert.equal(from, "shop/order", `lost: ${each.url}`);
            assert.match(suggestion.beware!, /shop\/cart would have a\.wild\.example by a rule of its own only/);
          }
        }
        for (const each of others) {
          assert.equal(explain(after, "shop/cart", each).allowed, false, "a request is let pass that was not to be");
        }
        const [before, then] = [config, after].map(({ destinations }) =>
          destinations
            .filter(({ name }) => name in raw.destinations)
            .map(({ protocols: _, ports: __, ...rest }) => rest),
        );
        assert.deepEqual(then, before, "a destination is something else than it was");
      });
    }
  }

  it("is nothing where no rule could allow the call, or the destination could not have the way", () => {
    for (const url of ["http://api.partner.example", "tcp://beside.example.org:25", "https://x.evil.example"]) {
      assert.ok(!suggested.includes(`shop/cart ${url}`), url);
    }
    assert.ok(suggested.length > 60, String(suggested.length));
  });

  it("says what a way opens that passes the TLS which the gateway opens", () => {
    for (const url of ["https://billing.example.org", "tcp://billing.example.org:8080"]) {
      const call = calls.find((each) => each.url === url)!;
      assert.match(explain(config, "shop/cart", call).suggestion!.beware!, /sees neither methods nor paths/);
    }
  });
});

describe("a name by which clients call what is in the cluster", () => {
  it("is the full one", () => {
    for (const short of ["kubernetes.default.svc", "kubernetes.default"]) {
      const check = readCall(`https://${short}`);
      assert.equal("call" in check && check.call.host, "kubernetes.default.svc.cluster.local");
    }
    const check = readCall("https://a.kubernetes.default");
    assert.equal("call" in check && check.call.host, "a.kubernetes.default");
  });

  it("and what is no URL is told how one is written", () => {
    assert.deepEqual(
      ["db", "example.org", "postgres://me:hush@db.example.org:5432/x", "smtp://db.example.org"].map((written) => {
        const check = readCall(written);
        return "problem" in check && check.fix;
      }),
      [
        "write what the workload calls, as https://github.com or tcp://db.example:5432",
        'write "https://example.org"',
        'write "tcp://db.example.org:5432"',
        "ask for tcp://HOST:PORT, with the port that the workload calls",
      ],
    );
  });
});
