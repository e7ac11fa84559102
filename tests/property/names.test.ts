// What holds for the names of whatever is planned, however a configuration's own names are chosen.
// Does not prove: that an object of somebody else's on the cluster has none of these names.
import assert from "node:assert/strict";
import fc from "fast-check";
import { ConfigError, ConfigProblem, parseConfig, planStack } from "../../model";
import { manifestsOf } from "./allowlists";
import { collision, hostileConfigs } from "./names";

const now = new Date("2026-11-22");

function problemsOf(raw: Record<string, unknown>): readonly ConfigProblem[] {
  try {
    parseConfig(raw, { now });
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
}

describe("the names of whatever is planned", () => {
  it("are each one object's, or the configuration is refused for its names", () => {
    const seen = { planned: 0, refused: 0 };
    fc.assert(
      fc.property(hostileConfigs, (raw) => {
        const problems = problemsOf(raw);
        if (problems.length > 0) {
          seen.refused += 1;
          problems.forEach(({ path, fix }) => assert.match(`${path} ${fix}`, /rename|choose (a|another) name/));
          return;
        }
        seen.planned += 1;
        const names = manifestsOf(planStack(parseConfig(raw, { now }))).map(
          ({ apiVersion, kind, metadata: { namespace, name } }) =>
            `${apiVersion.replace(/\/.*/, "")} ${kind} ${namespace ?? ""} ${name}`,
        );
        assert.deepEqual(
          names.filter((name, index) => names.indexOf(name) !== index),
          [],
        );
      }),
      { numRuns: 400 },
    );
    assert.ok(seen.planned > 100, `only ${seen.planned} were planned, and ${seen.refused} refused`);
  });

  it("of a gateway's policy and a destination's may not meet", () => {
    const [problem, ...others] = problemsOf(collision);
    assert.equal(problem?.path, "istio-egress:gateways.allow-foo");
    assert.match(problem.problem, /allow-foo-denies-the-rest.*destinations\.foo-denies-the-rest/);
    assert.deepEqual(others, []);
    assert.deepEqual(problemsOf({ ...collision, gateways: {} }), []);
    assert.deepEqual(problemsOf({ ...collision, gateways: { "allow-bar": collision.gateways["allow-foo"] } }), []);
  });

  it("are held to one of each by the plan itself, where no configuration was checked", () => {
    const config = parseConfig({ ...collision, gateways: { "allow-bar": collision.gateways["allow-foo"] } }, { now });
    const renamed = config.gateways.map((gateway) => ({ ...gateway, name: "allow-foo" }));
    assert.throws(
      () => planStack({ ...config, gateways: renamed }),
      /AuthorizationPolicy\.security\.istio\.io istio-egress\/allow-foo-denies-the-rest: the gateway allow-foo, the destination foo-denies-the-rest/,
    );
    assert.equal(planStack(config).gateways.length, 1);
  });
});
