// What `egress verify` plans from a stack's file, and what it makes of answers.
// Does not prove: that a cluster answers so; tests/lab/verify.test.ts asks one.
import assert from "node:assert/strict";
import { parseConfig, StackConfig } from "../../../../model";
import { Attempt, outcomeOf, planVerify, rowOf, Told, Twin, WorkloadPlan } from "../../../../model/verify";
import { now, soundConfig } from "../config/sound-config";

const run = { word: "w", image: "lab.istio-egress.local/proxyv2:1" };
const read = (change: object = {}): StackConfig => parseConfig({ ...soundConfig(), ...change }, { now });
const planOf = (config: StackConfig, from = "test-app/app-a"): WorkloadPlan =>
  planVerify(config, run).workloads.find((plan) => plan.from === from) ?? assert.fail(`${from} is not verified`);

const told = (change: Partial<Told> = {}): Told => ({
  ...{ exitCode: 0, status: 0, bodySize: 0, fromEnvoy: false, hasUpstreamTime: false, connected: false },
  ...change,
});

describe("the plan of egress verify", () => {
  it("makes pods as the workload's own to the mesh, and with nothing else of the workload's", () => {
    const { workload, impostor } = planOf(read()).pods;
    const spec = workload!.spec as Record<string, any>;
    const { template } = spec;
    assert.equal(template.metadata.labels.app, "app-a");
    assert.equal(template.spec.serviceAccountName, "app-a");
    assert.equal((impostor!.spec as Record<string, any>).template.spec.serviceAccountName, "default");
    assert.equal((impostor!.spec as Record<string, any>).template.metadata.labels.app, "app-a");
    assert.equal(template.spec.automountServiceAccountToken, false);
    assert.equal(template.spec.volumes, undefined);
    assert.equal(template.spec.containers.length, 1);
    assert.equal(template.spec.containers[0].env, undefined);
    assert.notEqual(workload!.metadata.name, impostor!.metadata.name);
  });

  it("makes pods that no Service sends calls to, and that end and go by themselves", () => {
    const { activeDeadlineSeconds, ttlSecondsAfterFinished, backoffLimit, template } = planOf(read()).pods.workload!
      .spec as Record<string, any>;
    assert.deepEqual([activeDeadlineSeconds, ttlSecondsAfterFinished, backoffLimit], [600, 60, 0]);
    assert.equal(template.spec.readinessGates.length, 1);
  });

  it("makes pods that Pod Security restricted lets in, but for what the injector adds", () => {
    const { securityContext, containers } = (planOf(read()).pods.workload!.spec as Record<string, any>).template.spec;
    assert.deepEqual(securityContext, {
      ...{ runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    });
    assert.deepEqual(containers[0].securityContext.capabilities, { drop: ["ALL"] });
  });

  it("has a twin for each attempt", () => {
    const { twins, attempts } = planOf(read());
    const ids = new Set(twins.map(({ id }) => id));
    assert.ok(attempts.length > 10);
    for (const { tries, twins: needed } of attempts) {
      assert.ok(needed.length > 0 && needed.every((id) => ids.has(id)), tries);
    }
    assert.equal(new Set(attempts.map(({ id }) => id)).size, attempts.length);
  });

  it("tries hosts by name only where they are names, and a host of nobody's where the stack has no other", () => {
    const denied = (config: StackConfig) => planOf(config).attempts.find(({ id }) => id === "denied-https")!.tries;
    const partners = { addresses: ["198.51.100.0/24"], ports: ["5432/tcp"] };
    const destinations = { github: { hosts: ["github.com"] }, partners };
    assert.equal(denied(read({ destinations, deny: [] })), "https://example.com");
    assert.equal(denied(read({ destinations, deny: ["cnn.com"] })), "https://cnn.com");
  });

  it("asks for what changes nothing, where the gateway opens TLS", () => {
    const originate = { methods: ["HEAD", "POST"], paths: ["/v1/*"] };
    const plan = planOf(read({ destinations: { github: { hosts: ["github.com"], originate } } }));
    const http = plan.twins.find(({ id }) => id === "http")!;
    assert.deepEqual(http.args[0], "--head");
    assert.match(http.args.at(-1)!, /^http:\/\/github\.com\/v1\//);
  });

  it("has no impostor for what every ServiceAccount of the namespace is granted", () => {
    const allow = [{ from: "test-app/*", to: "github", owner: "team-a" }];
    const plan = planOf(read({ allow }));
    assert.equal(plan.pods.impostor, undefined);
    assert.ok(plan.attempts.every(({ by }) => by === "workload"));
    assert.ok(planOf(read()).attempts.some(({ by }) => by === "impostor"));
  });

  it("leaves out who is granted nothing by name, and who is observed, and says so", () => {
    const { left } = planVerify(read(), run);
    assert.deepEqual(
      left.map(({ from }) => from),
      ["istio-workload/hammer"],
    );
    assert.match(left[0]!.because, /granted no host by its name/);
    const observed = planVerify(read({ namespaces: { "istio-workload": {}, "test-app": { mode: "observe" } } }), run);
    assert.match(observed.left.find(({ from }) => from === "test-app/app-a")!.because, /observed/);
    assert.deepEqual(observed.workloads, []);
  });

  it("asks the API server of objects only where admission denies", () => {
    assert.deepEqual(planVerify(read(), run).dryRuns, []);
    const { dryRuns, ordinary } = planVerify(read({ admission: { mode: "deny" } }), run);
    assert.ok(dryRuns.length > 5);
    assert.deepEqual(
      ordinary.map(({ metadata }) => metadata.namespace),
      ["test-app"],
    );
  });

  it("verifies a part", () => {
    assert.deepEqual(planVerify(read(), run, new Set(["istio-workload/hammer"])).workloads, []);
  });
});

describe("what an answer shows", () => {
  const shows = (how: Attempt["how"], change: Partial<Told>, unresolved = false) =>
    outcomeOf({ how }, told(change), unresolved).shows;

  it("over http: a host's answer is through, a gateway's and a sidecar's own are not", () => {
    assert.equal(shows("http", { status: 200, fromEnvoy: true, hasUpstreamTime: true, bodySize: 5 }), "through");
    assert.equal(shows("http", { status: 403, fromEnvoy: true, hasUpstreamTime: true, bodySize: 19 }), "refused");
    assert.equal(shows("http", { status: 502, fromEnvoy: true }), "refused");
    assert.equal(shows("http", { status: 400, fromEnvoy: true }), "refused");
    assert.equal(shows("http", { status: 503, fromEnvoy: true, hasUpstreamTime: true }), "unclear");
    assert.equal(shows("http", { status: 200 }), "unclear");
    assert.equal(shows("http", { exitCode: 28 }), "unclear");
  });

  it("over https: any answer is the host's", () => {
    assert.equal(shows("https", { status: 404 }), "through");
    assert.equal(shows("https", { exitCode: 35 }), "refused");
    assert.equal(shows("https", { exitCode: 28 }), "unclear");
  });

  it("a connection, or none", () => {
    assert.equal(shows("connection", { exitCode: 28, connected: true }), "through");
    assert.equal(shows("connection", { exitCode: 28 }), "refused");
    assert.equal(shows("connection", { exitCode: 7 }), "refused");
    assert.equal(shows("connection", { exitCode: 1 }), "unclear");
  });

  it("straight to a gateway: any status is through, however it reads", () => {
    assert.equal(shows("raw", { status: 403 }), "through");
    for (const exitCode of [35, 52, 55, 56]) {
      assert.equal(shows("raw", { exitCode }), "refused");
    }
    assert.equal(shows("raw", { exitCode: 28 }), "unclear");
  });

  it("a name that is not found shows something only where the stack's resolver refuses names", () => {
    assert.equal(shows("http", { exitCode: 6 }, true), "refused");
    assert.equal(shows("http", { exitCode: 6 }, false), "unclear");
  });
});

describe("a row", () => {
  const { twins, attempts } = planOf(read());
  const attempt = attempts.find(({ id }) => id === "around")!;
  const beside = (change: Record<string, "through" | "refused" | "unclear"> = {}) =>
    new Map(
      twins.map((twin: Twin) => [
        twin.id,
        { twin, outcome: { seen: "x", shows: change[twin.id] ?? ("through" as const) } },
      ]),
    );
  const result = (shows: "through" | "refused" | "unclear", twin = beside()) =>
    rowOf("test-app/app-a", attempt, { seen: "y", shows }, twin).result;

  it("is held only beside twins that all passed", () => {
    assert.equal(result("refused"), "held");
    assert.equal(result("unclear"), "unknown");
    assert.equal(result("refused", beside({ gateway: "unclear" })), "unknown");
    assert.equal(result("refused", beside({ http: "refused" })), "unknown");
    assert.equal(result("refused", new Map()), "unknown");
  });

  it("is a leak whatever became of the twins", () => {
    assert.equal(result("through", new Map()), "leaked");
  });

  it("names the twin that did not pass", () => {
    const row = rowOf("f", attempt, { seen: "y", shows: "refused" }, beside({ gateway: "unclear" }));
    assert.equal(row.twin, "a connection to the gateway: x");
  });
});
