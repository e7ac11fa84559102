// mode: observe, from the stack's file to the plan and what every reader says of it.
// Does not prove: what the mesh makes of it; tests/lab/observe.test.ts does.
import assert from "node:assert/strict";
import { ConfigError, Manifest, parseConfig, planStack, verdicts } from "../../../model";
import { decider, parseEntry } from "../../../model/access-log";
import { diffStacks, riskNotes } from "../../../model/diff";
import { explain, readCall } from "../../../model/explain";
import { observedSteps } from "../../../model/config/observed";
import { graphOf } from "../../../model/graph";
import { CountedCall, propose, replay } from "../../../model/traffic";
import { now } from "./config/sound-config";

type Raw = Record<string, unknown>;

const raw = (change: Raw = {}): Raw => ({
  namespaces: { shop: { mode: "observe" }, payments: {}, office: {} },
  workloads: {
    cart: { namespace: "shop", image: "i" },
    ledger: { namespace: "payments", image: "i", mode: "observe" },
    strict: { namespace: "payments", image: "i" },
    desk: { namespace: "office", image: "i" },
  },
  destinations: { web: { hosts: ["www.example.com"] } },
  allow: ["shop/cart", "payments/strict"].map((from) => ({ from, to: "web", owner: "o", reason: "r" })),
  ...change,
});

const config = (change: Raw = {}) => parseConfig(raw(change), { now });
const enforced = () => config({ namespaces: { shop: {}, payments: {}, office: {} } });
const observed = config();
const plan = planStack(observed);
const manifests = [
  ...plan.egress,
  ...[...plan.gateways, ...plan.namespaces, ...plan.workloads].flatMap((part) => part.manifests),
];

function the(key: string): Manifest & { spec: any } {
  const found = manifests.filter(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}` === key);
  assert.equal(found.length, 1, key);
  return found[0] as Manifest & { spec: any };
}

function problems(change: Raw): { path: string; problem: string }[] {
  try {
    config(change);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return [...error.problems];
  }
}

const call = (url: string) => {
  const check = readCall(url);
  assert.ok("call" in check);
  return check.call;
};

const identityOf = (key: string) => `spiffe://cluster.local/ns/${key.replace("/", "/sa/")}`;

function counted(from: string, url: string, changes: Partial<CountedCall> = {}): CountedCall {
  const { protocol, host } = call(url);
  return { identity: identityOf(from), protocol, host, calls: 14, outcome: "would be denied", ...changes };
}

describe("mode: observe", () => {
  it("leads what a sidecar does not know to the observer, for whom it is said, and for nobody else", () => {
    const open = {
      mode: "ALLOW_ANY",
      egressProxy: { host: "any-host.egress-observer.local", port: { number: 15999 } },
    };
    for (const [key, policy] of [
      ["shop/cart", open],
      ["shop/default", open],
      ["payments/ledger", open],
      ["payments/strict", { mode: "REGISTRY_ONLY" }],
      ["payments/default", { mode: "REGISTRY_ONLY" }],
      ["office/desk", { mode: "REGISTRY_ONLY" }],
    ] as const) {
      const { outboundTrafficPolicy, egress } = the(`Sidecar/${key}`).spec;
      assert.deepEqual(outboundTrafficPolicy, policy, key);
      const hosts = egress[0].hosts as string[];
      assert.equal(hosts.includes("istio-egress/any-host.egress-observer.local"), policy === open, key);
    }
    assert.ok(the("Sidecar/shop/cart").spec.egress[0].hosts.includes("istio-egress/www.example.com"));
  });

  it("has the observer ask for the identities that are observed only, in the handshake and by a policy", () => {
    const exact = ["istio-egress/egress-observer", "payments/ledger"].map(identityOf);
    const { tls, hosts } = the("Gateway/istio-egress/egress-observer").spec.servers[0];
    assert.deepEqual([tls.subjectAltNames, hosts], [exact, ["./observed.invalid"]]);
    const { rules } = the("AuthorizationPolicy/istio-egress/egress-observer-allows-observed").spec;
    const principals = ["cluster.local/ns/payments/sa/ledger", "cluster.local/ns/shop/sa/*"];
    assert.deepEqual(rules, [{ from: [{ source: { principals } }] }]);
    const { configPatches } = the("EnvoyFilter/istio-egress/egress-observer").spec;
    const patch = configPatches.find(({ applyTo }: { applyTo: string }) => applyTo === "FILTER_CHAIN").patch.value;
    const context = patch.transport_socket.typed_config.common_tls_context.combined_validation_context;
    assert.deepEqual(
      context.default_validation_context.match_typed_subject_alt_names.map(({ matcher }: any) => matcher),
      [...exact.map((each) => ({ exact: each })), { prefix: "spiffe://cluster.local/ns/shop/sa/" }],
    );
  });

  it("opens the observer to namespaces with somebody who is observed, and the observer to public addresses", () => {
    const { ingress } = the("NetworkPolicy/istio-egress/egress-observer-from-observed").spec;
    assert.deepEqual(ingress[0].from[0].namespaceSelector.matchExpressions[0].values, ["payments", "shop"]);
    const [out] = the("NetworkPolicy/istio-egress/egress-observer-to-every-port").spec.egress;
    assert.deepEqual(out.ports, [{ protocol: "TCP", port: 1, endPort: 65535 }]);
    assert.ok(out.to[0].ipBlock.except.includes("169.254.0.0/16"));
    the("NetworkPolicy/shop/egress-to-observer");
    assert.ok(
      !manifests.some(({ metadata }) => metadata.namespace === "office" && metadata.name === "egress-to-observer"),
    );
  });

  it("changes nothing else: the plan of a stack where nobody is observed is the same but for the observer's objects", () => {
    const texts = (of: ReturnType<typeof planStack>) =>
      [...of.egress, ...[...of.gateways, ...of.destinations].flatMap((part) => part.manifests)]
        .filter(({ metadata }) => !metadata.name.startsWith("egress-observer"))
        .map((manifest) => JSON.stringify(manifest));
    const strict = raw({ namespaces: { shop: {}, payments: {}, office: {} } });
    const workloads = { ...(strict.workloads as Raw), ledger: { namespace: "payments", image: "i" } };
    assert.deepEqual(texts(plan), texts(planStack(parseConfig({ ...strict, workloads }, { now }))));
  });

  it("is refused for a workload of a namespace that is observed as a whole, and in a mesh without EnvoyFilters", () => {
    const workloads = { ...(raw().workloads as Raw), cart: { namespace: "shop", image: "i", mode: "enforce" } };
    const [only, ...more] = problems({ workloads });
    assert.equal(more.length, 0);
    assert.equal(only!.path, "istio-egress:workloads.cart.mode");
    assert.match(only!.problem, /shop is observed as a whole/);
    const mesh = { kind: "existing", envoyFilters: false };
    assert.deepEqual(
      problems({ mesh }).map(({ path }) => path),
      ["istio-egress:namespaces.shop.mode", "istio-egress:workloads.ledger.mode"],
    );
    assert.deepEqual(
      problems({ gateways: { "egress-observer": { destinations: ["web"] } } }).map(({ path }) => path),
      ["istio-egress:gateways.egress-observer"],
    );
  });

  it("is told by explain: what no rule grants passes, and what leads inside does not", () => {
    const { allowed, observed: passes, because, way } = explain(observed, "shop/cart", call("https://new.example"));
    assert.deepEqual([allowed, passes], [false, true]);
    assert.match(because, /^no destination has this host; but shop\/cart is observed: the call passes/);
    const keys = new Set(manifests.map(({ kind, metadata }) => `${kind}/${metadata.namespace}/${metadata.name}`));
    way.flatMap(({ by }) => by).forEach((key) => assert.ok(keys.has(key), key));
    assert.match(way.at(-1)!.what, /logs shop\/cart's identity, the name new\.example and port 443/);
    const tcp = explain(observed, "shop/cart", call("tcp://db.example:5432"));
    assert.match(tcp.way.map(({ what }) => what).join("\n"), /but no name[^]*rules are for names/);
    for (const url of [
      "http://10.0.0.1",
      "http://metadata.google.internal",
      "http://other.elsewhere.svc.cluster.local",
    ]) {
      assert.equal(explain(observed, "shop/cart", call(url)).observed, undefined, url);
    }
    assert.equal(explain(observed, "shop/cart", call("https://www.example.com")).allowed, true);
    assert.equal(explain(observed, "payments/strict", call("https://new.example")).observed, undefined);
  });

  it("is told by check, the matrix and the graph", () => {
    assert.match(observedSteps(observed)[0]!, /^shop\/\*, payments\/ledger: observed, and refused nothing/);
    assert.deepEqual(
      observedSteps(config({ namespaces: { shop: {}, payments: {}, office: {} }, workloads: {}, allow: [] })),
      [],
    );
    const of = (from: string) =>
      verdicts(observed)
        .filter((verdict) => verdict.from === from)
        .map(({ expected }) => expected);
    assert.deepEqual(of("shop/cart"), ["allow", "allow"]);
    assert.deepEqual(of("payments/ledger"), ["observe", "observe"]);
    assert.deepEqual(of("office/desk"), ["deny", "deny"]);
    const { groups, nodes } = graphOf(observed);
    assert.equal(groups.find(({ name }) => name === "shop")!.note, "mode: observe");
    assert.ok(nodes.some(({ kind, name }) => kind === "gateway" && name === "egress-observer"));
    assert.ok(!graphOf(enforced()).groups.some(({ note }) => note !== undefined));
  });

  it("is one word in a review, with what it means in either direction", () => {
    const [change, ...more] = diffStacks(observed, enforced()).settings;
    assert.equal(more.length, 0);
    assert.deepEqual(change, { path: "istio-egress:namespaces.shop.mode", before: "observe", after: "enforce" });
    assert.match(riskNotes(diffStacks(observed, enforced()))[0]!.risk, /refused from then on: egress replay/);
    assert.match(riskNotes(diffStacks(enforced(), observed))[0]!.risk, /^nothing is refused any more/);
    const without = config({ namespaces: { payments: {}, office: {} }, workloads: {}, allow: [] });
    const settings = diffStacks(without, config({ workloads: {}, allow: [] })).settings;
    assert.deepEqual(settings, [{ path: "istio-egress:namespaces.shop.mode", after: "observe" }]);
  });

  it("is read from the observer's log, and held against the configuration as it is now", () => {
    const line = (changes: Raw = {}) =>
      parseEntry(
        JSON.stringify({
          ...{
            time: "2026-11-22T10:15:30.123Z",
            identity: identityOf("shop/cart"),
            flags: "-",
            upstream: "203.0.113.9:443",
          },
          ...{ tried: "203.0.113.9:443", client: "10.244.0.5:1", received: 1, sent: 1, milliseconds: 1, reason: null },
          ...{ stage: "observer", verdict: "would be denied", protocol: "https", host: "new.example" },
          ...{ address: "203.0.113.9", port: 443, ...changes },
        }),
      )!;
    const place = { gateway: "egress-observer", namespace: "istio-egress", pod: "p" };
    const told = (changes: Raw = {}, by = observed) => {
      const { at, from, host, allowed, wouldBeDenied, ok } = decider(by)(line(changes), place);
      return [at, from, host, allowed, wouldBeDenied, ok];
    };
    assert.deepEqual(told(), ["observer", "shop/cart", "new.example", true, true, true]);
    assert.deepEqual(told({ port: 8443 })[2], "new.example:8443");
    assert.deepEqual(told({}, enforced()).at(-1), false);
    // It has a rule by now.
    assert.deepEqual(told({ host: "www.example.com" }).at(-1), false);
    assert.deepEqual(told({ protocol: "tcp", host: undefined, port: 5432 })[2], "203.0.113.9:5432");
    const inside = told({ protocol: "tcp", host: undefined, address: "10.0.0.1", verdict: "refused" });
    assert.deepEqual(inside.slice(2), ["10.0.0.1:443", false, undefined, true]);
  });

  it("gives candidates to learn, and a replay names what enforcing would refuse", () => {
    const calls = [counted("shop/cart", "https://new.example"), counted("shop/cart", "https://www.example.com")];
    const proposal = propose(observed, calls);
    assert.deepEqual(
      proposal.rules.map(({ from, to, refused }) => [from, to, refused]),
      [["shop/cart", "new", 0]],
    );
    assert.deepEqual(replay(observed, calls).broken, []);
    for (const base of [undefined, observed]) {
      const { broken, held } = replay(enforced(), calls, base);
      assert.deepEqual([broken.map(({ url }) => url), held.calls], [["https://new.example"], 14]);
    }
    // What was recorded while it was watched breaks by no later change: enforcing had refused it already.
    const { broken, before, held } = replay(enforced(), calls, enforced());
    assert.deepEqual([broken, before.calls, held.calls], [[], 14, 14]);
  });
});
