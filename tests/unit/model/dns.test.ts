// The stack's own resolver: what the configuration takes, what is planned, and what readers say.
// Does not prove that CoreDNS answers so, nor that nothing gets out: tests/lab/dns.test.ts does.
import assert from "node:assert/strict";
import { ArgumentError, classify, parseConfig, planResolver, planStack, StackConfig, verdicts } from "../../../model";
import { decider, parseRefusedName } from "../../../model/access-log";
import { beyondReach, objectChanges } from "../../../model/break-glass";
import { resolvingSteps } from "../../../model/config/dns";
import { explain, readCall } from "../../../model/explain";
import { standInAddress } from "../../../model/ground/dns";
import { Manifest, manifestKey } from "../../../model/ground/manifest";
import { itRefuses } from "./config/refused";
import { now, soundConfig } from "./config/sound-config";
import { FakeCluster, short } from "./doctor/cluster";

const dns = { mode: "allowed-only", address: "10.96.0.53" };

function configOf(change: Record<string, unknown> = {}): StackConfig {
  return parseConfig({ ...soundConfig(), dns, ...change }, { now });
}

function objects(config: StackConfig): Map<string, Manifest> {
  const { dns, egress, namespaces, workloads } = planStack(config);
  const all = [dns, egress, ...[...namespaces, ...workloads].map(({ manifests }) => manifests)].flat();
  return new Map(all.map((manifest) => [`${manifestKey(manifest)}`, manifest]));
}

function named(config: StackConfig, kind: string, place: string): any {
  const found = [...objects(config).values()].find(
    (object) => object.kind === kind && `${object.metadata.namespace}/${object.metadata.name}` === place,
  );
  assert.ok(found, `${kind} ${place}`);
  return found;
}

const corefile = (config: StackConfig): string => named(config, "ConfigMap", "istio-egress/egress-dns").data.Corefile;

describe("dns: {mode: allowed-only}", () => {
  describe("in the configuration", () => {
    it("is off where nothing is said of it, and nothing is made", () => {
      const config = parseConfig(soundConfig(), { now });
      assert.deepEqual(config.dns, { mode: "off", replicas: 2 });
      assert.deepEqual(planStack(config).dns, []);
      assert.deepEqual(resolvingSteps(config), []);
    });

    const gke = {
      kind: "gke",
      project: "acme-prod",
      name: "prod",
      location: "europe-west1",
      authorizedNetworks: { deployers: "10.128.8.0/26" },
    };
    itRefuses([
      {
        what: "no address",
        change: { dns: { mode: "allowed-only" } },
        at: ["dns.address"],
        says: /told the resolver's address/,
      },
      {
        what: "a range",
        change: { dns: { ...dns, address: "10.96.0.0/24" } },
        at: ["dns.address"],
        says: /Not an IPv4/,
      },
      {
        what: "the cluster's own resolver",
        change: { dns, cluster: { kind: "existing", dns: { resolvers: ["10.96.0.53"] } } },
        at: ["dns.address"],
        says: /The cluster's own resolver has it/,
      },
      ...["0.0.0.0", "127.0.0.1", "169.254.20.10", "224.0.0.251", "240.240.0.1", "255.255.255.255"].map((address) => ({
        what: `the address ${address}, which no Service can have`,
        change: { dns: { ...dns, address } },
        at: ["dns.address"],
        says: /No Service can have it/,
      })),
      {
        what: "an address that no Service of the cluster can have",
        change: { dns, cluster: gke },
        at: ["dns.address"],
        says: /10\.0\.32\.0\/20/,
      },
      {
        what: "Google's mesh",
        change: { dns: { ...dns, address: "10.0.32.53" }, cluster: gke, mesh: { kind: "cloud-service-mesh" } },
        at: ["dns.mode"],
        says: /no pod would start/,
      },
      {
        what: "a control plane outside the cluster",
        change: {
          dns,
          mesh: { kind: "existing" },
          cluster: { kind: "existing", controlPlane: { ranges: ["10.1.0.0/24"] } },
        },
        at: ["dns.mode"],
        says: /outside the cluster/,
      },
      {
        what: "a workload that asks another resolver",
        change: {
          dns,
          workloads: {
            "app-a": {
              namespace: "test-app",
              image: "example.com/app:1",
              pod: { spec: { dnsPolicy: "Default", dnsConfig: { nameservers: ["10.7.7.7"] } } },
            },
          },
        },
        at: ["workloads.app-a.pod.spec.dnsPolicy", "workloads.app-a.pod.spec.dnsConfig.nameservers"],
        says: /out of their reach/,
      },
      { what: "one pod", change: { dns: { ...dns, replicas: 1 } }, at: ["dns.replicas"], says: /2/ },
      {
        what: "a gateway of its name",
        change: { gateways: { "egress-dns": { destinations: ["github"] } } },
        at: ["gateways.egress-dns"],
        says: /resolver that guarded pods ask/,
      },
      {
        what: "more hosts than a ConfigMap holds",
        change: {
          dns,
          destinations: { github: { hosts: Array.from({ length: 5000 }, (_, index) => `host-${index}.example.com`) } },
        },
        at: ["dns.mode"],
        says: /some 3,000 hosts/,
      },
    ]);

    it("says who asks it, who does not, and what is open still", () => {
      const existing = configOf({
        mesh: { kind: "existing" },
        namespaces: { "test-app": {}, "istio-workload": { mode: "observe" }, payments: { existing: true } },
      });
      const steps = resolvingSteps(existing).join("\n");
      assert.match(steps, /^pods of payments, test-app look names up at egress-dns, 10\.96\.0\.53/);
      assert.match(steps, /istio-workload\/\*: observed/);
      assert.match(steps, /does not make in payments need dnsPolicy: None/);
      assert.match(steps, /externalName/);
      assert.doesNotMatch(resolvingSteps(configOf({ admission: { mode: "deny" } })).join("\n"), /externalName/);
    });
  });

  describe("in the plan", () => {
    it("answers what is granted to somebody, and nothing else that is listed", () => {
      const text = corefile(configOf());
      assert.match(text, /answer "github\.com\. 60 IN A 240\.254\.235\.0"/);
      assert.doesNotMatch(text, /httpbin/);
      assert.doesNotMatch(text, /cnn/);
      assert.match(
        text,
        /^istio-egress\.svc\.cluster\.local:1053 istio-system\.svc\.cluster\.local:1053 istio-workload/m,
      );
      assert.equal(text.match(/forward/g)!.length, 1);
    });

    it("asks for what is excepted below a wildcard before the wildcard, and for the nearest of several first", () => {
      const text = corefile(
        configOf({
          destinations: { wild: { hosts: ["*.cnn.com", "*.a.cnn.com"] }, other: { hosts: ["api.cnn.com"] } },
          allow: [{ from: "test-app/app-a", to: "wild", reason: "a test" }],
          deny: ["secret.cnn.com"],
        }),
      );
      const order = [...text.matchAll(/template (?:IN A|ANY ANY) (\S+) \{\n +match \^(\S+)\[\.\]\$/g)].map(
        ([, , match]) => match,
      );
      const any = "([a-z0-9_-]+[.])+";
      assert.deepEqual(order, [
        `${any}a[.]cnn[.]com`,
        `${any}secret[.]cnn[.]com`,
        "api[.]cnn[.]com",
        "secret[.]cnn[.]com",
        `${any}cnn[.]com`,
      ]);
    });

    it("replaces its pods with another configuration, and not without", () => {
      const annotations = (config: StackConfig) =>
        named(config, "Deployment", "istio-egress/egress-dns").spec.template.metadata.annotations;
      const more = {
        allow: [
          { from: "test-app/app-a", to: "github" },
          { from: "test-app/app-a", to: "httpbin" },
        ],
      };
      assert.deepEqual(annotations(configOf()), annotations(configOf({ deny: [] })));
      assert.notDeepEqual(annotations(configOf()), annotations(configOf(more)));
    });

    it("leaves guarded pods no way to the cluster's resolver, and tells them of the stack's", () => {
      const config = configOf();
      const { spec } = named(config, "NetworkPolicy", "test-app/egress-to-dns");
      assert.deepEqual(spec.egress[0].to[0].podSelector, { matchLabels: { app: "egress-dns" } });
      assert.deepEqual(
        spec.egress[0].ports.map(({ port }: { port: number }) => port),
        [1053, 1053],
      );
      assert.doesNotMatch(
        JSON.stringify([...objects(config).values()].filter(({ metadata }) => metadata.namespace === "test-app")),
        /kube-dns/,
      );
      assert.match(JSON.stringify(named(config, "NetworkPolicy", "istio-egress/egress-to-dns")), /kube-dns/);
      const pod = named(config, "Deployment", "test-app/app-a").spec.template.spec;
      assert.equal(pod.dnsPolicy, "None");
      assert.deepEqual(pod.dnsConfig.nameservers, ["10.96.0.53"]);
    });

    it("keeps a pod's own options", () => {
      const options = [{ name: "ndots", value: "1" }];
      const pod = { spec: { dnsConfig: { options } } };
      const workloads = { "app-a": { namespace: "test-app", image: "example.com/app:1", pod } };
      assert.deepEqual(
        named(configOf({ workloads }), "Deployment", "test-app/app-a").spec.template.spec.dnsConfig.options,
        options,
      );
    });

    it("leaves an observed workload the cluster's resolver, and an observed namespace as it was", () => {
      const sound = soundConfig();
      const workloads = {
        ...(sound.workloads as object),
        quiet: { namespace: "test-app", image: "example.com/app:1", mode: "observe" },
      };
      const config = configOf({ workloads, namespaces: { "test-app": {}, "istio-workload": { mode: "observe" } } });
      assert.deepEqual(named(config, "NetworkPolicy", "test-app/quiet-to-dns").spec.podSelector, {
        matchLabels: { app: "quiet" },
      });
      assert.equal(named(config, "Deployment", "test-app/quiet").spec.template.spec.dnsPolicy, undefined);
      assert.match(JSON.stringify(named(config, "NetworkPolicy", "istio-workload/egress-to-dns")), /kube-dns/);
      const { sidecarInjectorWebhook: webhook } = planStack(config).mesh!.istiod.values as any;
      assert.deepEqual(webhook.defaultTemplates, ["sidecar", "egress-dns"]);
      assert.match(
        webhook.templates["egress-dns"],
        /\(list "test-app"\).*\(eq \(index \.ObjectMeta\.Labels "app"\) "quiet"\)/,
      );
    });

    it("has the cluster's API and Google's metadata server where they are granted, with their own addresses", () => {
      const sound = soundConfig();
      const change = (allow: object[]) => ({
        cluster: {
          ...(sound.cluster as object),
          ...{ api: { service: "10.96.0.1", endpoints: ["10.0.0.2"] }, workloadIdentity: true },
        },
        destinations: {
          ...(sound.destinations as object),
          ...{ api: { kind: "kubernetes-api" }, tokens: { kind: "google-metadata" } },
        },
        allow: [...sound.allow, ...allow],
      });
      const answers = (allow: object[]) =>
        [...corefile(configOf(change(allow))).matchAll(/answer "(\S+)[.] \d+ IN A (10[.]|169[.])(\S+)"/g)].map(
          ([, name, begin, end]) => `${name} ${begin}${end}`,
        );
      assert.deepEqual(answers([]), []);
      assert.deepEqual(
        answers([
          { from: "test-app/app-a", to: "api" },
          { from: "test-app/app-a", to: "tokens" },
        ]),
        ["kubernetes.default.svc.cluster.local 10.96.0.1", "metadata.google.internal 169.254.169.254"],
      );
    });

    it("tells nobody by injection in a mesh of somebody else's", () => {
      assert.equal(planStack(configOf({ mesh: { kind: "existing" } })).mesh, undefined);
    });

    it("gives each name an address of its own, outside of those that Istio gives", () => {
      const addresses = Array.from({ length: 300 }, (_, index) => standInAddress(`host-${index}.example.com`));
      assert.ok(new Set(addresses).size > 298);
      assert.ok(addresses.every((address) => /^240\.2(4[1-9]|5[0-5])\./.test(address)));
    });

    it("is refused by its planner with arguments that could mean another thing", () => {
      const args = {
        namespace: "istio-egress",
        address: "10.96.0.53",
        image: "coredns:1",
        replicas: 2,
        askers: ["a"],
        zones: ["a"],
        hosts: [],
      };
      assert.equal(planResolver(args).length, 6);
      for (const change of [{ address: "resolver" }, { replicas: 1 }, { zones: [] }, { hosts: ["*"] }, { image: "" }]) {
        assert.throws(() => planResolver({ ...args, ...change }), ArgumentError, JSON.stringify(change));
      }
    });
  });

  describe("to its readers", () => {
    it("is beyond the reach of access beside the stack's file, but for a name that somebody is granted", () => {
      const allow = soundConfig().allow;
      const changed = (to: string) =>
        beyondReach(objectChanges(configOf(), configOf({ allow: [...allow, { from: "istio-workload/hammer", to }] })));
      assert.deepEqual(changed("github"), []);
      assert.deepEqual(changed("httpbin"), ["ConfigMap/istio-egress/egress-dns", "Deployment/istio-egress/egress-dns"]);
    });

    it("is the first place at which a call of a name ends that nobody is granted", () => {
      const config = configOf({ allow: [{ from: "test-app/app-a", to: "github" }] });
      const first = (url: string, from = "test-app/app-a") => {
        const checked = readCall(url);
        assert.ok("call" in checked, url);
        return explain(config, from, checked.call).way[0];
      };
      assert.match(
        first("https://cnn.com")!.what,
        /cnn\.com is granted to nobody: this name is not resolved for test-app\/app-a/,
      );
      assert.match(first("https://httpbin.org")!.what, /not resolved/);
      for (const url of ["https://github.com", "http://app-a.test-app.svc.cluster.local"]) {
        assert.doesNotMatch(first(url)!.what, /not resolved/);
      }
      assert.doesNotMatch(first("https://github.com", "istio-workload/hammer")!.what, /not resolved/);
    });

    it("is what the live matrix takes a name for that is not found, and nothing else", () => {
      const seen = (host: string) => {
        const verdict = verdicts(configOf()).find((each) => each.from === "test-app/app-a" && each.host === host)!;
        return classify(verdict, { exitCode: 6, status: 0, bodySize: 0, hasUpstreamTime: false, fromEnvoy: false });
      };
      assert.deepEqual(seen("cnn.com"), { seen: "name refused", shows: "deny" });
      assert.equal(seen("github.com").shows, "unclear");
    });

    it("is read from its log, by the sender's workload, and only where a name was refused", () => {
      const line = "[INFO] egress-dns 10.244.0.7 udp TXT NXDOMAIN Data\\ x.CNN.com.";
      const place = {
        namespace: "istio-egress",
        pod: "egress-dns-1",
        callers: new Map([["10.244.0.7", "test-app/app-a"]]),
      };
      const decide = decider(configOf());
      const decision = decide(parseRefusedName(line, "2026-11-22T10:15:30.123456789Z")!, place);
      assert.deepEqual(
        [decision.time, decision.at, decision.from, decision.host, decision.allowed, decision.ok],
        ["2026-11-22T10:15:30.123Z", "resolver", "test-app/app-a", "data\\ x.cnn.com", false, true],
      );
      assert.match(decision.because!, /its record TXT was refused/);
      assert.equal("callers" in decision, false);
      const granted = decide(parseRefusedName(line.replace(/Data.*/, "github.com."), "2026-11-22T10:15:30Z")!, place);
      assert.equal(granted.ok, false);
      for (const other of [
        line.replace("NXDOMAIN", "NOERROR"),
        `${line.slice(7)}`,
        "[INFO] plugin/reload: Running",
        "{}",
      ]) {
        assert.equal(parseRefusedName(other, "2026-11-22T10:15:30Z"), undefined, other);
      }
    });
  });

  describe("to the doctor", () => {
    function cluster(): FakeCluster {
      const fake = new FakeCluster({ dns });
      for (const name of ["app-a", "hammer"]) {
        Object.assign(fake.pod(name).spec, { dnsPolicy: "None", dnsConfig: { nameservers: [dns.address] } });
      }
      for (const index of [0, 1]) {
        fake.addOwned("Deployment", "istio-egress", "egress-dns", { serviceAccount: "egress-dns" }, index);
      }
      return fake;
    }

    it("is in order", () => assert.deepEqual(cluster().report().findings.map(short), []));

    it("is missed where no pod of it is ready, and warned of with one", () => {
      const fake = cluster();
      fake.objects = fake.objects.filter(({ metadata }) => metadata.name !== "egress-dns-5d-1");
      assert.match(short(fake.finding()), /^warning Deployment istio-egress\/egress-dns \(resolver\)/);
      fake.objects = fake.objects.filter(({ metadata }) => metadata.name !== "egress-dns-5d-0");
      assert.match(short(fake.finding()), /^breaks-workload Deployment istio-egress\/egress-dns \(resolver\)/);
    });

    it("is not asked by a pod that was not restarted", () => {
      const fake = cluster();
      fake.pod("hammer").spec.dnsPolicy = "ClusterFirst";
      delete fake.pod("hammer").spec.dnsConfig;
      const found = fake.finding();
      assert.match(short(found), /^breaks-workload Deployment istio-workload\/hammer \(resolver\)/);
      assert.match(found.problem, /reach no other: they find no name/);
    });
  });
});
