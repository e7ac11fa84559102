// What the planned NetworkPolicies say of IPv6: nothing, and so they open none of it for the pods that they isolate.
// Does not prove: what an enforcer makes of it; tests/lab/netpol.test.ts and bypass.test.ts try the lab's.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { Manifest } from "../../../../model/ground/manifest";
import { plannedObjects } from "../../../../model/doctor/subject";
import { planStack } from "../../../../model";
import { now, soundConfig } from "../config/sound-config";

interface Spec {
  podSelector: object;
  policyTypes: string[];
  egress?: Rule[];
  ingress?: Rule[];
}
type Rule = Partial<Record<"to" | "from", { ipBlock?: { cidr: string; except?: string[] } }[]>>;

const stacks: Record<string, Record<string, unknown>> = {
  "as it is": {},
  "with names by grants": { dns: { mode: "allowed-only", address: "10.96.0.53" } },
  "with ingress": {
    namespaces: { "test-app": { ingress: { from: [{ namespace: "ingress-nginx" }] } }, "istio-workload": {} },
  },
};

const policiesOf = (over: Record<string, unknown>): Manifest[] =>
  plannedObjects(planStack(parseConfig({ ...soundConfig(), ...over }, { now }))).filter(
    ({ kind }) => kind === "NetworkPolicy",
  );

describe("planned NetworkPolicies, and IPv6", () => {
  for (const [name, over] of Object.entries(stacks)) {
    it(`name whom they open a way for, in rules that hold no IPv6 address outside: a stack ${name}`, () => {
      const policies = policiesOf(over);
      assert.ok(policies.length > 5);
      for (const { metadata, spec } of policies) {
        const { egress = [], ingress = [] } = spec as Spec;
        const peers = [...egress.map(({ to }) => to), ...ingress.map(({ from }) => from)];
        for (const each of peers) {
          // Without peers a rule means everybody, by IPv6 too.
          assert.ok(each !== undefined && each.length > 0, `${metadata.namespace}/${metadata.name}`);
          const blocks = each.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []));
          assert.deepEqual(
            blocks.filter((block) => block.includes(":")),
            [],
          );
        }
      }
    });

    it(`isolate every pod of each guarded namespace and of the gateways': a stack ${name}`, () => {
      const isolating = policiesOf(over).filter(({ spec }) => {
        const { podSelector, policyTypes } = spec as Spec;
        return Object.keys(podSelector).length === 0 && policyTypes.includes("Egress");
      });
      const namespaces = new Set(isolating.map(({ metadata }) => metadata.namespace));
      assert.deepEqual([...namespaces].sort(), ["istio-egress", "istio-workload", "test-app"]);
    });
  }
});
