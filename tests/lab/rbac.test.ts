// Those who work with the stack and are not its platform, each by a token of their own: what they can do, and what they cannot.
// Does not prove what Pulumi's own kubernetes plugin asks for beyond the lab's stand-in: what it watches is in the roles by its source.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { editStackDocument, scratchCheckout } from "./support/checkout";
import { apply, inLab, kubectl, Result } from "./support/commands";
import { apply as pulumi, putBack, tryPulumi } from "./support/pulumi";
import { appB, curl } from "./support/requests";
import { until } from "./support/until";

const home = "rbac-test";
const people = ["deployer", "developer", "reader", "prober"] as const;
type Person = (typeof people)[number];

const userOf = (person: Person) => `system:serviceaccount:${home}:${person}`;
const who = (person: Person) => ({ users: [userOf(person)] });

/** As kubectl takes it, which reads `pods/exec` as a pod called exec. */
function named(resource: string): string[] {
  const [kind, subresource] = resource.split("/") as [string, string?];
  return subresource === undefined ? [kind] : [kind, `--subresource=${subresource}`];
}

interface Kubeconfig {
  users: { user: object }[];
}

describe("roles of those who work with a stack", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "istio-egress-rbac-"));
  const kubeconfigOf = (person: Person) => path.join(folder, person);

  before(() => {
    kubectl("create", "namespace", home);
    const config = JSON.parse(kubectl("config", "view", "--raw", "--minify", "--output=json")) as Kubeconfig;
    for (const person of people) {
      kubectl("create", "serviceaccount", person, `--namespace=${home}`);
      const token = kubectl("create", "token", person, `--namespace=${home}`).trim();
      const users = config.users.map((each) => ({ ...each, user: { token } }));
      fs.writeFileSync(kubeconfigOf(person), JSON.stringify({ ...config, users }), { mode: 0o600 });
    }
    editStackDocument(checkout.folder, "lab", (set) => {
      set(["rbac"], {
        change: who("deployer"),
        deploy: { "test-app": who("developer") },
        look: who("reader"),
        probe: who("prober"),
      });
      set(["admission", "platform"], who("deployer"));
    });
    pulumi("up", checkout.folder);
  });

  after(() => {
    try {
      putBack({ checkout, pristine });
    } finally {
      kubectl("delete", "namespace", home, "--wait=false");
      fs.rmSync(folder, { recursive: true });
    }
  });

  /** A command of somebody's, with their token. */
  const as = (person: Person, args: string[], input?: unknown): Result =>
    inLab(["kubectl", `--kubeconfig=${kubeconfigOf(person)}`, ...args], { input: JSON.stringify(input ?? "") });

  /** `egress` on the stack, with somebody's token. */
  const egress = (person: Person, ...args: string[]): Result => {
    const mine = scratchCheckout();
    try {
      fs.copyFileSync(stackFile(checkout.folder), stackFile(mine.folder));
      editStackDocument(mine.folder, "lab", (set) => set(["cluster", "kubeconfig"], kubeconfigOf(person)));
      return inLab(["node", "cli/egress.js", ...args], { cwd: mine.folder, seconds: 600 });
    } finally {
      mine.remove();
    }
  };
  const stackFile = (at: string) => path.join(at, "stacks", "Pulumi.lab.yaml");

  for (const [person, verb, resource, namespace, answer] of [
    ["deployer", "patch", "sidecars.networking.istio.io", "test-app", "yes"],
    ["deployer", "create", "authorizationpolicies.security.istio.io", "istio-egress", "yes"],
    ["deployer", "create", "deployments.apps", "istio-egress", "no"],
    ["deployer", "create", "pods", "test-app", "no"],
    ["deployer", "get", "secrets", "test-app", "no"],
    ["deployer", "create", "serviceentries.networking.istio.io", "istio-system", "no"],
    ["developer", "create", "deployments.apps", "test-app", "yes"],
    ["developer", "create", "deployments.apps", "istio-workload", "no"],
    ["developer", "create", "networkpolicies.networking.k8s.io", "test-app", "no"],
    ["developer", "create", "sidecars.networking.istio.io", "test-app", "no"],
    ["developer", "create", "pods/exec", "test-app", "no"],
    ["developer", "create", "serviceaccounts/token", "test-app", "no"],
    ["reader", "get", "pods/log", "istio-egress", "yes"],
    ["reader", "create", "pods/exec", "test-app", "no"],
    ["reader", "get", "secrets", "istio-egress", "no"],
    ["reader", "patch", "sidecars.networking.istio.io", "test-app", "no"],
    ["prober", "create", "pods/exec", "test-app", "yes"],
    ["prober", "create", "pods/exec", "istio-egress", "no"],
  ] as const) {
    it(`${person}: may I ${verb} ${resource} in ${namespace}? ${answer}`, () => {
      const { stdout } = as(person, ["auth", "can-i", verb, ...named(resource), `--namespace=${namespace}`]);
      assert.equal(stdout.trim(), answer);
    });
  }

  describe("who may change the allowlist", () => {
    const rule = { from: "test-app/app-b", to: "httpbin", owner: "team-b", reason: "a test" };
    const mine = scratchCheckout();

    before(() => {
      fs.copyFileSync(stackFile(checkout.folder), stackFile(mine.folder));
      editStackDocument(mine.folder, "lab", (set) => set(["cluster", "kubeconfig"], kubeconfigOf("deployer")));
    });
    after(() => mine.remove());

    it("grants a host by pulumi up with their token, and takes it back", async () => {
      assert.notEqual(curl(appB, "http://httpbin.org/").status, 200);
      editStackDocument(mine.folder, "lab", (set) => set(["allow", 3], rule));
      pulumi("up", mine.folder);
      await until("the host is open", 90, () => curl(appB, "http://httpbin.org/").status === 200);
      await until("over https too", 90, () => curl(appB, "https://httpbin.org/").status === 200);
      const text = fs.readFileSync(stackFile(checkout.folder), "utf8");
      fs.writeFileSync(stackFile(mine.folder), text);
      editStackDocument(mine.folder, "lab", (set) => set(["cluster", "kubeconfig"], kubeconfigOf("deployer")));
      pulumi("up", mine.folder);
      await until("the host is shut", 60, () => curl(appB, "http://httpbin.org/").status === 502);
    });

    it("grants a port, for which the gateway and the workload's pods change, too", async () => {
      editStackDocument(mine.folder, "lab", (set) => {
        set(["destinations", "ports"], { hosts: ["cnn.example"], ports: ["8443/https"] });
        set(["allow", 3], { ...rule, to: "ports" });
      });
      const { exitCode, stdout, stderr } = tryPulumi(["up", "--yes", "--skip-preview"], mine.folder);
      assert.equal(exitCode, 0, stdout + stderr);
    });

    it("is refused what is the platform's: another namespace, another gateway", () => {
      editStackDocument(mine.folder, "lab", (set) => set(["namespaces", "more"], { ingress: {} }));
      const { exitCode, stdout, stderr } = tryPulumi(["up", "--yes", "--skip-preview"], mine.folder);
      assert.notEqual(exitCode, 0);
      assert.match(stdout + stderr, /namespaces.* is forbidden|cannot (create|patch) resource "namespaces"/);
    });
  });

  describe("who may deploy", () => {
    const deployment = (serviceAccountName: string) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "rbac-web", namespace: "test-app" },
      spec: {
        selector: { matchLabels: { app: "rbac-web" } },
        template: {
          metadata: { labels: { app: "rbac-web" } },
          spec: { serviceAccountName, containers: [{ name: "web", image: "lab.istio-egress.local/workload:1" }] },
        },
      },
    });
    const make = (object: unknown) => as("developer", ["create", "--dry-run=server", "--filename=-"], object);

    it("makes a Deployment, and none under a granted ServiceAccount", () => {
      const own = make(deployment("default"));
      assert.equal(own.exitCode, 0, own.stderr);
      const taken = make(deployment("app-a"));
      assert.match(taken.stderr, /denied request: identity: /);
    });

    it("makes a Service, and no NetworkPolicy", () => {
      const metadata = { name: "rbac-web", namespace: "test-app" };
      const service = make({ apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ port: 80 }] } });
      assert.equal(service.exitCode, 0, service.stderr);
      const spec = { podSelector: {}, policyTypes: ["Egress"], egress: [{}] };
      const policy = make({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec });
      assert.match(policy.stderr, /cannot create resource "networkpolicies"/);
    });
  });

  describe("who may look", () => {
    it("runs egress doctor, which leaves nothing unchecked", () => {
      const { stdout, stderr } = egress("reader", "doctor", "lab", "--json");
      const { notChecked } = JSON.parse(stdout || "{}") as { notChecked?: unknown[] };
      assert.deepEqual(notChecked, [], stderr);
    });

    it("reads decisions by egress logs, and draws them", () => {
      const logs = egress("reader", "logs", "lab", "--since", "1h", "--json");
      assert.equal(logs.exitCode, 0, logs.stderr);
      assert.match(logs.stdout, /httpbin\.org/);
      const graph = egress("reader", "graph", "lab", "--live", "--out", path.join(folder, "graph.mmd"));
      assert.equal(graph.exitCode, 0, graph.stderr);
    });

    it("cannot run commands in pods, and who may probe can", () => {
      const parts = ["matrix", "lab", "--live", "--from=test-app/app-a", "--to=github"];
      const refused = egress("reader", ...parts);
      assert.match(refused.stderr, /cannot create resource "pods\/exec"/);
      const asked = egress("prober", ...parts);
      assert.equal(asked.exitCode, 0, asked.stdout + asked.stderr);
      const tls = egress("prober", "tls", "lab", "--live");
      assert.equal(tls.exitCode, 0, tls.stdout + tls.stderr);
    });
  });

  it("a tenant who is in nobody's list has none of it", () => {
    apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "nobody", namespace: home } });
    const user = `--as=system:serviceaccount:${home}:nobody`;
    for (const [verb, resource] of [
      ["create", "deployments.apps"],
      ["get", "pods/log"],
      ["patch", "sidecars.networking.istio.io"],
    ] as const) {
      const { stdout } = inLab(["kubectl", "auth", "can-i", verb, ...named(resource), "--namespace=test-app", user]);
      assert.equal(stdout.trim(), "no");
    }
  });
});
