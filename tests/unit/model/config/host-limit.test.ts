// How many hosts a gateway may list in a mesh that takes no EnvoyFilter.
// Does not prove: that a gateway with that many fits its memory; that was measured once, with Istio 1.31.1.
import assert from "node:assert/strict";
import { ConfigError, mostListedHosts, parseConfig } from "../../../../model";
import { now, soundConfig } from "./sound-config";

const managed = {
  mesh: { kind: "cloud-service-mesh" },
  cluster: { kind: "gke", project: "acme-prod", name: "prod", location: "europe-west1" },
};
const listing = { mesh: { kind: "existing", envoyFilters: false } };

/** A destination of that many hosts. */
function destination(name: string, count: number): Record<string, unknown> {
  return { [name]: { hosts: Array.from({ length: count }, (_, index) => `${name}-${index}.example.com`) } };
}

function problemsOf(change: Record<string, unknown>): string[] {
  try {
    parseConfig({ ...soundConfig(), ...change }, { now });
  } catch (error) {
    return (error as ConfigError).problems.map((problem) => new ConfigError([problem]).message);
  }
  return [];
}

const rule = (to: string) => ({ from: "test-app/app-a", to });
const [most, tooMany] = [destination("bulk", mostListedHosts), destination("bulk", mostListedHosts + 1)];
const allow = [rule("bulk")];

describe("the hosts that a gateway lists", () => {
  for (const [what, mesh] of [
    ["a managed mesh", managed],
    ["a mesh that exists and takes no EnvoyFilter", listing],
  ] as const) {
    it(`are ${mostListedHosts} at most in ${what}, and the error says how many they are and what to do`, () => {
      assert.deepEqual(problemsOf({ ...mesh, destinations: most, allow }), []);
      const [problem, ...others] = problemsOf({ ...mesh, destinations: tooMany, allow });
      assert.deepEqual(others, []);
      assert.match(problem!, /istio-egress:destinations\n +101 granted hosts behind the gateway egress-gateway;/);
      assert.match(problem!, /Allowed: 100 at most for each gateway\./);
      assert.match(problem!, /Fix: grant fewer, or give some .* under istio-egress:gateways\./);
    });
  }

  it("have no limit where gateways forward by name", () => {
    for (const mesh of [{}, { mesh: { kind: "existing" } }]) {
      assert.deepEqual(problemsOf({ ...mesh, destinations: tooMany, allow }), []);
    }
  });

  it("are those that a rule grants: a destination that nobody may reach costs nothing", () => {
    assert.deepEqual(
      problemsOf({ ...listing, destinations: { ...tooMany, ...destination("few", 1) }, allow: [rule("few")] }),
      [],
    );
  });

  it("are counted for each gateway by itself, once however many may reach them", () => {
    const destinations = { ...destination("one", 60), ...destination("other", 60) };
    const both = [rule("one"), rule("other")];
    assert.equal(problemsOf({ ...listing, destinations, allow: both }).length, 1);
    const apart = { gateways: { "egress-other": { destinations: ["other"] } } };
    assert.deepEqual(problemsOf({ ...listing, ...apart, destinations, allow: both }), []);
    const everybody = [rule("one"), { from: "istio-workload/hammer", to: "one" }];
    assert.deepEqual(problemsOf({ ...listing, destinations, allow: everybody }), []);
  });

  it("are reported where a gateway of their own is to be changed", () => {
    const gateways = { "egress-bulk": { destinations: ["bulk"] } };
    const [problem] = problemsOf({ ...listing, gateways, destinations: tooMany, allow });
    assert.match(
      problem!,
      /istio-egress:gateways\.egress-bulk\.destinations\n +101 granted hosts behind the gateway egress-bulk;/,
    );
  });
});
