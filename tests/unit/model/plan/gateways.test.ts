// Which gateways a stack has, and which of them leads to what.
// Does not prove: that each refuses what is another's; the lab's tests ask.
import assert from "node:assert/strict";
import { parseConfig, planStack, StackConfig } from "../../../../model";
import { gatewayNames, gatewaysOf } from "../../../../model/config/gateway-of";
import { now, soundConfig } from "../config/sound-config";
import { find } from "./find";

function stack(gateways: Record<string, unknown>, more: Record<string, unknown> = {}): StackConfig {
  return parseConfig({ ...soundConfig(), gateways, ...more }, { now });
}

const own = { destinations: ["github"] };
const shared = { name: "egress-gateway", replicas: 2 };

describe("the gateways of a stack", () => {
  it("are the shared one alone, unless destinations have their own", () => {
    assert.deepEqual(gatewaysOf(stack({})), [shared]);
    assert.deepEqual(gatewaysOf(stack({}, { destinations: {}, allow: [] })), [shared]);
  });

  it("are the named ones, and the shared one as long as a destination is left to it, sorted by name", () => {
    assert.deepEqual(gatewaysOf(stack({ "z-own": own, "a-own": { destinations: ["httpbin"] } })), [
      { name: "a-own", replicas: 2 },
      { name: "z-own", replicas: 2 },
    ]);
    assert.deepEqual(gatewaysOf(stack({ "a-own": own })), [{ name: "a-own", replicas: 2 }, shared]);
    assert.deepEqual(gatewaysOf(stack({ "a-own": own }, { destinations: { github: { hosts: ["github.com"] } } })), [
      { name: "a-own", replicas: 2 },
    ]);
  });

  it("have the size that they say, and what they do not say from the shared one", () => {
    const gateway = { namespace: "way-out", replicas: 3, maxReplicas: 5 };
    assert.deepEqual(gatewaysOf(stack({ a: { ...own, replicas: 4 }, b: { destinations: ["httpbin"] } }, { gateway })), [
      { name: "a", replicas: 4, maxReplicas: 5 },
      { name: "b", replicas: 3, maxReplicas: 5 },
    ]);
    const [a] = gatewaysOf(stack({ a: { ...own, maxReplicas: 9 } }, { gateway }));
    assert.deepEqual(a, { name: "a", replicas: 3, maxReplicas: 9 });
    const draining = stack(
      { a: { ...own, drain: "600s" }, b: { destinations: ["httpbin"] } },
      { gateway: { drain: "5s" } },
    );
    assert.deepEqual(
      gatewaysOf(draining).map(({ drain }) => drain),
      ["10m", "5s"],
    );
  });

  it("lead each to its own destinations", () => {
    const config = stack({ "a-own": own });
    assert.equal(gatewayNames(config)("github"), "a-own");
    assert.equal(gatewayNames(config)("httpbin"), "egress-gateway");
  });

  it("stand in one namespace, each under an identity of its own, and are asked about their own hosts alone", () => {
    const allow = ["github", "httpbin"].map((to) => ({ from: "test-app/app-a", to }));
    const { gateways, destinations } = planStack(stack({ "a-own": own }, { allow, gateway: { namespace: "way-out" } }));
    assert.deepEqual(
      gateways.map(({ name }) => name),
      ["a-own", "egress-gateway"],
    );
    for (const { name, manifests } of gateways) {
      find(manifests, `ServiceAccount/way-out/${name}`);
      const { template } = find(manifests, `Deployment/way-out/${name}`).spec;
      assert.deepEqual([template.spec.serviceAccountName, template.metadata.labels.istio], [name, name]);
    }
    for (const [destination, gateway] of [
      ["github", "a-own"],
      ["httpbin", "egress-gateway"],
    ]) {
      const { manifests } = destinations.find(({ name }) => name === destination)!;
      assert.deepEqual(find(manifests, `AuthorizationPolicy/way-out/allow-${destination}`).spec.selector, {
        matchLabels: { istio: gateway },
      });
      const { subjectAltNames, workloadSelector } = find(manifests, `ServiceEntry/way-out/${destination}.hosts`).spec;
      assert.deepEqual(subjectAltNames, [`spiffe://cluster.local/ns/way-out/sa/${gateway}`]);
      assert.deepEqual(workloadSelector, { labels: { istio: gateway } });
    }
  });
});
