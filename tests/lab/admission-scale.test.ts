// The admission policies of a large stack, on a large pod and its Deployment: they stay within what the API server lets
// policies cost. Each refusal is beside its twin, which differs in what is refused and in nothing else.
// Does not prove: how long the API server takes for it.
import assert from "node:assert/strict";
import { parseConfig, planAdmission, stackArgs } from "../../model";
import { KubernetesObject } from "./admission/attacks";
import { Outcome, tryAll } from "./admission/tenant";
import { apply, kubectl, kubectlJson } from "./support/commands";
import { until } from "./support/until";

const namespace = "admission-scale";
/** The policies' names begin with it; the lab's own stack has another. */
const gateways = "admission-scale-egress";
const user = "admission-scale-user";
const own = "lab.istio-egress.local";

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const counted = (count: number, text: (index: number) => string) => numbers(count).map(text);

/** Of one namespace, as the rule for identities is one policy for each. */
function largeAdmission(): Parameters<typeof planAdmission>[0] {
  const name = (index: number) => `a-service-with-a-long-name-${index}`;
  const config = parseConfig(
    {
      cluster: { kind: "existing" },
      gateway: { namespace: gateways },
      namespaces: { [namespace]: { ingress: {} } },
      workloads: Object.fromEntries(
        numbers(100).map((index) => [name(index), { namespace, image: `${own}/workload:1` }]),
      ),
      destinations: { partner: { hosts: ["api.partner.example"] } },
      allow: numbers(100).map((index) => ({ from: `${namespace}/${name(index)}`, to: "partner" })),
      admission: {
        mode: "deny",
        platform: {
          users: counted(20, (index) => `platform-${index}@acme.example`),
          groups: ["kubeadm:cluster-admins"],
        },
        registries: [...counted(50, (index) => `registry-${index}.acme.example/team-${index}`), own],
        audiences: counted(20, (index) => `https://audience-${index}.acme.example`),
        exec: "platform",
        owners: Object.fromEntries(
          numbers(100).map((index) => [
            `${namespace}/${name(index)}`,
            {
              users: counted(5, (other) => `system:serviceaccount:deployers:deployer-${index}-${other}`),
              groups: counted(5, (other) => `group-${index}-${other}@acme.example`),
            },
          ]),
        ),
        exemptions: counted(200, (index) => `agent-${index}`).map((serviceAccount) => ({
          ...{ rule: "privileges", namespace, serviceAccount, owner: "team-node" },
          ...{ reason: "looks after the nodes", expires: "2026-12-31" },
        })),
      },
    },
    { now: new Date("2026-12-01") },
  );
  return stackArgs(config).admission!;
}

/** As large as pods get: 20 containers with 50 variables each, 40 volumes, 40 labels and annotations. */
function largePod(
  patch: { spec?: object; main?: object; annotations?: Record<string, string> } = {},
): KubernetesObject {
  const texts = (prefix: string) =>
    Object.fromEntries(numbers(40).map((index) => [`acme.example/${prefix}-${index}`, "value"]));
  const volumes = numbers(40).map((index) => ({ name: `volume-${index}`, emptyDir: {} }));
  const containers = numbers(20).map((index) => ({
    name: `container-${index}`,
    image: `${own}/workload:1`,
    env: numbers(50).map((other) => ({ name: `VARIABLE_${other}`, value: "x".repeat(100) })),
    ports: numbers(5).map((other) => ({ containerPort: 9000 + index * 10 + other })),
    volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/data/${name}` })),
    livenessProbe: { httpGet: { path: "/", port: 9000 } },
    ...(index === 19 ? patch.main : {}),
  }));
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, labels: texts("label"), annotations: { ...texts("annotation"), ...patch.annotations } },
    spec: { containers, volumes, ...patch.spec },
  };
}

function deploymentOf({ metadata, spec }: KubernetesObject): KubernetesObject {
  const labels = { app: "large", ...metadata.labels };
  const template = { metadata: { labels, annotations: metadata.annotations }, spec };
  return {
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { namespace } },
    spec: { replicas: 1, selector: { matchLabels: { app: "large" } }, template },
  };
}

const refusals: Record<string, KubernetesObject> = {
  "host-namespaces|sidecar": largePod({ spec: { hostPID: true } }),
  privileges: largePod({ main: { securityContext: { privileged: true } } }),
  registries: largePod({ main: { image: "registry-1.acme.example/team-2/workload:1" } }),
  annotations: largePod({ annotations: { "traffic.sidecar.istio.io/excludeOutboundIPRanges": "0.0.0.0/0" } }),
  identity: largePod({ spec: { serviceAccountName: "a-service-with-a-long-name-99" } }),
};

describe("admission of a large stack", () => {
  const policies = planAdmission(largeAdmission());

  before(async () => {
    apply({
      ...{ apiVersion: "v1", kind: "Namespace" },
      metadata: { name: namespace, labels: { "istio-injection": "enabled" } },
    });
    for (const name of ["default", "a-service-with-a-long-name-99"]) {
      apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { namespace, name } });
    }
    apply({
      ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding", metadata: { namespace, name: user } },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "edit" },
    });
    apply({ apiVersion: "v1", kind: "List", items: policies });
    await until("the policies are asked", 60, () =>
      tryAll(user, Object.values(refusals)).every(({ passed }) => !passed),
    );
  });

  after(() => {
    for (const kind of ["validatingadmissionpolicybindings", "validatingadmissionpolicies"]) {
      const { items } = kubectlJson<{ items: { metadata: { name: string } }[] }>("get", kind);
      const names = items.map(({ metadata: { name } }) => name).filter((name) => name.startsWith(`${gateways}.`));
      kubectl("delete", kind, "--ignore-not-found", ...names);
    }
    kubectl("delete", "namespace", namespace);
  });

  it("are taken by the API server, without a warning of types", () => {
    const { items } = kubectlJson<{ items: { metadata: { name: string }; status?: any }[] }>(
      ...["get", "validatingadmissionpolicies"],
    );
    const status = new Map(items.map((item) => [item.metadata.name, item.status]));
    const names = policies
      .filter(({ kind }) => kind === "ValidatingAdmissionPolicy")
      .map(({ metadata }) => metadata.name);
    assert.ok(names.length > 10);
    for (const name of names) {
      assert.deepEqual(status.get(name)?.typeChecking?.expressionWarnings ?? [], [], name);
    }
  });

  for (const [kind, make] of [
    ["pod", (pod: KubernetesObject) => pod],
    ["Deployment", deploymentOf],
  ] as const) {
    it(`let a large ${kind} pass, and refuse it by the one thing in it that is refused`, () => {
      const passed = (outcome: Outcome) => assert.ok(outcome.passed, (outcome as { said: string }).said);
      const [ordinary, ...refused] = tryAll(user, [largePod(), ...Object.values(refusals)].map(make));
      passed(ordinary!);
      Object.keys(refusals).forEach((rule, index) => {
        const outcome = refused[index]!;
        assert.equal(outcome.passed, false, rule);
        assert.match((outcome as { said: string }).said, new RegExp(`denied request: (${rule}): `));
      });
    });
  }
});
