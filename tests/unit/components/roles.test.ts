// The program's roles and who may call its pods: what it registers of a stack that asks for both.
// Does not prove that the API server takes them: tests/lab/rbac.test.ts does.
import assert from "node:assert/strict";
import { Manifest, parseConfig, planStack } from "../../../model";
import { labSettings, register, today } from "./register";

const config = parseConfig(
  {
    ...labSettings(),
    namespaces: {
      "istio-workload": {},
      "test-app": { ingress: { from: [{ namespace: "istio-ingress", ports: [8080] }] } },
    },
    rbac: { change: { groups: ["system:masters"] }, look: { groups: ["on-call"] } },
  },
  { now: today },
);

describe("a stack with roles", () => {
  it("registers every role and binding as it is planned, roles after their namespaces and bindings after roles", async () => {
    const made = (await register({ config })).filter(({ type }) => type.includes(":rbac."));
    const planned = planStack(config).roles;
    assert.ok(planned.length > 10);
    assert.deepEqual(
      made
        .map(({ inputs }) => inputs as Manifest)
        .map(({ kind, metadata: { namespace, name } }) => [kind, namespace, name].join("/"))
        .sort(),
      planned.map(({ kind, metadata: { namespace, name } }) => [kind, namespace, name].join("/")).sort(),
    );
    for (const { name, type, waitsFor } of made) {
      const after = type.endsWith("Binding") ? /Role platform-roles/ : /Namespace platform-/;
      assert.ok(
        waitsFor.some((each) => after.test(each)),
        `${name}: ${waitsFor.join()}`,
      );
    }
  });

  it("registers who may call a namespace's pods, before any pod is there", async () => {
    const registrations = await register({ config });
    const policies = registrations.filter(({ name }) => name.includes("/test-app/ingress-from-"));
    assert.deepEqual(policies.map(({ name }) => name.split("/").at(-1)).sort(), [
      "ingress-from-mesh",
      "ingress-from-others",
    ]);
    const app = registrations.find(
      ({ type, name }) => type.endsWith(":Deployment") && name.endsWith("test-app/app-a"),
    )!;
    for (const { name } of policies) {
      assert.ok(
        app.waitsFor.some((each) => each.endsWith(name)),
        app.waitsFor.join(),
      );
    }
    assert.ok(!registrations.some(({ name }) => name.includes("/istio-workload/ingress-from-")));
  });
});
