// Pulls: connections that others open to pods of a guarded namespace, to carry data out in the answers.
// The pod that is pulled from has no sidecar, as one that got round its own: nothing but the NetworkPolicies is in the way.
// Does not prove: a cloud's load balancer, whose addresses the lab has not; nor other enforcers than the lab's own.
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { editStackDocument, scratchCheckout } from "./support/checkout";
import { apply, egress, inLab, kubectl, kubectlJson } from "./support/commands";
import { apply as pulumi, putBack } from "./support/pulumi";
import { appA, curl } from "./support/requests";
import { until } from "./support/until";

const outsiders = "pullers";
const image = "lab.istio-egress.local/workload:1";
const port = 8080;

interface Pod {
  status: { podIP: string; hostIP: string; containerStatuses: { restartCount: number; ready: boolean }[] };
}

interface Service {
  spec: { clusterIP: string; ports: { nodePort: number }[] };
}

function pod(namespace: string, name: string, labels: Record<string, string>, container: object): void {
  const metadata = { name, namespace, labels, annotations: { "sidecar.istio.io/inject": "false" } };
  const spec = { terminationGracePeriodSeconds: 0, containers: [{ name, image, ...container }] };
  apply({ apiVersion: "v1", kind: "Pod", metadata, spec });
}

/** The status of an answer to a pod that nobody guards; 0 where none comes. */
function pull(from: string, url: string): number {
  const { stdout } = inLab([
    ...["kubectl", "exec", `--namespace=${outsiders}`, from, "--"],
    ...["curl", "--silent", "--output", "/dev/null", "--max-time", "4", "--write-out", "%{http_code}", url],
  ]);
  return Number(stdout);
}

/** What `egress matrix --live` says of callers of the namespace that nobody guards. */
function askedMatrix(cwd: string): { exitCode: number; cells: unknown[][] } {
  const part = [`--from=${outsiders}/*`, "--to=test-app/*"];
  const { exitCode, stdout } = egress(["matrix", "lab", "--live", "--json", ...part], { cwd });
  const cells = JSON.parse(stdout) as Record<string, unknown>[];
  return {
    exitCode,
    cells: cells.map(({ from, ports, expected, seen, ok, rule }) => [from, ports, expected, seen, ok, rule]),
  };
}

describe("connections to pods of a guarded namespace", function () {
  this.timeout(900_000);
  const checkout = scratchCheckout();
  const pristine = scratchCheckout();
  let address: string;
  let guarded: string;
  /** How the pod without a sidecar is called. */
  let ways: Record<string, string>;

  before(() => {
    kubectl("create", "namespace", outsiders);
    const sleeps = { command: ["sleep", "infinity"] };
    pod(outsiders, "named", { role: "named" }, sleeps);
    pod(outsiders, "other", { role: "other" }, sleeps);
    // A busy machine's answer may take longer than a second, which is what a probe gets unless it says so.
    const probe = { httpGet: { path: "/", port }, periodSeconds: 1, timeoutSeconds: 8, failureThreshold: 2 };
    const serves = {
      command: ["python3", "-m", "http.server", String(port)],
      readinessProbe: probe,
      livenessProbe: probe,
    };
    pod("test-app", "bare", { app: "bare" }, serves);
    const spec = { type: "NodePort", selector: { app: "bare" }, ports: [{ name: "http", port }] };
    apply({ apiVersion: "v1", kind: "Service", metadata: { name: "bare", namespace: "test-app" }, spec });
    for (const namespace of [outsiders, "test-app"]) {
      const pods = namespace === outsiders ? ["pod/named", "pod/other"] : ["pod/bare"];
      kubectl("wait", `--namespace=${namespace}`, "--for=condition=Ready", ...pods, "--timeout=240s");
    }
    const { status } = kubectlJson<Pod>("get", "pod", "bare", "--namespace=test-app");
    const service = kubectlJson<Service>("get", "service", "bare", "--namespace=test-app").spec;
    address = status.podIP;
    ways = {
      "its address": `http://${address}:${port}/`,
      "its Service": `http://${service.clusterIP}:${port}/`,
      "a NodePort": `http://${status.hostIP}:${service.ports[0]!.nodePort}/`,
    };
    const selector = ["--namespace=test-app", "--selector=app=app-a", "--output=jsonpath={.items[0].status.podIP}"];
    guarded = kubectl("get", "pods", ...selector);
  });

  /** Takes away the policy of others that opens a way in, and waits until it has gone for who had no other. */
  async function shutIn(from: string): Promise<void> {
    kubectl("delete", "networkpolicy", "open-in", "--namespace=test-app");
    await until("the way in is shut again", 60, () => pull(from, ways["its address"]!) === 0);
  }

  after(() => {
    kubectl("delete", "namespace", outsiders, "--ignore-not-found", "--wait=false");
    kubectl("delete", "service/bare", "pod/bare", "--namespace=test-app", "--ignore-not-found");
    putBack({ checkout, pristine });
  });

  describe("with ingress: {}", () => {
    for (const way of ["its address", "its Service", "a NodePort"]) {
      it(`a pod of a namespace that nobody guards has no answer by ${way}`, () => {
        assert.equal(pull("named", ways[way]!), 0);
      });
    }

    it("nor from the ports of a sidecar, which ask no identity", () => {
      for (const open of [15020, 15021, 15090]) {
        assert.equal(pull("named", `http://${guarded}:${open}/healthz/ready`), 0, String(open));
      }
    });

    it("a guarded pod has one", async () => {
      await until(
        "app-a is answered",
        90,
        () => curl(appA, "http://bare.test-app.svc.cluster.local:8080/").status === 200,
      );
    });

    it("the node's kubelet does too: its probes go on", async () => {
      // For longer than two that get no answer take.
      await delay(20_000);
      const { containerStatuses } = kubectlJson<Pod>("get", "pod", "bare", "--namespace=test-app").status;
      assert.deepEqual(
        containerStatuses.map(({ ready, restartCount }) => [ready, restartCount]),
        [[true, 0]],
      );
    });

    it("egress doctor names the NodePort that leads nowhere, and a policy that would open a way in", async () => {
      const metadata = { name: "open-in", namespace: "test-app" };
      const spec = { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] };
      apply({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec });
      try {
        await until("NetworkPolicies add up", 90, () => pull("named", ways["its address"]!) === 200);
        const { stdout } = egress(["doctor", "lab", "--json"]);
        const { findings } = JSON.parse(stdout) as {
          findings: { check: string; object: string; evidence: string[] }[];
        };
        const found = (check: string) => findings.filter((finding) => finding.check === check);
        assert.deepEqual(
          found("ingress").map(({ object, evidence }) => [object, evidence]),
          [["Service test-app/bare", ["its type is NodePort"]]],
        );
        assert.deepEqual(
          found("network-policies").map(({ object }) => object),
          ["NetworkPolicy test-app/open-in"],
        );
      } finally {
        await shutIn("named");
      }
    });
  });

  describe("with a source named", () => {
    before(() => {
      editStackDocument(checkout.folder, "lab", (set) => {
        const from = [{ namespace: outsiders, selector: { role: "named" }, ports: [port] }];
        set(["namespaces", "test-app", "ingress"], { from });
      });
      pulumi("up", checkout.folder);
    });

    for (const way of ["its address", "its Service", "a NodePort"]) {
      it(`it has an answer by ${way}, and a pod beside it has none`, async () => {
        await until(`an answer by ${way}`, 90, () => pull("named", ways[way]!) === 200);
        assert.equal(pull("other", ways[way]!), 0);
      });
    }

    it("egress matrix asks it and the pods beside it, and the mesh agrees", () => {
      const { exitCode, cells } = askedMatrix(checkout.folder);
      const from = `pods role=named of ${outsiders}`;
      const rule = "istio-egress:namespaces.test-app.ingress.from";
      assert.deepEqual(cells, [
        [from, port, "allow", "connected", true, rule],
        [from, "others", "deny", "no connection", true, null],
        [`other pods of ${outsiders}`, "every", "deny", "no connection", true, null],
      ]);
      assert.equal(exitCode, 0);
      const { stdout } = egress(["matrix", "lab", "--live", "--to=test-app/*"], { cwd: checkout.folder });
      assert.match(stdout, /^guarded namespaces +test-app +every port +✔ allow connected$/m);
      assert.match(stdout, /^anybody else +test-app +every port +– deny {2}not asked: it names no pod$/m);
    });

    it("and disagrees as soon as a policy of others opens a way in", async () => {
      const metadata = { name: "open-in", namespace: "test-app" };
      const spec = { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] };
      apply({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec });
      try {
        await until("the way in is open", 90, () => pull("other", ways["its address"]!) === 200);
        const { exitCode, cells } = askedMatrix(checkout.folder);
        assert.deepEqual(
          cells.map(([, ports, , seen, ok]) => [ports, seen, ok]),
          [
            [port, "connected", true],
            ["others", "connected", false],
            ["every", "connected", false],
          ],
        );
        assert.equal(exitCode, 1);
      } finally {
        await shutIn("other");
      }
    });

    it("on its port only, and from a pod with a sidecar only by mutual TLS", () => {
      assert.equal(pull("named", `http://${guarded}:15021/healthz/ready`), 0);
      assert.equal(pull("named", `http://${guarded}:${port}/`), 0);
    });
  });

  describe("with nothing said", () => {
    before(() => {
      editStackDocument(checkout.folder, "lab", (set) => set(["namespaces", "test-app"], {}));
      pulumi("up", checkout.folder);
    });

    it("whoever reaches the pod has an answer, as before there was the key, and egress check warns of it", async () => {
      for (const way of Object.values(ways)) {
        await until(`an answer of ${way}`, 90, () => pull("other", way) === 200);
      }
      const { exitCode, stdout } = egress(["check", "lab"], { cwd: checkout.folder });
      assert.equal(exitCode, 0);
      assert.match(stdout, /Warning: istio-egress:namespaces: .* those of test-app, and pull data out of them/);
    });
  });
});
