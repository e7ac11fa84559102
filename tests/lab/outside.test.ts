// A service beside the mesh, by both of its options: who reaches it, who does not and by which way, and that a change of
// option leaves nothing of the other one behind.
// Pods that others make are granted it too, by the labels that they go by.
// Does not prove: that a pod somebody else makes with hammer's labels is kept out; it is not, and the docs say so.
import assert from "node:assert/strict";
import { scratchCheckout, setStackConfig } from "./support/checkout";
import { apply as applyObject, egress, kubectl } from "./support/commands";
import { clusterObjects, difference } from "./support/objects";
import { apply } from "./support/pulumi";
import { appA, Caller, curl, execIn, hammer, seenOutside } from "./support/requests";
import { until } from "./support/until";

const host = "svc-foo.istio-workload.svc.cluster.local";
/** The service's own answer. */
const itself = "200 Apache/2.4.25 (Debian)";
const byItself = [`http://${host}`, `https://${host}`, "http://10.10.0.4", "https://10.10.0.4"];
/** A workload of the same namespace that nobody has granted the service. */
const nail: Caller = { namespace: "istio-workload", workload: "nail" };

describe("a service beside the mesh", () => {
  const checkout = scratchCheckout();

  function grant(via?: "service" | "bypass", others: Record<string, unknown> = {}): void {
    const image = "lab.istio-egress.local/workload:1";
    const workload = (namespace: string) => ({ namespace, image, port: 8080, env: { PORT: "8080" } });
    setStackConfig(checkout.folder, "lab", {
      workloads: {
        hammer: { namespace: "istio-workload", image },
        nail: { namespace: "istio-workload", image },
        ...others,
        "app-a": workload("test-app"),
        "app-b": workload("test-app"),
      },
      outside: via === undefined ? {} : { "svc-foo": { namespace: "istio-workload", addresses: ["10.10.0.4"], via } },
      allow: ["hammer", ...Object.keys(others)].flatMap((name) =>
        via === undefined ? [] : [{ from: `istio-workload/${name}`, to: "svc-foo", owner: "tests", reason: via }],
      ),
    });
    apply("up", checkout.folder);
  }

  /** What of the cluster the stack asks for; pods and their sets come and go. */
  function asked(): string[] {
    return clusterObjects().filter((object) => !/^(Pod|ReplicaSet|EndpointSlice\S* \S*-\w{5})\b/.test(object));
  }

  function server(caller: Caller, url: string): string {
    const { status, headers } = curl(caller, url, "--insecure");
    return `${status} ${headers.server ?? "nobody"}`;
  }

  /** Waits until a change has come to those who may call. */
  const opens = (caller: Caller, url: string, answer: string) =>
    until(`${caller.workload} is answered by ${url}`, 90, () => server(caller, url) === answer);

  let without: string[];
  let byService: string[];

  before(() => {
    grant();
    without = asked();
  });

  after(() => {
    checkout.remove();
    apply("up");
  });

  const refused = (caller: Caller) => {
    it(`${caller.workload} does not reach it by name, over http or https`, () => {
      assert.equal(server(caller, `http://${host}`), "502 envoy");
      assert.equal(server(caller, `https://${host}`), "0 nobody");
    });

    it(`${caller.workload} does not reach it by address, by its sidecar or as its sidecar's own user`, () => {
      assert.equal(server(caller, "http://10.10.0.4"), "502 envoy");
      const past = execIn(
        { ...caller, container: "istio-proxy" },
        ...["curl", "--silent", "--max-time", "3", "--output", "/dev/null", "http://10.10.0.4/past-the-sidecar"],
      );
      assert.notEqual(past.exitCode, 0);
      assert.deepEqual(seenOutside("/past-the-sidecar"), []);
    });
  };

  describe("by option 1, its sidecar", () => {
    before(async () => {
      grant("service");
      byService = asked();
      await opens(hammer, `http://${host}`, "200 envoy");
      await opens(hammer, `https://${host}`, itself);
    });

    it("is reached by hammer, through the sidecar over http, and end to end over https", () => {
      assert.equal(server(hammer, `http://${host}`), "200 envoy");
      assert.equal(server(hammer, `https://${host}`), itself);
    });

    it("is not reached by hammer under its address: the sidecar knows a name", () => {
      assert.equal(server(hammer, "http://10.10.0.4"), "502 envoy");
    });

    refused(nail);
    refused(appA);

    it("is what the matrix says, asked for real", () => {
      assert.equal(egress(["matrix", "lab", "--live"], { cwd: checkout.folder }).exitCode, 0);
    });
  });

  describe("by option 2, past its sidecar", () => {
    before(async () => {
      grant("bypass");
      for (const url of byItself) {
        await opens(hammer, url, itself);
      }
    });

    it("answers hammer itself, by name and by address", () => {
      for (const url of byItself) {
        assert.equal(server(hammer, url), itself, url);
      }
    });

    it("is all that hammer reaches so: no other address, and no host by another way", () => {
      assert.equal(server(hammer, "http://203.0.113.10"), "502 envoy");
      assert.equal(server(hammer, "http://github.com"), "502 envoy");
      assert.equal(server(hammer, "https://github.com"), "0 nobody");
    });

    refused(nail);
    refused(appA);

    it("is what the matrix says, asked for real", () => {
      assert.equal(egress(["matrix", "lab", "--live"], { cwd: checkout.folder }).exitCode, 0);
    });

    it("leaves nothing of option 1, and back again nothing of option 2", () => {
      const kinds = difference(byService, asked()).map((line) => line.split(" ").slice(0, 3).join(" "));
      assert.deepEqual(kinds.filter((line) => line.startsWith("-")).sort(), [
        "- Deployment.apps/v1 istio-workload/hammer",
        "- DestinationRule.networking.istio.io/v1 istio-workload/svc-foo",
        `- ServiceEntry.networking.istio.io/v1 istio-egress/${host}`,
        "- Sidecar.networking.istio.io/v1 istio-workload/hammer",
        // It tells which annotation may lead the granted addresses past the sidecar.
        "- ValidatingAdmissionPolicy.admissionregistration.k8s.io/v1 istio-egress.sidecars",
      ]);
      grant("service");
      assert.deepEqual(difference(byService, asked()), []);
      grant();
      assert.deepEqual(difference(without, asked()), []);
    });
  });

  describe("granted to pods that others make", () => {
    const wrench: Caller = { namespace: "istio-workload", workload: "wrench", container: "tool" };
    const existing = {
      wrench: {
        namespace: "istio-workload",
        existing: { serviceAccount: "wrench", selector: { tool: "wrench" } },
      },
    };
    const past = "traffic.sidecar.istio.io/excludeOutboundIPRanges";

    /** As its owners make it, with what they were told to annotate its pods with. */
    function make(annotations: Record<string, string>): void {
      const labels = { tool: "wrench" };
      const template = {
        metadata: { labels, annotations },
        spec: {
          serviceAccountName: "wrench",
          containers: [{ name: "tool", image: "lab.istio-egress.local/workload:1" }],
        },
      };
      const named = { name: "wrench", namespace: "istio-workload" };
      applyObject({ apiVersion: "v1", kind: "ServiceAccount", metadata: named });
      const spec = { selector: { matchLabels: labels }, template };
      applyObject({ apiVersion: "apps/v1", kind: "Deployment", metadata: named, spec });
      kubectl("rollout", "status", "deployment/wrench", "--namespace=istio-workload", "--timeout=240s");
    }

    after(() => {
      kubectl("delete", "deployment/wrench", "serviceaccount/wrench", "--namespace=istio-workload");
      grant();
      assert.deepEqual(difference(without, asked()), []);
    });

    it("answers them by their sidecars, and nobody beside them", async () => {
      make({});
      assert.equal(server(wrench, "http://10.10.0.4"), "502 envoy");
      grant("service", existing);
      await opens(wrench, `http://${host}`, "200 envoy");
      await opens(wrench, `https://${host}`, itself);
      await opens(hammer, `http://${host}`, "200 envoy");
      assert.equal(server(wrench, `http://${host}`), "200 envoy");
      assert.equal(server(wrench, `https://${host}`), itself);
      assert.equal(server(hammer, `http://${host}`), "200 envoy");
      assert.equal(server(nail, `http://${host}`), "502 envoy");
      assert.equal(egress(["matrix", "lab", "--live"], { cwd: checkout.folder }).exitCode, 0);
    });

    it("answers them past their sidecars once their pods have the annotation that check tells", async () => {
      grant("bypass", existing);
      assert.equal(server(wrench, "http://10.10.0.4"), "502 envoy");
      const { stdout, stderr } = egress(["check", "lab"], { cwd: checkout.folder });
      const told = new RegExp(`${past.replaceAll(".", "\\.")}: "([^"]+)"`).exec(stdout + stderr);
      assert.ok(told, stdout + stderr);
      make({ [past]: told[1]! });
      await opens(wrench, "http://10.10.0.4", itself);
      assert.equal(server(wrench, "http://10.10.0.4"), itself);
      assert.equal(server(wrench, `https://${host}`), itself);
      assert.equal(server(wrench, "http://203.0.113.10"), "502 envoy");
      assert.equal(server(nail, "http://10.10.0.4"), "502 envoy");
    });
  });
});
