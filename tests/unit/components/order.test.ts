// Does not prove that a pod's sidecar has received its configuration when the pod starts: Istio holds that by itself.
import assert from "node:assert/strict";
import { labConfig, RecordingEngine, registerLab, title } from "./register";

const istiod = "platform-mesh/istio-system/istiod";
const appA = "Deployment platform-test-app/app-a/test-app/app-a";
const gatewayPods = "Deployment platform-gateway/istio-egress/egress-gateway";
const istioKinds =
  /^(AuthorizationPolicy|DestinationRule|EnvoyFilter|Gateway|PeerAuthentication|ServiceEntry|Sidecar|VirtualService) /;

/** What the engine has been asked for while it sits on one resource. */
async function startedWhileHolding(name: string): Promise<string[]> {
  const engine = new RecordingEngine();
  const release = engine.hold(name);
  const run = engine.run({ config: labConfig() });
  await engine.quiet();
  const { started } = engine;
  release();
  await run;
  assert.ok(
    engine.asked.some((resource) => resource.name === name),
    `no resource is called ${name}`,
  );
  return started;
}

/** What a Deployment waits for, and what is in the components that are to guard it. */
async function guards(deployment: string, components: string[]): Promise<{ waitsFor: string[]; guarding: string[] }> {
  const registrations = await registerLab();
  const { waitsFor } = registrations.find((registered) => title(registered) === deployment)!;
  const guarding = registrations
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(title)
    .filter((resource) => resource !== deployment)
    .filter((resource) => components.some((component) => resource.includes(` ${component}/`)));
  return { waitsFor: [...new Set(waitsFor)].sort(), guarding: guarding.sort() };
}

describe("order of a stack", () => {
  it("makes Kubernetes' own objects, but neither Istio's nor pods, while istiod starts", async () => {
    const started = await startedWhileHolding(istiod);
    for (const kind of ["Namespace", "NetworkPolicy", "PodDisruptionBudget", "Service", "ServiceAccount"]) {
      assert.ok(
        started.some((resource) => resource.startsWith(`${kind} `)),
        `${kind} waits for istiod`,
      );
    }
    const early = started.filter((resource) => istioKinds.test(resource) || resource.startsWith("Deployment "));
    assert.deepEqual(early, []);
  });

  it("installs istiod after Istio's CRDs", async () => {
    const started = await startedWhileHolding("platform-mesh/istio-system/istio-base");
    assert.ok(!started.includes(`Release ${istiod}`));
  });

  it("starts a workload's pods after the mesh, everything that guards their namespace, and all of their own", async () => {
    const { waitsFor, guarding } = await guards(appA, [
      "platform-mesh",
      "platform-test-app",
      "platform-test-app/app-a/test-app",
    ]);
    const ofNeighbour = (resource: string) => resource.includes("platform-test-app/app-b/");
    assert.deepEqual(
      waitsFor,
      guarding.filter((resource) => !ofNeighbour(resource)),
    );
    assert.ok(waitsFor.some((resource) => resource.startsWith("NetworkPolicy ")));
  });

  it("starts the gateway's pods after the mesh and everything else of the gateway", async () => {
    const { waitsFor, guarding } = await guards(gatewayPods, ["platform-mesh", "platform-gateway"]);
    assert.deepEqual(waitsFor, guarding);
    assert.ok(waitsFor.some((resource) => resource.startsWith("AuthorizationPolicy ")));
  });

  it("sits on a workload's pods as long as one guard of the namespace is missing", async () => {
    const started = await startedWhileHolding("platform-test-app/test-app/default");
    assert.ok(!started.includes(appA));
  });

  it("rolls the gateway and the workloads out at the same time", async () => {
    const started = await startedWhileHolding("platform-gateway/istio-egress/egress-gateway");
    assert.ok(started.includes(appA));
  });

  it("lets no pod wait for the destinations", async () => {
    const started = await startedWhileHolding("platform-github/istio-egress/github.com");
    assert.ok(started.includes(appA) && started.includes(gatewayPods));
  });
});
