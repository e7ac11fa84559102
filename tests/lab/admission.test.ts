// What somebody with `edit` in a guarded namespace is refused, and that ordinary applications are not; each refusal beside
// a request on the same way that passes. Most are dry runs on the API server, by the very policies.
// Does not prove: what Kubernetes distributions with controllers of other names, or istio-cni, make of the same policies.
import assert from "node:assert/strict";
import { readStackFile } from "../../cli/stack-file";
import { parseConfig, planAdmission, stackArgs } from "../../model";
import { attacks, elsewhere, guarded, made, KubernetesObject, pod } from "./admission/attacks";
import { changes, makeOwnObjects } from "./admission/changes";
import { namedPolicies, namedPolicy, overInjected } from "./admission/injected";
import { ordinary } from "./admission/ordinary";
import { admitTenant, as, dismissTenant, Outcome, tenant, tryAll } from "./admission/tenant";
import { apply, inLab, kubectl, kubectlJson } from "./support/commands";
import { until } from "./support/until";

function refusedBy(rule: string, outcome: Outcome): void {
  assert.equal(outcome.passed, false, `it passed, and the rule ${rule} should have refused it`);
  const { said } = outcome as { said: string };
  assert.match(said, new RegExp(`denied request: (${rule}): `));
}

function passes(outcome: Outcome): void {
  assert.ok(outcome.passed, (outcome as { said: string }).said);
}

/** A pod that is there to stay: none that a rollout has just replaced. */
function podOf(selector: string): string {
  const { items } = kubectlJson<{ items: { metadata: { name: string; deletionTimestamp?: string } }[] }>(
    ...["get", "pods", `--namespace=${guarded}`, `--selector=${selector}`],
  );
  const staying = items.find(({ metadata }) => metadata.deletionTimestamp === undefined);
  assert.ok(staying, `no pod has ${selector}`);
  return staying.metadata.name;
}

/** What Pod Security asks of a pod in the gateways' namespace. */
const restricted = {
  spec: { securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } } },
  main: { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } },
};

/** What a tenant makes. */
const tried = [...attacks, ...overInjected];

const inGuarded = `--namespace=${guarded}`;
const inElsewhere = `--namespace=${elsewhere}`;

describe("admission", () => {
  before(admitTenant);
  after(dismissTenant);

  describe("what a tenant makes", () => {
    let refused: Outcome[];
    let allowed: Outcome[];

    before(() => {
      refused = tryAll(
        tenant,
        tried.map((attack) => attack.refused),
      );
      allowed = tryAll(
        tenant,
        tried.map((attack) => attack.allowed),
      );
    });

    tried.forEach(({ what, rule }, index) => {
      it(`${what} is refused (${rule}), and its twin is not`, () => {
        refusedBy(rule, refused[index]!);
        passes(allowed[index]!);
      });
    });

    it("a refusal names what is refused, why, and the key that would allow it", () => {
      const index = tried.findIndex(
        ({ what }) =>
          what === "a Deployment with the node's files" || what === "a Deployment with a volume of kind hostPath",
      );
      const { said } = refused[index] as { said: string };
      assert.match(
        said,
        /ValidatingAdmissionPolicy 'istio-egress\.pods' with binding 'istio-egress\.pods' denied request: volumes: Deployment try-\d+: volume data: the node would open its own files, or call a server that the pod names\. The platform's owners can allow it by istio-egress:admission\.exemptions: \{rule: volumes, namespace: test-app, serviceAccount: default, owner, reason, expires\}\./,
      );
    });
  });

  it("istiod is let try its own webhook, which then fails closed", async () => {
    const failing = "{.webhooks[*].failurePolicy}";
    await until("istiod has tried it", 90, () => {
      const output = `--output=jsonpath=${failing}`;
      return kubectl("get", "validatingwebhookconfigurations", "istio-validator-istio-system", output) === "Fail";
    });
  });

  describe("an ordinary application", () => {
    let outcomes: Outcome[];
    before(
      () =>
        (outcomes = tryAll(
          tenant,
          ordinary.map(([, object]) => object),
        )),
    );

    ordinary.forEach(([what], index) => {
      it(`${what} is not refused`, () => passes(outcomes[index]!));
    });

    it("a tenant's Deployment runs, with its sidecar, and can be scaled and restarted", () => {
      const deployment = made("Deployment", {
        spec: { serviceAccountName: "tenant", securityContext: { runAsUser: 1000 } },
      });
      const named = {
        ...deployment,
        metadata: { namespace: guarded, name: "tenant", labels: { of: "admission-test" } },
      };
      passes(as(tenant, ["apply", "--filename=-"], JSON.stringify(named)));
      passes(as(tenant, ["rollout", "status", "deployment/tenant", inGuarded, "--timeout=240s"]));
      passes(as(tenant, ["scale", "deployment/tenant", inGuarded, "--replicas=2"]));
      passes(as(tenant, ["rollout", "restart", "deployment/tenant", inGuarded]));
      passes(as(tenant, ["rollout", "status", "deployment/tenant", inGuarded, "--timeout=240s"]));
    });
  });

  describe("what a tenant changes", () => {
    before(makeOwnObjects);

    for (const { what, rule, refused, allowed } of changes) {
      it(`${what} is refused (${rule}), and its twin is not`, () => {
        const filled = (args: string[]) => args.map((arg) => (arg === "POD" ? podOf("of=tenant") : arg));
        refusedBy(rule, as(tenant, filled(refused)));
        passes(as(tenant, filled(allowed)));
      });
    }

    it("an ephemeral container is held to the same rules as others", () => {
      const name = podOf("of=tenant");
      const running = kubectlJson<KubernetesObject>("get", "pod", name, inGuarded);
      const debugged = (rest: object) =>
        as(
          tenant,
          [
            "replace",
            "--raw",
            `/api/v1/namespaces/${guarded}/pods/${name}/ephemeralcontainers?dryRun=All`,
            "--filename=-",
          ],
          JSON.stringify({
            ...running,
            spec: {
              ...running.spec,
              ephemeralContainers: [{ name: "debugger", image: "lab.istio-egress.local/workload:1", ...rest }],
            },
          }),
        );
      refusedBy("sidecar-user", debugged({ securityContext: { runAsUser: 1337 } }));
      refusedBy("privileges", debugged({ securityContext: { privileged: true } }));
      refusedBy("registries", debugged({ image: "evil.example/tools:1" }));
      passes(debugged({}));
    });

    for (const [namespace, rule] of [
      ["istio-egress", "gateways-namespace"],
      ["istio-system", "mesh-wide"],
    ] as const) {
      it(`Istio's objects in ${namespace} are refused (${rule}), whatever rights there are there, and elsewhere they are not`, () => {
        const telemetry = (where: string): KubernetesObject => ({
          apiVersion: "telemetry.istio.io/v1",
          kind: "Telemetry",
          metadata: { namespace: where },
          spec: { accessLogging: [{ disabled: true }] },
        });
        const [refused, allowed] = tryAll(tenant, [telemetry(namespace), telemetry(elsewhere)]);
        refusedBy(rule, refused!);
        passes(allowed!);
      });
    }

    it("what the gateways' names and the resolver's answers are made of is refused, and a ConfigMap of others' is not", () => {
      const config = (name: string, labels = {}): KubernetesObject => ({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { namespace: "istio-egress", name, labels },
      });
      const create = (object: KubernetesObject) =>
        as(tenant, ["create", "--dry-run=server", "--filename=-"], JSON.stringify(object));
      refusedBy("gateways-namespace", create(config("egress-dns")));
      refusedBy("gateways-namespace", create(config("granted", { "istio-egress/break-glass": "lab" })));
      passes(create(config("ca-bundle")));
      const slice = (namespace: string): KubernetesObject => ({
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: { namespace, labels: { "kubernetes.io/service-name": "egress-gateway" } },
        addressType: "IPv4",
        endpoints: [{ addresses: ["203.0.113.10"] }],
        ports: [{ name: "http", port: 80 }],
      });
      const [refused, allowed] = tryAll(tenant, [slice("istio-egress"), slice(elsewhere)]);
      refusedBy("gateways-namespace", refused!);
      passes(allowed!);
    });

    it("a Gateway elsewhere that selects gateways' pods by labels which Kubernetes adds is refused, and one for its own is not", () => {
      const gateway = (selector: object): KubernetesObject => ({
        apiVersion: "networking.istio.io/v1",
        kind: "Gateway",
        metadata: { namespace: elsewhere },
        spec: { selector, servers: [{ hosts: ["*"], port: { number: 8081, name: "http", protocol: "HTTP" } }] },
      });
      const zone = { "topology.kubernetes.io/zone": "a" };
      const [refused, allowed] = tryAll(tenant, [gateway(zone), gateway({ ...zone, istio: "mine" })]);
      refusedBy("routes", refused!);
      passes(allowed!);
    });

    it("a token that Kubernetes writes into a Secret is one for the API server, and none for the mesh's authority", async () => {
      const secret = { name: "token-of-app-a", namespace: guarded };
      const annotations = { "kubernetes.io/service-account.name": "app-a" };
      const type = "kubernetes.io/service-account-token";
      const object = { apiVersion: "v1", kind: "Secret", metadata: { ...secret, annotations }, type };
      passes(as(tenant, ["create", "--filename=-"], JSON.stringify(object)));
      try {
        const encoded = () => kubectl("get", "secret", secret.name, inGuarded, "--output=jsonpath={.data.token}");
        await until("there is a token", 30, () => encoded() !== "");
        const token = Buffer.from(encoded(), "base64").toString();
        const isOne = (audiences: string[]) => {
          const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token, audiences } };
          const { stdout } = inLab(["kubectl", "create", "--filename=-", "--output=json"], {
            input: JSON.stringify(review),
          });
          return (JSON.parse(stdout) as { status: { authenticated?: boolean } }).status.authenticated === true;
        };
        assert.equal(isOne([]), true);
        assert.equal(isOne(["istio-ca"]), false);
      } finally {
        kubectl("delete", "secret", secret.name, inGuarded);
      }
    });

    it("a policy that opens hosts by their names, of a network's own kind, is refused, and elsewhere it is not", async () => {
      apply(namedPolicies);
      try {
        await until("the kind is known", 60, () => tryAll(tenant, [namedPolicy(elsewhere)])[0]!.passed);
        const [refused, allowed] = tryAll(tenant, [namedPolicy(), namedPolicy(elsewhere)]);
        refusedBy("network-policies", refused!);
        assert.match((refused as { said: string }).said, /Nothing allows it/);
        passes(allowed!);
      } finally {
        kubectl("delete", "customresourcedefinition", namedPolicies.metadata.name);
      }
    });

    it("a pod in the gateways' namespace is refused, and in the tenant's own it is not", () => {
      const [refused, allowed] = tryAll(tenant, [pod(restricted, "istio-egress"), pod(restricted, elsewhere)]);
      refusedBy("gateways-namespace", refused!);
      passes(allowed!);
    });
  });

  describe("another stack of the cluster, with choices of its own", () => {
    const { raw } = readStackFile("lab");
    const { admission } = stackArgs(parseConfig(raw, { now: new Date() }));
    const owners = { users: ["argocd"], groups: ["team-a"] };
    const workload = {
      name: "web",
      namespace: elsewhere,
      serviceAccount: "web-sa",
      selector: { app: "web" },
      granted: true,
      owners,
    };
    const planned = (change: object, ...stories: string[]) =>
      planAdmission({
        ...admission!,
        mesh: { foreign: true },
        gatewayNamespace: "other-egress",
        namespaces: [elsewhere],
        workloads: [workload],
        ...change,
      }).filter(({ metadata }) => stories.some((story) => metadata.name === `other-egress.${story}`));
    const onCluster: KubernetesObject[] = [];
    const put = (objects: KubernetesObject[]) => {
      onCluster.push(...objects);
      objects.forEach(apply);
    };
    const hostile = made("Deployment", { spec: { hostNetwork: true } });
    const there = (object: KubernetesObject): KubernetesObject => ({
      ...object,
      metadata: { ...object.metadata, namespace: elsewhere },
    });
    const one = (user: string, object: KubernetesObject) => tryAll(user, [there(object)])[0]!;

    after(() =>
      onCluster.forEach(({ kind, metadata }) => void kubectl("delete", kind, metadata.name, "--ignore-not-found")),
    );

    it("warn lets pass and says what deny would refuse; deny refuses it", async () => {
      put(planned({ mode: "warn" }, "pods"));
      await until("a warning comes", 90, () => {
        const outcome = one(tenant, hostile);
        passes(outcome);
        return /Warning: .*host-namespaces: /.test((outcome as { warnings: string }).warnings);
      });
      put(planned({ mode: "deny" }, "pods"));
      await until("it is refused", 30, () => !one(tenant, hostile).passed);
      refusedBy("host-namespaces", one(tenant, hostile));
    });

    it("an exemption is for its ServiceAccount and its rule only, and one of an object for that object only", async () => {
      const exemptions = [
        { rule: "host-namespaces" as const, namespace: elsewhere, serviceAccount: "tenant" },
        { rule: "services" as const, namespace: elsewhere, object: "Service/try-0" },
        { rule: "network-policies" as const, namespace: elsewhere, object: "NetworkPolicy/try-0" },
      ];
      put(planned({ mode: "deny", exemptions }, "pods", "services", "network-policies"));
      const exempt = made("Deployment", { spec: { hostNetwork: true, serviceAccountName: "tenant" } });
      await until("the exemption counts", 90, () => one(tenant, exempt).passed);
      refusedBy("host-namespaces", one(tenant, hostile));
      refusedBy(
        "volumes",
        one(
          tenant,
          made("Deployment", {
            spec: { serviceAccountName: "tenant", volumes: [{ name: "a", hostPath: { path: "/" } }] },
          }),
        ),
      );

      const service: KubernetesObject = {
        apiVersion: "v1",
        kind: "Service",
        metadata: { namespace: elsewhere },
        spec: { type: "NodePort", ports: [{ port: 80 }] },
      };
      await until("its policy refuses Services", 30, () => !tryAll(tenant, [service, service])[1]!.passed);
      const [first, second] = tryAll(tenant, [service, service]);
      passes(first!);
      refusedBy("services", second!);

      const policy = (spec: object): KubernetesObject => ({
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { namespace: elsewhere },
        spec: { podSelector: {}, ...spec },
      });
      passes(one(tenant, policy({ policyTypes: ["Ingress"], ingress: [{}] })));
      await until(
        "its policy refuses NetworkPolicies",
        30,
        () => !one(tenant, policy({ policyTypes: ["Egress"], egress: [{}] })).passed,
      );
      refusedBy("network-policies", one(tenant, policy({ policyTypes: ["Egress"], egress: [{}] })));
    });

    it("owners make a granted workload's pods, with its labels, and nobody else does", async () => {
      kubectl("create", "rolebinding", "argocd", inElsewhere, "--clusterrole=edit", "--user=argocd");
      put(planned({ mode: "deny" }, `identity.${elsewhere}`));
      const granted = (labels: Record<string, string>) =>
        there(made("Deployment", { labels, spec: { serviceAccountName: "web-sa" } }));
      await until("it counts", 90, () => !tryAll(tenant, [granted({ app: "web" })])[0]!.passed);
      refusedBy("identity", one(tenant, granted({ app: "web" })));
      passes(one("argocd", granted({ app: "web" })));
      refusedBy("identity", one("argocd", granted({ app: "other" })));
    });

    it("exec is the platform's where the stack says so, and everybody's who has the right where it does not", async () => {
      const name = podOf("of=tenant");
      const exec = ["exec", name, inGuarded, "--container=main", "--", "true"];
      passes(as(tenant, exec));
      put(planned({ mode: "deny", exec: true, namespaces: [guarded], workloads: [] }, "exec"));
      await until("it is refused", 30, () => !as(tenant, exec).passed);
      refusedBy("exec", as(tenant, exec));
      kubectl(...exec);
    });
  });
});
