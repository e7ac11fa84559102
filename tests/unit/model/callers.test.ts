// Who may open connections to guarded pods, as every reader of the configuration is told.
// Does not prove that anything is kept out: tests/lab/ingress.test.ts does.
import assert from "node:assert/strict";
import { parseConfig, StackConfig } from "../../../model";
import { callerText, ingressUrl, ingressVerdicts, letIn, portWords } from "../../../model/callers";
import { explainInto, readCall } from "../../../model/explain";
import { IngressSource } from "../../../model/ground/ingress";
import { now, soundConfig } from "./config/sound-config";

const gateway = { namespace: "istio-ingress", selector: { istio: "gateway" }, ports: [8080] };
const scraper = { namespace: "monitoring", ports: [15020] };
const range = { addresses: ["10.128.9.0/28"], reason: "calls a webhook" };

function configOf(first: object, second: object = { ingress: {} }): StackConfig {
  return parseConfig({ ...soundConfig(), namespaces: { "test-app": first, "istio-workload": second } }, { now });
}

/** Verdicts on the pods of test-app, a line for each. */
function lines(config: StackConfig, into = "test-app"): string[] {
  return ingressVerdicts(config)
    .filter((verdict) => verdict.into === into)
    .map(({ caller, ports, expected }) => `${callerText(caller)}, ${portWords(ports)}: ${expected}`);
}

describe("callers into guarded pods", () => {
  it("are guarded namespaces and nobody else, where ingress is empty", () => {
    assert.deepEqual(lines(configOf({ ingress: {} })), [
      "guarded namespaces, every port: allow",
      "anybody else, every port: deny",
    ]);
  });

  it("are whom ingress names, on the ports that it names, and not the pods beside them", () => {
    const config = configOf({ ingress: { from: [gateway, scraper, range] } });
    assert.deepEqual(lines(config).sort(), [
      "10.128.9.0/28, every port: allow",
      "anybody else, every port: deny",
      "guarded namespaces, every port: allow",
      "other pods of istio-ingress, every port: deny",
      "pods istio=gateway of istio-ingress, other ports: deny",
      "pods istio=gateway of istio-ingress, port 8080: allow",
      "pods of monitoring, other ports: deny",
      "pods of monitoring, port 15020: allow",
    ]);
    const paths = new Set(ingressVerdicts(config).flatMap(({ path }) => path ?? []));
    assert.deepEqual([...paths], ["istio-egress:namespaces.test-app.ingress.from"]);
  });

  it("of one namespace are refused by another, and so are peers", () => {
    const config = configOf({ ingress: { from: [gateway] } }, { ingress: {}, peers: ["backends"] });
    assert.deepEqual(lines(config, "istio-workload"), [
      "guarded namespaces, every port: allow",
      "pods of backends, every port: deny",
      "pods of istio-ingress, every port: deny",
      "anybody else, every port: deny",
    ]);
  });

  for (const [what, open] of [
    ["nothing is said", {}],
    ["the guard is not enforce", { ingress: {}, existing: true, guard: "inject" }],
  ] as const) {
    it(`are anybody where ${what}`, () => {
      const config = configOf(open, { ingress: { from: [scraper] } });
      assert.ok(lines(config).every((line) => line.endsWith("allow")));
      assert.equal(lines(config).at(-1), "anybody else, every port: allow");
      assert.equal(lines(config, "istio-workload").at(-1), "anybody else, every port: deny");
    });
  }

  it("are named in the form of a URL, with the port where it is one", () => {
    assert.equal(ingressUrl({ into: "shop", ports: 8080 }), "tcp://*.shop.svc.cluster.local:8080");
    assert.equal(ingressUrl({ into: "shop", ports: "others" }), "tcp://*.shop.svc.cluster.local");
  });

  it("are the same as egress explain tells", () => {
    const check = readCall("http://app-a.test-app.svc.cluster.local");
    assert.ok("call" in check);
    for (const ingress of [{}, { from: [gateway] }, { from: [scraper, range] }]) {
      const config = configOf({ ingress }, { ingress: {}, peers: ["backends"] });
      const verdicts = ingressVerdicts(config).filter(({ into }) => into === "test-app");
      for (const namespace of ["istio-ingress", "monitoring", "backends"]) {
        const isLetIn = verdicts.some(
          ({ caller, expected }) => caller.kind === "pods" && caller.namespace === namespace && expected === "allow",
        );
        assert.equal(explainInto(config, `${namespace}/x`, check.call)!.allowed, isLetIn, namespace);
      }
    }
  });

  describe("that fit several sources", () => {
    const found = (...sources: IngressSource[]) =>
      Object.fromEntries(letIn(sources).map(({ caller, ports }) => [callerText(caller), ports]));
    const [app, web] = [{ app: "a" }, { app: "a", tier: "web" }];

    it("have the ports of all of them, as policies add up", () => {
      assert.deepEqual(
        found(
          { namespace: "m", selector: web, ports: [3] },
          { namespace: "m", selector: app, ports: [2] },
          { namespace: "m", ports: [1] },
          { namespace: "n", selector: app, ports: [9] },
        ),
        {
          "pods app=a tier=web of m": [1, 2, 3],
          "pods app=a of m": [1, 2],
          "pods of m": [1],
          "pods app=a of n": [9],
        },
      );
    });

    it("have every port where one of them has", () => {
      assert.deepEqual(found({ namespace: "m" }, { namespace: "m", selector: app, ports: [2] }), {
        "pods of m": undefined,
        "pods app=a of m": undefined,
      });
    });

    it("are one caller where two sources name it", () => {
      assert.deepEqual(found({ namespace: "m", ports: [2] }, { namespace: "m", ports: [1] }), { "pods of m": [1, 2] });
    });

    it("of addresses are ranges, which have the ports of those around them", () => {
      assert.deepEqual(
        found(
          { addresses: ["10.0.0.0/16"], ports: [80], reason: "r" },
          { addresses: ["10.0.1.0/24", "10.9.0.0/24"], ports: [443], reason: "r" },
        ),
        { "10.0.0.0/16": [80], "10.0.1.0/24": [80, 443], "10.9.0.0/24": [443] },
      );
    });
  });
});
