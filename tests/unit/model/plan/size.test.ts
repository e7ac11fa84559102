// Objects that an API server would not take are found by the model, with a fix that is enough.
// Does not prove: what an API server takes to the byte; nor that proxies are quick with objects that are as large as may be.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { mostBytes, sizeProblems, tooLarge } from "../../../../model/plan/size";

const now = new Date("2026-12-01T09:00:00Z");

/** A stack whose destinations each have a name in a private network, which takes a part of its gateway's EnvoyFilter. */
function stack(count: number, gateways: object = {}) {
  const names = Array.from({ length: count }, (_, index) => `wiki-${index}`);
  return parseConfig(
    {
      cluster: { kind: "existing", ranges: ["10.244.0.0/16"] },
      namespaces: { shop: {} },
      workloads: { cart: { namespace: "shop", image: "x/y:1" } },
      destinations: Object.fromEntries(
        names.map((name) => [name, { hosts: [`${name}.corp.example`], private: ["10.20.0.0/16"] }]),
      ),
      gateways,
      allow: names.map((to) => ({ from: "shop/cart", to, reason: "needed" })),
    },
    { now },
  );
}

describe("objects that an API server would not take", () => {
  it("are found before anything is applied, and what is said to do about it is enough", () => {
    const [problem, ...others] = sizeProblems(stack(200));
    assert.deepEqual(others, []);
    assert.equal(problem!.path, "istio-egress:gateways");
    assert.match(
      problem!.problem,
      /^The EnvoyFilter istio-egress\/egress-gateway would have \d\.\d MB, and an API server takes 1\.5 MB of one object$/,
    );
    assert.match(problem!.fix!, /a gateway of their own, under istio-egress:gateways$/);
    const second = Array.from({ length: 100 }, (_, index) => `wiki-${index}`);
    assert.deepEqual(sizeProblems(stack(200, { second: { destinations: second } })), []);
    assert.deepEqual(sizeProblems(stack(20)), []);
  });

  it("are told of the gateway that has them", () => {
    const all = Array.from({ length: 200 }, (_, index) => `wiki-${index}`);
    assert.equal(
      sizeProblems(stack(200, { second: { destinations: all } }))[0]!.path,
      "istio-egress:gateways.second.destinations",
    );
  });

  it("are told of the workload that is granted too much, and of no other one", () => {
    const label = (letter: string, length = 63) => letter.repeat(length);
    const hosts = (letter: string) =>
      Array.from(
        { length: 3000 },
        (_, index) => `h${index}.${label(letter)}.${label(letter)}.${label(letter)}.${label(letter, 40)}.example`,
      );
    const found = (workloads: Record<string, string[]>) =>
      sizeProblems(
        parseConfig(
          {
            cluster: { kind: "existing", ranges: ["10.244.0.0/16"] },
            namespaces: { shop: {} },
            workloads: Object.fromEntries(
              Object.keys(workloads).map((name) => [name, { namespace: "shop", image: "x/y:1" }]),
            ),
            destinations: { first: { hosts: hosts("a") }, second: { hosts: hosts("b") } },
            allow: Object.entries(workloads).flatMap(([name, to]) =>
              to.map((each) => ({ from: `shop/${name}`, to: each, reason: "needed" })),
            ),
          },
          { now },
        ),
      ).filter(({ path }) => path.startsWith("istio-egress:workloads"));
    // Together they are granted what would be too much for one of them.
    assert.deepEqual(found({ cart: ["first"], order: ["second"] }), []);
    const [problem, ...others] = found({ cart: ["first"], order: ["first", "second"] });
    assert.deepEqual(others, []);
    assert.equal(problem!.path, "istio-egress:workloads.order");
    assert.match(problem!.problem, /^The Sidecar shop\/order would have 1\.6 MB, and an API server takes 1\.5 MB/);
  });

  it("are those of the kinds that grow, a byte above the limit", () => {
    const of = (kind: string, bytes: number) => {
      const manifest = { apiVersion: "v1", kind, metadata: { name: "a", namespace: "b" }, spec: "" };
      return tooLarge([{ ...manifest, spec: "x".repeat(bytes - JSON.stringify(manifest).length) }]).length;
    };
    for (const kind of ["AuthorizationPolicy", "ConfigMap", "EnvoyFilter", "Sidecar", "VirtualService"]) {
      assert.deepEqual([of(kind, mostBytes(kind)), of(kind, mostBytes(kind) + 1)], [0, 1], kind);
    }
  });
});
