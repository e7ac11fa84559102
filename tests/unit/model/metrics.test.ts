// The key `metrics`: what the configuration takes, what is planned, and that labels are bounded by what is granted.
// Does not prove: that Envoy counts so (tests/lab/metrics.test.ts does), nor the alerts (tests/static/alerts.test.ts does).
import assert from "node:assert/strict";
import {
  ArgumentError,
  parseConfig,
  planGateway,
  planMetrics,
  planNamespace,
  planStack,
  StackConfig,
} from "../../../model";
import { objectChanges } from "../../../model/break-glass";
import { metricsSteps } from "../../../model/config/metrics";
import { diffStacks } from "../../../model/diff";
import { grantsOf, reportedOf } from "../../../model/grants";
import { Manifest } from "../../../model/ground/manifest";
import { alertRules } from "../../../model/plan/metrics/alerts";
import { itRefuses } from "./config/refused";
import { now, soundConfig } from "./config/sound-config";

type Raw = Record<string, unknown>;

const counters = { metrics: { mode: "counters" } };
const operator = { metrics: { mode: "operator", labels: { release: "prom" } } };

function configOf(change: Raw = counters): StackConfig {
  return parseConfig({ ...soundConfig(), ...change }, { now });
}

function objects(config: StackConfig): Manifest[] {
  const { gateways, namespaces, metrics } = planStack(config);
  return [...gateways, ...namespaces].flatMap(({ manifests }) => manifests).concat(metrics);
}

function named(config: StackConfig, kind: string, name: string): any {
  const found = objects(config).find((object) => object.kind === kind && object.metadata.name === name);
  assert.ok(found, `${kind} ${name}`);
  return found;
}

/** Every value of that key, at any depth. */
function valuesOf(value: unknown, key: string): any[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...valuesOf(inner, key)]);
}

const counted = (filter: unknown) => valuesOf(filter, "counters").flat();
const labelsOf = (counter: any): Record<string, string> =>
  Object.fromEntries(counter.stat.tags.map((tag: any) => [tag.name, tag.value_format]));
const keysOf = (filter: unknown, map: string) => valuesOf(filter, map).flatMap(({ map: keys }) => Object.keys(keys));

describe("metrics", () => {
  describe("in the configuration", () => {
    it("are off where nothing is said of them, and nothing is counted or made", () => {
      const config = configOf({});
      assert.equal(config.metrics.mode, "off");
      assert.deepEqual(planStack(config).metrics, []);
      assert.deepEqual(counted(objects(config)), []);
      assert.deepEqual(metricsSteps(config), []);
    });

    const gke = {
      kind: "gke",
      project: "acme-prod",
      name: "prod",
      location: "europe-west1",
      authorizedNetworks: { deployers: "10.128.8.0/26" },
    };
    const with_ = (prometheus: Raw, more: Raw = {}) => ({ metrics: { mode: "counters", prometheus, ...more } });
    itRefuses([
      {
        what: "another mode",
        change: { metrics: { mode: "on" } },
        at: ["metrics.mode"],
        says: /off, counters, operator/,
      },
      { what: "an unknown key", change: { metrics: { port: 1 } }, at: ["metrics.port"], says: /Unknown key/ },
      {
        what: "a mesh without EnvoyFilters",
        change: { ...counters, mesh: { kind: "existing", envoyFilters: false } },
        at: ["metrics.mode"],
        says: /this mesh takes none/,
      },
      {
        what: "Google's mesh",
        change: { ...counters, cluster: gke, mesh: { kind: "cloud-service-mesh" } },
        at: ["metrics.mode"],
        says: /this mesh takes none/,
      },
      {
        what: "an Istio whose Envoy cannot count",
        change: { ...counters, mesh: { version: "1.28.9" } },
        at: ["metrics.mode"],
        says: /with Istio 1\.29 or later/,
      },
      {
        what: "a Prometheus in a guarded namespace",
        change: with_({ namespace: "test-app" }),
        at: ["metrics.prometheus.namespace"],
        says: /on the ports of calls only/,
      },
      {
        what: "a Prometheus among the gateways",
        change: with_({ namespace: "istio-egress" }),
        at: ["metrics.prometheus.namespace"],
        says: /to themselves/,
      },
      {
        what: "a Prometheus of any labels",
        change: with_({ selector: {} }),
        at: ["metrics.prometheus.selector"],
        says: /every pod of the namespace/,
      },
      {
        what: "labels that Kubernetes does not take, and one that is set here, all at once",
        change: with_(
          { namespace: "No", selector: { a: "b c" } },
          { labels: { "app.kubernetes.io/managed-by": "me" } },
        ),
        at: [
          "metrics.prometheus.namespace",
          "metrics.prometheus.selector.a",
          'metrics.labels["app.kubernetes.io/managed-by"]',
        ],
        says: /3 problems/,
      },
    ]);

    describe("of more names than one EnvoyFilter has room for", () => {
      const many = (count: number, more: Raw = {}) => ({
        ...counters,
        destinations: {
          many: { hosts: Array.from({ length: count }, (_, index) => `host-${index}.a-service-with-a-name.example`) },
        },
        allow: [{ from: "test-app/app-a", to: "many", owner: "o", reason: "r" }],
        ...more,
      });
      itRefuses([{ what: "2,501 hosts", change: many(2501), at: ["metrics.mode"], says: /5,002 names.*no room/ }]);

      it("are taken up to that, or where nobody is granted them, in an object that an API server takes", () => {
        const config = configOf(many(2500));
        assert.ok(JSON.stringify(named(config, "EnvoyFilter", "egress-gateway")).length < 1_200_000);
        assert.equal(configOf(many(2501, { allow: [] })).metrics.mode, "counters");
        assert.equal(configOf(many(2501, { metrics: { mode: "off" } })).metrics.mode, "off");
      });
    });

    it("are taken with the first Istio that can count, and by a mesh of others", () => {
      assert.equal(configOf({ ...counters, mesh: { version: "1.29.0" } }).metrics.mode, "counters");
      assert.match(metricsSteps(configOf({ ...counters, mesh: { kind: "existing" } })).join(), /Istio 1\.29 or later/);
    });

    it("say in check what is made, and what has to be there for it", () => {
      const said = metricsSteps(configOf(operator)).join("\n");
      assert.match(said, /pods of monitoring with app.kubernetes.io\/name=prometheus may scrape/);
      assert.match(said, /CustomResourceDefinitions have to be installed/);
      assert.match(said, /finds them by release=prom/);
      assert.doesNotMatch(metricsSteps(configOf()).join("\n"), /CustomResourceDefinitions/);
    });

    it("are a setting to diff", () => {
      const { settings } = diffStacks(configOf({}), configOf());
      assert.deepEqual(
        settings.map(({ path, after }) => [path, after]),
        [["istio-egress:metrics.mode", "counters"]],
      );
    });
  });

  describe("counted by a gateway", () => {
    const everyWay = {
      ...counters,
      destinations: {
        web: { hosts: ["www.example.com", "*.below.example"] },
        db: { hosts: ["db.example"], ports: ["5432/tcp"] },
        billing: { hosts: ["api.billing.example"], protocols: ["http"], originate: {} },
        other: { hosts: ["nobody.example"] },
      },
      allow: ["web", "db", "billing"].map((to) => ({ from: "test-app/app-a", to, owner: "o", reason: "r" })),
    };
    const filter = () => named(configOf(everyWay), "EnvoyFilter", "egress-gateway");

    it("have labels that callers do not choose: no Host, no SNI, no path, no address", () => {
      const formats = counted(filter()).flatMap((counter) => Object.entries(labelsOf(counter)));
      const names = new Set(formats.map(([name]) => name));
      assert.deepEqual([...names].sort(), ["at", "caller", "decision", "destination", "outcome", "protocol"]);
      const operators = new Set(formats.flatMap(([, format]) => /^%(\w+)/.exec(format)?.[1] ?? []));
      assert.deepEqual([...operators].sort(), ["CEL", "DOWNSTREAM_PEER_URI_SAN", "DYNAMIC_METADATA", "FILTER_STATE"]);
      for (const [name, format] of formats.filter(([, each]) => each.startsWith("%CEL"))) {
        // An expression chooses among words.
        assert.ok(name === "decision" || name === "outcome", name);
        assert.match(format, /\? '[a-z ]+' : .*'[a-z ]+'\)%$/);
      }
    });

    it("are counted once on each way: http, its own TLS, other ports, and https at each of its listeners", () => {
      const labels = counted(filter()).map(labelsOf);
      assert.deepEqual(labels.map(({ protocol }) => protocol).sort(), [
        "http",
        "http",
        "https",
        "https",
        "https",
        "tcp",
      ]);
      assert.ok(labels.every(({ at }) => at === "gateway"));
    });

    it("tell destinations that are granted, by the names of each way, and nobody else's", () => {
      const prefixes = keysOf(filter(), "prefix_match_map").sort();
      assert.deepEqual(prefixes, ["api.billing.example", "db.example", "www.example.com"]);
      assert.deepEqual(keysOf(filter(), "exact_match_map").sort(), [".below.example", "www.example.com"]);
      const regexes = valuesOf(valuesOf(filter(), "shadow_matcher"), "regex");
      assert.deepEqual(regexes, ["(?i).*[.]below[.]example(:.*)?"]);
      assert.doesNotMatch(JSON.stringify(filter()), /nobody\.example/);
    });

    it("grow with hosts, and not with the edges to them", () => {
      const size = (workloads: number): number => {
        const names = Array.from({ length: workloads }, (_, index) => `w${index}`);
        const workload = { namespace: "test-app", image: "i" };
        const config = configOf({
          ...counters,
          workloads: Object.fromEntries(names.map((name) => [name, workload])),
          destinations: { web: { hosts: ["www.example.com"] } },
          allow: names.map((name) => ({ from: `test-app/${name}`, to: "web", owner: "o", reason: "r" })),
        });
        return JSON.stringify(named(config, "EnvoyFilter", "egress-gateway")).length;
      };
      assert.equal(size(20), size(1));
    });

    it("grow with destinations that have a filter chain of their own, which tells no other's names", () => {
      const size = (count: number): number => {
        const names = Array.from({ length: count }, (_, index) => `slow-${index}`);
        const config = configOf({
          ...counters,
          destinations: Object.fromEntries(
            names.map((name) => [
              name,
              { hosts: [`${name}.example`], protocols: ["https"], timeouts: { connect: "9s" } },
            ]),
          ),
          allow: names.map((to) => ({ from: "test-app/app-a", to, owner: "o", reason: "r" })),
        });
        return keysOf(named(config, "EnvoyFilter", "egress-gateway"), "exact_match_map").length;
      };
      // Each name once in the chain of all others, and once in its own.
      assert.deepEqual([size(1), size(10)], [2, 20]);
    });

    it("tell addresses without a name by how they are asked for, each range by 128 beginnings at most", () => {
      const config = configOf({
        ...counters,
        destinations: { plain: { addresses: ["198.51.100.7", "203.0.112.0/23"], ports: ["5432/tcp"] } },
        allow: [{ from: "test-app/app-a", to: "plain", owner: "o", reason: "r" }],
      });
      const prefixes = keysOf(named(config, "EnvoyFilter", "egress-gateway"), "prefix_match_map");
      assert.deepEqual(prefixes.sort(), ["198.51.100.7:", "203.0.112.", "203.0.113."]);
    });

    it("find the nearest wildcard first", () => {
      const config = configOf({
        ...counters,
        destinations: { far: { hosts: ["*.example.com"] }, near: { hosts: ["*.eu.example.com"] } },
        allow: ["far", "near"].map((to) => ({ from: "test-app/app-a", to, owner: "o", reason: "r" })),
      });
      const matchers = valuesOf(named(config, "EnvoyFilter", "egress-gateway"), "matcher_list")[0].matchers;
      assert.deepEqual(
        matchers.map((each: any) => each.on_match.action.typed_config.name),
        ["near", "far"],
      );
    });
  });

  describe("of rules in report mode", () => {
    const rule = (from: string, mode?: string) => ({
      ...{ from, to: "github", owner: "o", reason: "r" },
      ...(mode === undefined ? {} : { mode }),
    });
    const workload = { namespace: "test-app", image: "i" };
    const withRules = (...allow: Raw[]) =>
      configOf({ ...counters, workloads: { "app-a": workload, "app-b": workload }, allow });
    const reported = (config: StackConfig) =>
      reportedOf(grantsOf(config), "github").map(({ client, but }) => [client.key, ...but.map(({ key }) => key)]);

    it("are those of nobody whom another rule grants the same for good", () => {
      const [a, whole] = ["test-app/app-a", "test-app/*"];
      assert.deepEqual(reported(withRules(rule(a))), []);
      assert.deepEqual(reported(withRules(rule(a, "report"))), [[a]]);
      assert.deepEqual(reported(withRules(rule(a, "report"), rule(whole))), []);
      assert.deepEqual(reported(withRules(rule(a), rule(whole, "report"))), [[whole, a]]);
    });

    it("are counted as would be denied: whole identities before whole namespaces, others as allowed", () => {
      const config = withRules(rule("test-app/app-a"), rule("test-app/*", "report"));
      const matchers = valuesOf(named(config, "EnvoyFilter", "egress-gateway"), "prefix_match_map");
      const matcher = matchers.find(({ map }) => "github.com" in map);
      const { matcher: ofHost } = matcher.map["github.com"];
      const said = (each: any) => each.action.typed_config.action ?? "ALLOW";
      const [own, others] = [ofHost.matcher_tree.exact_match_map.map, ofHost.on_no_match.matcher];
      assert.equal(said(own["spiffe://cluster.local/ns/test-app/sa/app-a"]), "ALLOW");
      assert.equal(said(others.matcher_tree.prefix_match_map.map["spiffe://cluster.local/ns/test-app/sa/"]), "DENY");
      assert.equal(said(others.on_no_match), "ALLOW");
    });

    it("are the only ones that change the words of a counter", () => {
      const formats = (config: StackConfig) => JSON.stringify(counted(named(config, "EnvoyFilter", "egress-gateway")));
      assert.match(formats(withRules(rule("test-app/app-a", "report"))), /would be denied/);
      assert.doesNotMatch(formats(withRules(rule("test-app/app-a"))), /would be denied/);
    });
  });

  it("are counted by the observer, as would be denied or denied", () => {
    const config = configOf({ ...counters, namespaces: { "test-app": { mode: "observe" }, "istio-workload": {} } });
    const labels = counted(named(config, "EnvoyFilter", "egress-observer")).map(labelsOf);
    assert.deepEqual(labels.map(({ protocol, decision }) => `${protocol} ${decision}`).sort(), [
      ...["http would be denied", "https denied", "https would be denied"],
      ...["tcp denied", "tcp would be denied"],
    ]);
    assert.ok(labels.every(({ at, destination }) => at === "observer" && destination === undefined));
  });

  it("are counted by sidecars, only of refusals, and only by those that can", () => {
    const config = configOf();
    const { spec } = objects(config).find(
      ({ kind, metadata }) => kind === "EnvoyFilter" && metadata.namespace === "test-app",
    ) as any;
    const patches = spec.configPatches.filter((patch: unknown) => counted(patch).length > 0);
    assert.ok(counted(patches).every((counter) => labelsOf(counter).decision === "denied"));
    for (const { match } of patches) {
      const since = new RegExp(match.proxy.proxyVersion);
      const of = (...versions: string[]) => versions.map((version) => since.test(version));
      assert.deepEqual(of("1.28.9", "1.9.0", "1.3.0", "1.2.29"), [false, false, false, false]);
      assert.deepEqual(of("1.29.0", "1.31.1", "1.40.0", "1.100.0", "2.0.0"), [true, true, true, true, true]);
    }
  });

  describe("made for those who watch", () => {
    it("let Prometheus, and nobody else, to the gateways' port", () => {
      const { spec } = named(configOf(), "NetworkPolicy", "ingress-from-prometheus");
      assert.deepEqual(spec.ingress, [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
              podSelector: { matchLabels: { "app.kubernetes.io/name": "prometheus" } },
            },
          ],
          ports: [{ protocol: "TCP", port: 15090 }],
        },
      ]);
      const labels = named(configOf(), "Deployment", "egress-gateway").spec.template.metadata.labels;
      assert.ok(spec.podSelector.matchExpressions[0].key in labels);
    });

    it("let Prometheus to sidecars' ports where a namespace says who may call its pods, and nobody else", () => {
      const namespaces = { "test-app": { ingress: { from: [] } }, "istio-workload": {} };
      const policies = (change: Raw) =>
        objects(configOf({ namespaces, ...change })).filter(
          ({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === "ingress-from-others",
        );
      assert.deepEqual(policies({}), []);
      const [policy, ...others] = policies(counters);
      assert.deepEqual([policy!.metadata.namespace, others.length], ["test-app", 0]);
      const { ingress } = policy!.spec as { ingress: { from: { podSelector: object }[]; ports: object[] }[] };
      assert.deepEqual(
        ingress.map(({ from, ports }) => [from[0]!.podSelector, ports]),
        [[{ matchLabels: { "app.kubernetes.io/name": "prometheus" } }, [{ protocol: "TCP", port: 15090 }]]],
      );
    });

    it("are in the roles of those who change and look, where there is something of the operator's", () => {
      const rbac = { change: { groups: ["changers"] }, look: { groups: ["lookers"] } };
      const rules = (change: Raw) =>
        planStack(configOf({ rbac, ...change }))
          .roles.flatMap(
            (role) => (role as unknown as { rules?: { apiGroups: string[]; resources: string[] }[] }).rules ?? [],
          )
          .filter(({ apiGroups }) => apiGroups.includes("monitoring.coreos.com"))
          .map(({ resources }) => resources.join());
      assert.deepEqual(rules(counters), []);
      assert.deepEqual(rules(operator).sort(), ["podmonitors,prometheusrules", "prometheusrules"]);
    });

    it("are nothing of the Prometheus Operator's with `counters`, and all of it with `operator`", () => {
      const kinds = (config: StackConfig) =>
        planStack(config).metrics.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
      assert.deepEqual(kinds(configOf()), ["NetworkPolicy ingress-from-prometheus"]);
      assert.deepEqual(kinds(configOf(operator)), [
        ...["ConfigMap egress-dashboard", "NetworkPolicy ingress-from-prometheus", "PodMonitor egress-gateways"],
        ...["PodMonitor egress-sidecars", "PrometheusRule egress-calls"],
      ]);
      const { metadata } = named(configOf(operator), "PodMonitor", "egress-gateways");
      assert.equal(metadata.labels.release, "prom");
    });

    it("are a dashboard that Grafana can read, of queries about what is counted", () => {
      const { panels } = JSON.parse(named(configOf(operator), "ConfigMap", "egress-dashboard").data["egress.json"]);
      assert.equal(panels.length, 6);
      for (const { targets } of panels) {
        assert.match(targets[0].expr, /envoy_istio_egress_calls|up\{/);
      }
    });

    it("name ten rules of a day and an owner in one alert, and count the rest", () => {
      const dates = Array.from({ length: 2500 }, (_, index) => ({
        what: "ends" as const,
        name: `shop/w${String(index).padStart(4, "0")} → web`,
        at: "2027-07-01T00:00:00Z",
        // The first twelve have one owner.
        owner: index < 12 ? "team-a" : `team-${index}`,
      }));
      const args = {
        namespace: "istio-egress",
        gateways: ["g"],
        namespaces: ["shop"],
        prometheus: { namespace: "m", selector: { a: "b" } },
      };
      const rules = alertRules({ ...args, dates });
      const groups = rules.map(({ spec }) => (spec as any).groups[0].rules);
      assert.deepEqual(
        rules.map(({ metadata }) => metadata.name),
        ["egress-calls", "egress-dates", "egress-dates-2", "egress-dates-3"],
      );
      assert.deepEqual(
        groups.slice(1).map(({ length }) => length),
        [1000, 1000, 489],
      );
      const { annotations } = groups[1].find(({ labels }: any) => labels.owner === "team-a");
      assert.match(annotations.summary, /^12 rules of team-a end at/);
      assert.match(annotations.description, /^shop\/w0000 → web, .*shop\/w0009 → web, and 2 more\./);
      assert.ok(rules.every((rule) => JSON.stringify(rule).length < 1_000_000));
      // As long as names may be, and ten of them in each alert.
      const long = Array.from({ length: 10_000 }, (_, index) => ({
        what: "ends" as const,
        name: `${"n".repeat(63)}/${"w".repeat(63)} → ${"d".repeat(55)}-${index}`,
        at: "2027-07-01T00:00:00Z",
        owner: `team-${index % 1000}`,
      }));
      const parts = alertRules({ ...args, dates: long }).slice(1);
      assert.ok(parts.every((rule) => JSON.stringify(rule).length < 1_100_000));
      const named = parts.flatMap(({ spec }) => (spec as any).groups[0].rules.map(({ labels }: any) => labels.owner));
      assert.equal(new Set(named).size, 1000);
    });

    it("have nothing to do with access that `egress grant` gives for some hours", () => {
      const before = configOf(operator);
      const allow = [
        ...(soundConfig().allow as Raw[]),
        { from: "test-app/app-a", to: "httpbin", owner: "o", reason: "r", expires: "2026-11-22T20:00:00Z" },
      ];
      const keys = objectChanges(before, configOf({ ...operator, allow })).map(({ key }) => key);
      assert.ok(keys.includes("EnvoyFilter/istio-egress/egress-gateway"), keys.join());
      assert.ok(!keys.some((key) => key.startsWith("PrometheusRule")), keys.join());
    });
  });

  describe("of a program of one's own", () => {
    const problems = (plan: () => unknown): string[] => {
      try {
        plan();
        return [];
      } catch (error) {
        assert.ok(error instanceof ArgumentError, String(error));
        return error.problems.map(({ argument }) => argument);
      }
    };
    const metrics = { namespace: "istio-egress", gateways: ["g"], namespaces: ["shop"] };
    const prometheus = { namespace: "monitoring", selector: { app: "prometheus" } };

    it("are refused to a Prometheus of any labels, or one that cannot reach the gateways", () => {
      assert.deepEqual(
        problems(() => planMetrics({ ...metrics, prometheus })),
        [],
      );
      assert.deepEqual(
        problems(() => planMetrics({ ...metrics, prometheus: { ...prometheus, selector: {} } })),
        ["prometheus.selector"],
      );
      assert.deepEqual(
        problems(() => planMetrics({ ...metrics, prometheus: { ...prometheus, namespace: "shop" } })),
        ["prometheus.namespace"],
      );
    });

    it("are refused in a mesh without EnvoyFilters, where nothing would be counted", () => {
      const gateway = { name: "g", namespace: "istio-egress", replicas: 2, counts: [] };
      const namespace = { name: "shop", guardedNamespaces: ["shop"], gatewayNamespace: "istio-egress", counts: true };
      const mesh = { envoyFilters: false };
      assert.deepEqual(
        problems(() => planGateway(gateway)),
        [],
      );
      assert.deepEqual(
        problems(() => planGateway({ ...gateway, mesh })),
        ["counts"],
      );
      assert.deepEqual(
        problems(() => planNamespace(namespace)),
        [],
      );
      assert.deepEqual(
        problems(() => planNamespace({ ...namespace, mesh })),
        ["counts"],
      );
    });
  });
});
