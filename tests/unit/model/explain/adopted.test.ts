// What is said of workloads in namespaces that exist, by each guard: refusals where there are none yet would be lies.
// Does not prove: that pods do what is said; the lab's adoption test asks them.
import assert from "node:assert/strict";
import { manifestKey, parseConfig, planStack, StackConfig } from "../../../../model";
import { explain, Explanation, readCall } from "../../../../model/explain";
import { manifestsOf } from "../../../property/allowlists";
import { now, soundConfig } from "../config/sound-config";

const checkout = "payments/checkout";

function configOf(payments: Record<string, unknown>): StackConfig {
  const raw = {
    ...soundConfig(),
    namespaces: { "test-app": {}, "istio-workload": {}, payments: { existing: true, ...payments } },
    workloads: {
      ...(soundConfig().workloads as object),
      checkout: { namespace: "payments", existing: { serviceAccount: "checkout-sa" } },
    },
    allow: [{ from: "payments/*", to: "github" }],
  };
  return parseConfig(raw, { now });
}

function ask(from: string, url: string, payments: Record<string, unknown>): Explanation {
  const check = readCall(url);
  assert.ok("call" in check, url);
  return explain(configOf(payments), from, check.call);
}

const urls = ["https://github.com", "https://other.example", "http://app.test-app.svc.cluster.local"];

describe("an explanation, in a namespace that exists", () => {
  it("names no resource that is not planned, with any guard", () => {
    for (const guard of ["inject", "enforce", "leave"]) {
      const planned = new Set(manifestsOf(planStack(configOf({ guard }))).map(manifestKey));
      for (const [from, url] of [checkout, "payments/*"].flatMap((each) => urls.map((url) => [each, url] as const))) {
        const named = ask(from, url, { guard }).way.flatMap(({ by }) => by);
        assert.deepEqual(
          named.filter((key) => !planned.has(key)),
          [],
          `${guard} ${url}`,
        );
      }
    }
  });

  it("says of a refusal whom it does not hold for, where the guard is not enforce", () => {
    for (const [guard, open] of [
      ["inject", /still run without a sidecar are refused nothing/],
      ["leave", /were restarted have no sidecar and are refused nothing/],
    ] as const) {
      const { allowed, because, open: said, way } = ask(checkout, "https://other.example", { guard });
      assert.equal(allowed, false);
      assert.match(because, open);
      assert.match(said ?? "", open);
      assert.ok(way.some(({ what }) => /no NetworkPolicy stands around payments/.test(what)));
    }
    const enforced = ask(checkout, "https://other.example", { guard: "enforce" });
    assert.equal(enforced.open, undefined);
    assert.doesNotMatch(JSON.stringify(enforced), /without a sidecar/);
  });

  it("warns others of the ways that lead through it", () => {
    const around = (guard: string) =>
      ask("test-app/app-a", "https://other.example", { guard }).way.find(({ at }) => at === "around the sidecar")!.what;
    assert.match(around("inject"), /what pods of payments, which no NetworkPolicy holds, would reach/);
    assert.doesNotMatch(around("enforce"), /payments/);
  });

  it("lets it call its peers, and says which key would add another", () => {
    const url = "http://ticker.legacy-tools.svc.cluster.local:8080";
    const refused = ask(checkout, url, {});
    assert.equal(refused.refusal, "namespace");
    assert.deepEqual(refused.suggestion?.add, { namespaces: { payments: { peers: ["legacy-tools"] } } });
    const allowed = ask(checkout, url, refused.suggestion.add.namespaces.payments);
    assert.equal(allowed.allowed, true);
    assert.equal(allowed.because, "istio-egress:namespaces.payments.peers holds legacy-tools");
    assert.ok(allowed.way.flatMap(({ by }) => by).includes("NetworkPolicy/payments/egress-to-peers"));
  });

  it("suggests no peer that would be refused", () => {
    for (const namespace of ["kube-system", "istio-egress"]) {
      const { suggestion } = ask(checkout, `http://any.${namespace}.svc.cluster.local`, {});
      assert.equal(suggestion, undefined, namespace);
    }
  });
});
