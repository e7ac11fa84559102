// The ways around the guard, each tried for real with every layer on, and again without each layer that can be taken away;
// each beside a twin that is allowed on the same way. What is seen is held to docs/bypass.json, which documents are made of.
// Does not prove: what needs a node's kernel, another CNI, IPv6, or a cloud's metadata server; the lab has none of these.
import assert from "node:assert/strict";
import { attacks } from "./admission/attacks";
import { admitTenant, dismissTenant, Outcome as Said, tenant, tryAll } from "./admission/tenant";
import { admissionGroup } from "./bypass/admission-group";
import { holdResults } from "./bypass/documents";
import { isLeak, isThrough } from "./bypass/judge";
import { without } from "./bypass/layers";
import { Row } from "./bypass/results";
import { tryProbes } from "./bypass/run-probes";
import { GuardedStack, startGuardedStack } from "./bypass/stack";
import { Outcome, Removable } from "./bypass/vector";
import { networkVectors } from "./bypass/vectors";
import { egress } from "./support/commands";

/** Layers whose absence packets can tell of. */
const underTest = ["sidecar", "network", "policy"] as const;

describe("ways around the guard", function () {
  this.timeout(600_000);
  let stack: GuardedStack;
  let seen: Outcome[];
  let twins: Outcome[];
  const missed: Record<Removable, Outcome[]> = { sidecar: [], network: [], policy: [], resolver: [], admission: [] };
  const doctor: Partial<Record<Removable, { exitCode: number; stdout: string }>> = {};
  let refused: Said[];
  let allowed: Said[];

  const tryNetwork = () => tryProbes(stack, networkVectors);

  before(async () => {
    stack = startGuardedStack();
    admitTenant();
    seen = await tryNetwork();
    twins = await tryProbes(
      stack,
      networkVectors.map(({ from, twin, twinFrom = from }) => ({ from: twinFrom, probe: twin })),
    );
    refused = tryAll(
      tenant,
      attacks.map((attack) => attack.refused),
    );
    allowed = tryAll(
      tenant,
      attacks.map((attack) => attack.allowed),
    );
    for (const layer of underTest) {
      missed[layer] = await without(stack, layer, async () => {
        doctor[layer] = egress(["doctor", "lab"], { cwd: stack.folder });
        return tryNetwork();
      });
    }
  });

  after(() => {
    dismissTenant();
    stack?.putBack();
  });

  networkVectors.forEach((vector, index) => {
    const { group, from, tries, open } = vector;
    it(`${group}, ${from}: ${tries}: ${open === undefined ? "gets nothing" : "is let pass, as is known"}, and its twin passes`, () => {
      const [outcome, twin] = [seen[index]!, twins[index]!];
      assert.doesNotMatch(outcome.answer, /^(failed|curl)/, "the probe itself does not work");
      assert.equal(isLeak(from, vector.probe, outcome), false, JSON.stringify(outcome));
      assert.ok(isThrough(vector.twin, twin), `the twin: ${JSON.stringify(twin)}`);
      if (open !== undefined) {
        assert.ok(isThrough(vector.probe, outcome), JSON.stringify(outcome));
      }
    });
  });

  attacks.forEach(({ what, rule }, index) => {
    it(`a tenant's ${what} is refused (${rule}), and its twin is not`, () => {
      const [no, yes] = [refused[index]!, allowed[index]!];
      assert.equal(no.passed, false);
      assert.match((no as { said: string }).said, new RegExp(`denied request: (${rule}): `));
      assert.ok(yes.passed, (yes as { said: string }).said);
    });
  });

  for (const layer of underTest) {
    it(`egress doctor finds that ${layer} was deleted by hand`, () => {
      assert.equal(doctor[layer]!.exitCode, 1, doctor[layer]!.stdout);
    });
  }

  it("every probe and every twin is one of its own", () => {
    const names = networkVectors.map(({ group, from, tries }) => `${group} ${from} ${tries}`);
    assert.equal(new Set(names).size, names.length);
    assert.ok(networkVectors.length + attacks.length >= 100);
  });

  it("is what docs/bypass.json says, and what documents are made of", async () => {
    const rows: Row[] = [
      ...networkVectors.map(({ group, from, tries, layer, open, probe }, index): Row => ({
        group,
        tries: `${tries} (${from})`,
        stoppedBy: open === undefined ? layer : `open: ${open}`,
        answer: seen[index]!.answer,
        leaksWithout: underTest.filter((away) => isLeak(from, probe, missed[away][index]!)),
      })),
      ...attacks.map(({ what, rule }): Row => ({
        group: admissionGroup(rule),
        tries: what,
        stoppedBy: `admission: ${rule.split("|")[0]!}`,
        answer: "refused by the API server",
      })),
    ];
    await holdResults(rows);
  });
});
