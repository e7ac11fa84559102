// Who may open connections to guarded pods: what the configuration takes, what is planned, and what readers say.
// Does not prove that anything is kept out: tests/lab/ingress.test.ts does.
import assert from "node:assert/strict";
import { ArgumentError, parseConfig, planNamespace, planStack, StackConfig } from "../../../model";
import { ingressWarnings } from "../../../model/config/ingress";
import { changeSections } from "../../../cli/diff/text";
import { diffStacks, riskNotes } from "../../../model/diff";
import { explain, explainInto, readCall } from "../../../model/explain";
import { itRefuses } from "./config/refused";
import { now, soundConfig } from "./config/sound-config";
import { FakeCluster } from "./doctor/cluster";

const named = { namespace: "istio-ingress", selector: { istio: "gateway" }, ports: [8080] };
const ranged = { addresses: ["10.128.9.0/28"], reason: "calls a webhook" };

function configOf(ingress: unknown, more: Record<string, unknown> = {}): StackConfig {
  const namespaces = { "test-app": ingress === undefined ? {} : { ingress, ...more }, "istio-workload": {} };
  return parseConfig({ ...soundConfig(), namespaces }, { now });
}

function policies(config: StackConfig): Record<string, any> {
  const { manifests } = planStack(config).namespaces.find(({ name }) => name === "test-app")!;
  const found = manifests.filter(({ metadata }) => metadata.name.startsWith("ingress-"));
  return Object.fromEntries(found.map(({ metadata, spec }) => [metadata.name, spec]));
}

const inNamespaces = (...values: string[]) => ({
  namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }] },
});

describe("ingress of a namespace", () => {
  const at = "namespaces.test-app.ingress.from[0]";
  const change = (source: unknown, more = {}) => ({
    namespaces: { "test-app": { ingress: { from: [source] } }, "istio-workload": {} },
    ...more,
  });
  itRefuses([
    { what: "a source that says of nobody", change: change({ ports: [80] }), at: [at], says: /Says of nobody/ },
    { what: "pods and addresses in one", change: change({ ...named, ...ranged }), at: [at], says: /make two entries/ },
    {
      what: "a guarded namespace",
      change: change({ namespace: "istio-workload" }),
      at: [`${at}.namespace`],
      says: /without this/,
    },
    {
      what: "the gateways' namespace",
      change: change({ namespace: "istio-egress" }),
      at: [`${at}.namespace`],
      says: /call nobody/,
    },
    { what: "a pattern of names", change: change({ namespace: "team-*" }), at: [`${at}.namespace`], says: /RFC 1123/ },
    {
      what: "a selector without a label",
      change: change({ namespace: "monitoring", selector: {} }),
      at: [`${at}.selector`],
      says: /every pod of the namespace/,
    },
    {
      what: "a label that Kubernetes does not take",
      change: change({ namespace: "monitoring", selector: { app: "a*" } }),
      at: [`${at}.selector.app`],
      says: /no such value for a label/,
    },
    {
      what: "labels of addresses",
      change: change({ ...ranged, selector: { app: "a" } }),
      at: [`${at}.selector`],
      says: /Addresses have no labels/,
    },
    {
      what: "addresses without a reason",
      change: change({ addresses: ["10.128.9.0/28"] }),
      at: [`${at}.reason`],
      says: /no identity is known/,
    },
    {
      what: "every address",
      change: change({ ...ranged, addresses: ["0.0.0.0/0"] }),
      at: [`${at}.addresses[0]`],
      says: /Too wide: 4,294,967,296/,
    },
    {
      what: "no address, and a range that begins in its middle",
      change: change({ ...ranged, addresses: ["::/0", "10.1.2.3/16"] }),
      at: [`${at}.addresses[0]`, `${at}.addresses[1]`],
      says: /write "10\.1\.0\.0\/16"/,
    },
    {
      what: "the cluster's own pods by their addresses",
      change: change(
        { ...ranged, addresses: ["10.244.7.0/24"] },
        { cluster: { kind: "existing", ranges: ["10.244.0.0/16"] } },
      ),
      at: [`${at}.addresses[0]`],
      says: /Pods that nobody guards come from there/,
    },
    {
      what: "a port that is none",
      change: change({ ...named, ports: [0] }),
      at: [`${at}.ports[0]`],
      says: /at least 1/,
    },
    {
      what: "a key that nobody knows",
      change: change({ ...named, port: 1 }),
      at: [`${at}.port`],
      says: /mean "ports"/,
    },
  ]);

  it("takes a few of the cluster's own addresses, as an API server's", () => {
    const cluster = { kind: "existing", ranges: ["10.128.0.0/16"] };
    const namespaces = { "test-app": { ingress: { from: [ranged] } }, "istio-workload": {} };
    assert.equal(parseConfig({ ...soundConfig(), cluster, namespaces }, { now }).namespaces.length, 2);
  });

  describe("in the plan", () => {
    it("is nothing where nothing is said", () => assert.deepEqual(policies(configOf(undefined)), {}));

    it("lets in guarded namespaces only, where it is empty", () => {
      assert.deepEqual(policies(configOf({})), {
        "ingress-from-mesh": {
          podSelector: {},
          policyTypes: ["Ingress"],
          ingress: [{ from: [inNamespaces("istio-workload", "test-app")] }],
        },
      });
    });

    it("lets in whom it names, on the ports that it names", () => {
      const { "ingress-from-others": others } = policies(configOf({ from: [named, ranged] }));
      assert.deepEqual(others.ingress, [
        { from: [{ ipBlock: { cidr: "10.128.9.0/28" } }] },
        {
          from: [{ ...inNamespaces("istio-ingress"), podSelector: { matchLabels: { istio: "gateway" } } }],
          ports: [{ protocol: "TCP", port: 8080 }],
        },
      ]);
    });

    it("closes nothing of a namespace of somebody else's before its guard is enforce", () => {
      for (const guard of ["inject", "leave"]) {
        assert.deepEqual(policies(configOf({}, { existing: true, guard })), {}, guard);
      }
      assert.deepEqual(Object.keys(policies(configOf({}, { existing: true, guard: "enforce" }))), [
        "ingress-from-mesh",
      ]);
    });

    it("is refused in a program by the same rules", () => {
      const args = { name: "shop", guardedNamespaces: ["shop"], gatewayNamespace: "istio-egress" };
      assert.ok(planNamespace({ ...args, ingress: { from: [named] } }).length > 0);
      for (const [source, says] of [
        [{ addresses: ["0.0.0.0/0"], reason: "a test" }, /ingress\.from\[0\]\.addresses\[0\]: Too wide/],
        [{ addresses: ["10.1.0.0/16"] }, /ingress\.from\[0\]\.reason: Required/],
        [{ namespace: "shop" }, /ingress\.from\[0\]\.namespace: Namespaces of the stack/],
        [{ namespace: "other", addresses: [] }, /Must not be empty/],
        [{}, /ingress\.from\[0\]: Says of nobody/],
      ] as const) {
        assert.throws(
          () => planNamespace({ ...args, ingress: { from: [source as never] } }),
          (error) => error instanceof ArgumentError && says.test(error.message),
          String(says),
        );
      }
    });
  });

  it("is warned of once for all namespaces that say nothing, and not for one that does", () => {
    const [warning, ...more] = ingressWarnings(configOf({}));
    assert.deepEqual(more, []);
    assert.match(warning!.problem, /those of istio-workload, and pull/);
    const closed = { "test-app": { ingress: {} }, "istio-workload": { ingress: {} } };
    assert.deepEqual(ingressWarnings(parseConfig({ ...soundConfig(), namespaces: closed }, { now })), []);
  });

  it("is on the way of a call inside the mesh, by the policies that let it in", () => {
    const check = readCall("http://app-a.test-app.svc.cluster.local");
    assert.ok("call" in check);
    const steps = (config: StackConfig) => explain(config, "istio-workload/hammer", check.call).way;
    assert.ok(!steps(configOf(undefined)).some(({ at }) => at === "the pods of test-app"));
    const { what, by } = steps(configOf({ from: [named] })).at(-1)!;
    assert.match(what, /from pods istio=gateway of istio-ingress, port 8080, from their own node/);
    assert.deepEqual(
      by,
      ["ingress-from-mesh", "ingress-from-others"].map((name) => `NetworkPolicy/test-app/${name}`),
    );
  });

  describe("of a caller that the stack does not guard", () => {
    const check = readCall("http://app-a.test-app.svc.cluster.local");
    const asked = (ingress: unknown, from: string, more = {}) => {
      assert.ok("call" in check);
      return explainInto(configOf(ingress, more), from, check.call);
    };

    it("it passes where nothing is said, and before the guard is enforce", () => {
      assert.match(asked(undefined, "monitoring/prometheus")!.because, /says nothing, and whoever reaches/);
      assert.equal(asked({}, "monitoring/*", { existing: true, guard: "inject" })!.allowed, true);
    });

    it("it passes by the source that lets it in, and is refused otherwise, with what would let it in", () => {
      const { allowed, because, way } = asked({ from: [named] }, "istio-ingress/gateway")!;
      assert.deepEqual([allowed, way[0]!.by], [true, ["NetworkPolicy/test-app/ingress-from-others"]]);
      assert.match(because, /lets in pods istio=gateway of istio-ingress, port 8080$/);
      const refused = asked({ from: [named] }, "monitoring/prometheus")!;
      assert.deepEqual([refused.allowed, refused.refusal], [false, "ingress"]);
      const { ingress } = refused.suggestion!.add.namespaces!["test-app"] as { ingress: object };
      assert.equal(asked(ingress, "monitoring/prometheus")!.allowed, true);
      assert.equal(asked(ingress, "istio-ingress/gateway")!.allowed, true);
    });

    it("is nobody's of the stack, and not a name without a namespace", () => {
      for (const from of ["istio-workload/hammer", "test-app/*", "istio-egress/egress-gateway", "prometheus"]) {
        assert.equal(asked({}, from), undefined, from);
      }
    });
  });

  it("is a change with a risk in either direction", () => {
    const risks = (before: unknown, after: unknown) =>
      riskNotes(diffStacks(configOf(before), configOf(after))).map(({ risk }) => risk.split(":")[0]!.slice(0, 30));
    const [widened, cut] = ["more callers may open connection", "whoever else calls its pods fr"].map((text) =>
      text.slice(0, 30),
    );
    assert.deepEqual(risks({}, undefined), ["whoever reaches the cluster's "]);
    assert.deepEqual(risks(undefined, {}), [cut]);
    assert.deepEqual(risks({}, { from: [named] }), [widened]);
    assert.deepEqual(risks({ from: [named] }, {}), [cut]);
    assert.deepEqual(risks({ from: [named, ranged] }, { from: [ranged, named] }), []);
  });

  describe("in a diff", () => {
    const changes = (before: unknown, after: unknown, more: Record<string, unknown> = {}) =>
      diffStacks(configOf(before, more), configOf(after, more));
    const lines = (before: unknown, after: unknown) =>
      changeSections({ title: "", stack: "on both sides", diff: changes(before, after), risks: [], unreadable: [] })
        .filter(({ title }) => title === "Who may call guarded pods")
        .flatMap(({ lines: own }) => own);
    const wider = { ...named, ports: [8080, 9090] };

    it("says who gains and who loses connections, on which ports and why", () => {
      assert.deepEqual(lines({ from: [named] }, { from: [ranged] }), [
        "+ 10.128.9.0/28 → pods of test-app  every port; reason calls a webhook",
        "- pods istio=gateway of istio-ingress → pods of test-app  port 8080",
      ]);
      assert.deepEqual(lines({ from: [named] }, { from: [wider] }), [
        "+ pods istio=gateway of istio-ingress → pods of test-app  port 8080 → ports 8080, 9090",
      ]);
      assert.deepEqual(lines({ from: [wider] }, { from: [named] }), [
        "- pods istio=gateway of istio-ingress → pods of test-app  ports 8080, 9090 → port 8080",
      ]);
      assert.deepEqual(lines({ from: [ranged] }, { from: [{ ...ranged, reason: "another" }] }), [
        "~ 10.128.9.0/28 → pods of test-app  every port; reason calls a webhook → another",
      ]);
      assert.deepEqual(lines({}, undefined), ["+ anybody → pods of test-app  every port"]);
      assert.deepEqual(lines({ from: [named, ranged] }, { from: [ranged, named] }), []);
    });

    it("says it once, and keeps as a setting what is written before it holds", () => {
      assert.deepEqual(changes({}, { from: [named] }).settings, []);
      const early = changes({}, { from: [named] }, { existing: true, guard: "inject" });
      assert.deepEqual(early.callers, []);
      assert.deepEqual(
        early.settings.map(({ path }) => path),
        ["istio-egress:namespaces.test-app.ingress.from"],
      );
    });

    it("tells of the guard as well, which opens and closes", () => {
      const at = (guard: string) => configOf({}, { existing: true, guard });
      assert.deepEqual(diffStacks(at("enforce"), at("inject")).callers, [
        { into: "test-app", from: "anybody", after: {} },
      ]);
    });

    it("is a risk of a namespace that is new only where nothing closes it", () => {
      const none = parseConfig({ ...soundConfig(), namespaces: {}, workloads: {}, allow: [] }, { now });
      const risks = (ingress: unknown) =>
        riskNotes(diffStacks(none, configOf(ingress))).filter(({ about }) => about.includes("test-app.ingress"));
      assert.equal(risks(undefined).length, 1);
      assert.deepEqual(risks({ from: [named] }), []);
    });
  });

  describe("to the doctor", () => {
    const found = (ingress: unknown, spoil: (cluster: FakeCluster) => void) => {
      const cluster = new FakeCluster({
        namespaces: { "test-app": ingress === undefined ? {} : { ingress }, "istio-workload": {} },
      });
      spoil(cluster);
      return cluster.report().findings.filter(({ check }) => check === "ingress");
    };
    const door = (cluster: FakeCluster) =>
      void cluster.add("v1", "Service", "test-app/door", { spec: { type: "LoadBalancer", externalIPs: ["10.9.9.9"] } });
    const backend = { service: { name: "app-a" } };
    const rules = (cluster: FakeCluster) =>
      void cluster.add("networking.k8s.io/v1", "Ingress", "test-app/web", {
        spec: { rules: [{ http: { paths: [{ backend }] } }] },
      });
    const webhook = (cluster: FakeCluster) =>
      cluster.objects.push({
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingWebhookConfiguration",
        metadata: { name: "hook" },
        webhooks: [{ clientConfig: { service: { namespace: "test-app", name: "app-a" } } }],
      });

    for (const [what, spoil, object, source] of [
      ["a Service with a way in", door, "Service test-app/door", ranged],
      ["an Ingress", rules, "Ingress test-app/web", named],
      ["a webhook", webhook, "ValidatingWebhookConfiguration hook", ranged],
    ] as const) {
      it(`${what} is a way to pull data out where nothing is said, and leads nowhere where nobody is let in`, () => {
        const [open, ...more] = found(undefined, spoil);
        assert.deepEqual(more, []);
        assert.deepEqual([open!.object, open!.severity], [object, "warning"]);
        assert.match(open!.problem, /can be called by it/);
        const [closed] = found({}, spoil);
        assert.equal(closed!.object, object);
        assert.match(closed!.problem, /take no connection by it/);
        assert.deepEqual(found({ from: [source] }, spoil), []);
      });
    }

    it("a policy of others that opens a way in is found once the stack closes it", () => {
      const spec = { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [{ namespaceSelector: {} }] }] };
      const opening = (ingress: unknown) => {
        const namespaces = { "test-app": ingress === undefined ? {} : { ingress }, "istio-workload": {} };
        const cluster = new FakeCluster({ namespaces });
        cluster.add("networking.k8s.io/v1", "NetworkPolicy", "test-app/open", { spec });
        return cluster.report().findings.filter(({ check }) => check === "network-policies").length;
      };
      assert.deepEqual([opening(undefined), opening({})], [0, 1]);
    });
  });
});
