// Does not prove that the official provider hides what it computes from a secret: it proves what it is told to hide.
import assert from "node:assert/strict";
import { IstioMeshConfig } from "../../../model";
import { labConfig, register, Registration } from "./register";

const password = "correct-horse-battery";
/** What marks a secret on the way to the engine. */
const secretMark = "1b47061264138c4ac30d75fd1eb44270";

function configWithPasswords() {
  const config = labConfig();
  const mesh = config.mesh as IstioMeshConfig;
  return {
    ...config,
    mesh: { ...mesh, values: { ...mesh.values, pilotPassword: password } },
    workloads: config.workloads.map((workload) => ({ ...workload, env: { PASSWORD: password } })),
  };
}

/** Resources with the password in an input that is not marked. */
function leaks(registrations: Registration[]): string[] {
  return registrations
    .filter(({ inputs }) =>
      Object.values(inputs as Record<string, unknown>).some((input) => {
        const text = JSON.stringify(input);
        return text.includes(password) && !text.includes(secretMark);
      }),
    )
    .map(({ name }) => name);
}

describe("secrets", () => {
  it("are hidden wherever an encrypted part of the configuration ends up", async () => {
    const registrations = await register({ config: configWithPasswords(), secretKeys: ["mesh", "workloads"] });
    assert.deepEqual(leaks(registrations), []);
    assert.ok(
      registrations.some(({ inputs }) => JSON.stringify(inputs).includes(password)),
      "the password got lost",
    );
  });

  it("are told apart by the part of the configuration that is encrypted", async () => {
    const registrations = await register({ config: configWithPasswords(), secretKeys: ["workloads"] });
    assert.deepEqual(leaks(registrations), ["platform-mesh/istio-system/istiod"]);
  });
});
