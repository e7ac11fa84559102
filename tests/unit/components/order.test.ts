// Does not prove that a pod's sidecar has received its configuration when the pod starts: Istio holds that by itself.
import assert from "node:assert/strict";
import { labConfig, RecordingEngine, registerLab, title } from "./register";

const istiod = "platform-mesh/istio-system/istiod";
const appA = "Deployment platform-test-app/app-a/test-app/app-a";
const gatewayPods = "Deployment platform-istio-egress/egress-gateway/istio-egress/egress-gateway";
const istioKinds =
  /^(AuthorizationPolicy|DestinationRule|EnvoyFilter|Gateway|PeerAuthentication|ServiceEntry|Sidecar|Telemetry|VirtualService) /;

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

/** What a Deployment waits for. */
async function prerequisites(deployment: string): Promise<string[]> {
  const { waitsFor } = (await registerLab()).find((registered) => title(registered) === deployment)!;
  return [...waitsFor].sort();
}

/** The mesh when it is ready, and every object whose name begins like one of these, without the Deployments. */
async function meshAnd(...prefixes: string[]): Promise<string[]> {
  const objects = (await registerLab())
    .filter(({ type, name }) => type.startsWith("kubernetes:") && prefixes.some((prefix) => name.startsWith(prefix)))
    .map(title)
    .filter((object) => !object.startsWith("Deployment "));
  return [`Release ${istiod}`, "PeerAuthentication platform-mesh/istio-system/default", ...objects].sort();
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
    const guards = ["platform-test-app/test-app", "platform-admission/"];
    const expected = await meshAnd(...guards, "platform-test-app/app-a/");
    assert.deepEqual(await prerequisites(appA), expected);
    assert.ok(expected.some((object) => object.startsWith("NetworkPolicy ")));
  });

  it("starts the gateway's pods after the mesh, all that walls their namespace in, and everything else of the gateway", async () => {
    const expected = await meshAnd("platform-egress/istio-egress", "platform-istio-egress/egress-gateway/");
    assert.deepEqual(await prerequisites(gatewayPods), expected);
    assert.ok(expected.some((object) => object.startsWith("AuthorizationPolicy ")));
  });

  it("sits on a workload's pods as long as one guard of the namespace is missing", async () => {
    const started = await startedWhileHolding("platform-test-app/test-app/default");
    assert.ok(!started.includes(appA));
  });

  it("rolls the gateway and the workloads out at the same time", async () => {
    const started = await startedWhileHolding("platform-istio-egress/egress-gateway/istio-egress/egress-gateway");
    assert.ok(started.includes(appA));
  });

  it("lets no pod wait for the destinations", async () => {
    const started = await startedWhileHolding("platform-egress/destinations/istio-egress/github.hosts");
    assert.ok(started.includes(appA) && started.includes(gatewayPods));
  });
});
