// Which PeerAuthentication and which DestinationRule is in force, among several.
// Does not prove: that istiod chooses so; these are its documented rules and those of its source.
import assert from "node:assert/strict";
import { clientSide, ruleInForce } from "../../../../model/tls/client";
import { DestinationRule, PeerAuthentication } from "../../../../model/tls/objects";
import { serverSide } from "../../../../model/tls/server";
import { statusOf } from "../../../../model/tls";

type Mode = "UNSET" | "DISABLE" | "PERMISSIVE" | "STRICT";

function policy(
  name: string,
  namespace: string,
  mode: Mode | undefined,
  spec: object = {},
  created = 1,
): PeerAuthentication {
  const creationTimestamp = `2026-11-0${created}T00:00:00Z`;
  return {
    metadata: { name, namespace, creationTimestamp },
    spec: { ...(mode === undefined ? {} : { mtls: { mode } }), ...spec },
  };
}

const pods = { namespace: "shop", labels: { app: "till", tier: "front" }, port: 8080 };
const forTill = { selector: { matchLabels: { app: "till" } } };
const mesh = policy("default", "istio-system", "STRICT");

describe("the PeerAuthentication in force", () => {
  for (const [what, policies, expected] of [
    ["nobody's: either is taken", [], ["HTTP/mTLS", null]],
    ["the mesh's", [mesh, policy("other", "elsewhere", "DISABLE")], ["mTLS", "default/istio-system"]],
    ["the namespace's before the mesh's", [mesh, policy("ours", "shop", "PERMISSIVE")], ["HTTP/mTLS", "ours/shop"]],
    [
      "the pods' before the namespace's",
      [policy("till", "shop", "DISABLE", forTill), policy("ours", "shop", "STRICT"), mesh],
      ["HTTP", "till/shop"],
    ],
    [
      "not one for other pods",
      [policy("till", "shop", "DISABLE", { selector: { matchLabels: { app: "till", tier: "back" } } }), mesh],
      ["mTLS", "default/istio-system"],
    ],
    [
      "not one of the root namespace for pods",
      [policy("till", "istio-system", "DISABLE", forTill)],
      ["HTTP/mTLS", null],
    ],
    ["the next, where the mode is unset", [policy("ours", "shop", "UNSET"), mesh], ["mTLS", "default/istio-system"]],
    [
      "the next, where there is no mode at all",
      [policy("ours", "shop", undefined), mesh],
      ["mTLS", "default/istio-system"],
    ],
    [
      "the pods' for their port",
      [policy("till", "shop", "STRICT", { ...forTill, portLevelMtls: { 8080: { mode: "DISABLE" } } })],
      ["HTTP", "till/shop"],
    ],
    [
      "the pods' as a whole, where their port's is unset or another's",
      [
        policy("till", "shop", "STRICT", {
          ...forTill,
          portLevelMtls: { 8080: { mode: "UNSET" }, 80: { mode: "DISABLE" } },
        }),
      ],
      ["mTLS", "till/shop"],
    ],
    [
      "no port's of a policy for a whole namespace",
      [policy("ours", "shop", "STRICT", { portLevelMtls: { 8080: { mode: "DISABLE" } } })],
      ["mTLS", "ours/shop"],
    ],
    [
      "the oldest of several for one scope",
      [policy("young", "shop", "DISABLE", {}, 3), policy("old", "shop", "STRICT", {}, 2)],
      ["mTLS", "old/shop"],
    ],
  ] as [string, PeerAuthentication[], [string, string | null]][]) {
    it(`is ${what}`, () => {
      const { server, authnPolicy } = serverSide(policies, pods);
      assert.deepEqual([server, authnPolicy], expected);
    });
  }

  it("counts by the namespace alone where there are no pods", () => {
    const policies = [policy("till", "shop", "DISABLE", forTill), mesh];
    assert.equal(serverSide(policies, { namespace: "shop" }).authnPolicy, "default/istio-system");
  });
});

function rule(namespace: string, host: string, spec: object = {}): DestinationRule {
  const name = `${namespace}-${host}`;
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: { name, namespace },
    spec: { host, ...spec },
  };
}

const till = { host: "till.shop.svc.cluster.local", registeredIn: "shop" };

describe("the DestinationRule in force", () => {
  for (const [what, rules, expected] of [
    ["nobody's", [rule("elsewhere", till.host), rule("istio-system", "*.example")], undefined],
    [
      "the caller's namespace's before all others",
      [rule("shop", till.host), rule("istio-system", till.host), rule("web", "*.local")],
      "web-*.local",
    ],
    [
      "the name's namespace's before the mesh's",
      [rule("istio-system", till.host), rule("shop", "*.local")],
      "shop-*.local",
    ],
    ["the mesh's", [rule("istio-system", "*.local")], "istio-system-*.local"],
    [
      "the exact one before a pattern, and a longer pattern before a shorter one",
      [rule("shop", "*.local"), rule("shop", till.host), rule("shop", "*.shop.svc.cluster.local")],
      `shop-${till.host}`,
    ],
    [
      "a longer pattern before a shorter one",
      [rule("shop", "*"), rule("shop", "*.shop.svc.cluster.local"), rule("shop", "*.local")],
      "shop-*.shop.svc.cluster.local",
    ],
    [
      "the caller's own though it is exported to nobody else",
      [rule("web", till.host, { exportTo: ["."] })],
      `web-${till.host}`,
    ],
    [
      "not one that stays at home",
      [rule("shop", till.host, { exportTo: ["."] }), rule("shop", "*.local")],
      "shop-*.local",
    ],
    [
      "one that is exported to the caller's namespace",
      [rule("shop", till.host, { exportTo: ["web", "api"] })],
      `shop-${till.host}`,
    ],
    [
      "the mesh's, where the most specific of a namespace is exported to others alone",
      [rule("shop", till.host, { exportTo: ["api"] }), rule("shop", "*.local"), rule("istio-system", "*.local")],
      "istio-system-*.local",
    ],
    [
      "not one of the caller's namespace that is for others alone",
      [rule("web", till.host, { exportTo: ["api"] }), rule("istio-system", "*.local")],
      "istio-system-*.local",
    ],
  ] as [string, DestinationRule[], string | undefined][]) {
    it(`is ${what}`, () => assert.equal(ruleInForce(rules, till, "web")?.metadata.name, expected));
  }
});

describe("what callers speak", () => {
  const speaks = (mode: string | undefined, autoMtls: boolean, server: "mTLS" | "HTTP/mTLS" | "HTTP" = "mTLS") => {
    const rules = mode === undefined ? [] : [rule("shop", till.host, { trafficPolicy: { tls: { mode } } })];
    return clientSide(rules, { ...till, autoMtls }, "web", server).client;
  };

  it("is what the rule's mode says, whoever answers", () => {
    for (const autoMtls of [true, false]) {
      assert.deepEqual(
        ["DISABLE", "SIMPLE", "MUTUAL", "ISTIO_MUTUAL"].map((mode) => speaks(mode, autoMtls)),
        ["HTTP", "TLS", "TLS", "mTLS"],
      );
    }
  });

  it("is without one mutual TLS with those who have a sidecar that takes it, and nothing with others", () => {
    assert.deepEqual([speaks(undefined, true), speaks(undefined, true, "HTTP/mTLS")], ["mTLS", "mTLS"]);
    assert.deepEqual([speaks(undefined, true, "HTTP"), speaks(undefined, false)], ["HTTP", "HTTP"]);
  });

  it("is left to auto mTLS by a rule that says nothing of TLS, which is named all the same", () => {
    const rules = [rule("shop", till.host, { trafficPolicy: { connectionPool: {} } })];
    assert.deepEqual(clientSide(rules, { ...till, autoMtls: true }, "web", "mTLS"), {
      client: "mTLS",
      destinationRule: `shop-${till.host}/shop`,
    });
  });

  it("is OK where it is what is asked", () => {
    assert.deepEqual(
      (["mTLS", "HTTP/mTLS", "HTTP"] as const).map((server) =>
        (["mTLS", "HTTP", "TLS"] as const).map((client) => statusOf(server, client)),
      ),
      [
        ["OK", "CONFLICT", "CONFLICT"],
        ["OK", "OK", "CONFLICT"],
        ["CONFLICT", "OK", "CONFLICT"],
      ],
    );
    assert.deepEqual([statusOf(null, "HTTP"), statusOf("mTLS", null)], [null, null]);
  });
});
