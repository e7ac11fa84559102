// The key `logs`: what the configuration takes, what is planned, and that a collector hears what the log says and no more.
// Does not prove: that Envoy sends it (tests/lab/otel.test.ts does).
import assert from "node:assert/strict";
import { ArgumentError, parseConfig, planGateway, planStack, StackConfig } from "../../../model";
import { logSteps } from "../../../model/config/logs";
import { diffStacks, riskNotes } from "../../../model/diff";
import { plannedObjects } from "../../../model/doctor";
import { FakeCluster, short } from "./doctor/cluster";
import { itRefuses } from "./config/refused";
import { now, soundConfig } from "./config/sound-config";

type Raw = Record<string, unknown>;

const service = "otel-collector.monitoring.svc.cluster.local";
const sent = (change: Raw = {}) => ({ logs: { openTelemetry: { service, ...change } } });
const configOf = (change: Raw = sent()): StackConfig => parseConfig({ ...soundConfig(), ...change }, { now });
const observing = { namespaces: { ...(soundConfig().namespaces as Raw), legacy: { mode: "observe" } } };
// Every kind of listener that writes lines.
const everything = {
  ...observing,
  metrics: { mode: "counters" },
  destinations: {
    ...(soundConfig().destinations as Raw),
    data: { hosts: ["db.example"], ports: ["5432/tcp"] },
    billing: { hosts: ["api.billing.example"], originate: {} },
  },
  allow: [
    ...(soundConfig().allow as Raw[]),
    { from: "test-app/app-a", to: "data", owner: "team-a", reason: "data" },
    { from: "test-app/app-a", to: "billing", owner: "team-a", reason: "bills" },
  ],
};

/** Every logger in an object, in order. */
function loggersOf(value: unknown): any[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) => (key === "access_log" ? inner : loggersOf(inner)));
}

const filters = (config: StackConfig) =>
  planStack(config).gateways.flatMap(({ manifests }) => manifests.filter(({ kind }) => kind === "EnvoyFilter"));

describe("logs", () => {
  describe("in the configuration", () => {
    it("go nowhere else where nothing is said of them", () => {
      const config = configOf({});
      assert.deepEqual(config.logs, {});
      assert.deepEqual(logSteps(config), []);
      assert.ok(!JSON.stringify(planStack(config)).includes("open_telemetry"));
      assert.ok(!plannedObjects(planStack(config)).some(({ metadata }) => metadata.name.endsWith("-to-collector")));
    });

    it("have the port of OTLP over gRPC, unless another one is said", () => {
      assert.deepEqual(configOf().logs, { openTelemetry: { service, port: 4317 } });
      assert.deepEqual(configOf(sent({ port: 14317, podPort: 5 })).logs.openTelemetry, {
        service,
        port: 14317,
        podPort: 5,
      });
    });

    const gke = {
      kind: "gke",
      project: "acme-prod",
      name: "prod",
      location: "europe-west1",
      authorizedNetworks: { deployers: "10.128.8.0/26" },
    };
    const at = ["logs.openTelemetry.service"];
    itRefuses([
      { what: "an unknown key", change: { logs: { otel: {} } }, at: ["logs.otel"], says: /Unknown key/ },
      { what: "no Service", change: { logs: { openTelemetry: {} } }, at, says: /service/ },
      { what: "port 0", change: sent({ port: 0 }), at: ["logs.openTelemetry.port"], says: /1/ },
      { what: "a port as text", change: sent({ podPort: "4317" }), at: ["logs.openTelemetry.podPort"], says: /4317/ },
      {
        what: "a short name, with the full one",
        change: sent({ service: "otel.monitoring" }),
        at,
        says: /write otel\.monitoring\.svc\.cluster\.local/,
      },
      {
        what: "an external host",
        change: sent({ service: "otlp.vendor.example" }),
        at,
        says: /full name of a Service/,
      },
      { what: "an address", change: sent({ service: "10.0.0.1" }), at, says: /full name of a Service/ },
      { what: "a URL", change: sent({ service: `http://${service}:4317` }), at, says: /full name of a Service/ },
      { what: "a pod's name", change: sent({ service: `pod-0.${service}` }), at, says: /full name of a Service/ },
      { what: "upper case", change: sent({ service: service.toUpperCase() }), at, says: /full name of a Service/ },
      {
        what: "a guarded namespace",
        change: sent({ service: "otel.test-app.svc.cluster.local" }),
        at,
        says: /takes? mutual TLS only/,
      },
      {
        what: "the gateways' namespace",
        change: sent({ service: "otel.istio-egress.svc.cluster.local" }),
        at,
        says: /to themselves/,
      },
      {
        what: "a mesh without EnvoyFilters",
        change: { ...sent(), mesh: { kind: "existing", envoyFilters: false } },
        at: ["logs.openTelemetry"],
        says: /this mesh takes none/,
      },
      {
        what: "Google's mesh",
        change: { ...sent(), cluster: gke, mesh: { kind: "cloud-service-mesh" } },
        at: ["logs.openTelemetry"],
        says: /this mesh takes none/,
      },
      {
        what: "an older Istio",
        change: { ...sent(), mesh: { version: "1.28.9" } },
        at: ["logs.openTelemetry"],
        says: /with Istio 1\.29 or later/,
      },
    ]);

    it("are sent in a mesh of somebody else's, whose version is theirs to know", () => {
      assert.match(logSteps(configOf({ ...sent(), mesh: { kind: "existing" } })).join(), /Istio 1\.29 or later/);
      assert.doesNotMatch(logSteps(configOf()).join(), /1\.29/);
    });

    it("are told of by their namespace and ports", () => {
      assert.match(logSteps(configOf(sent({ podPort: 14317 }))).join(), /local:4317 .*pods of monitoring .*port 14317/);
    });
  });

  describe("in the plan", () => {
    const config = configOf({ ...everything, ...sent() });

    it("have a twin beside each logger that writes lines, with its fields and its condition, and beside no other", () => {
      const loggers = filters(config).map(loggersOf);
      assert.equal(loggers.length, 2);
      for (const each of loggers) {
        const files = each.filter(({ name }) => name === "envoy.access_loggers.file");
        const twins = each.filter(({ name }) => name === "envoy.access_loggers.open_telemetry");
        assert.ok(files.length >= 3);
        assert.deepEqual(
          twins.map(({ filter, typed_config: { body } }) => [
            filter,
            Object.fromEntries(body.kvlist_value.values.map((one: any) => [one.key, one.value.string_value])),
          ]),
          files.map(({ filter, typed_config: { log_format } }) => [filter, log_format.json_format]),
        );
      }
      const without = filters(configOf(everything)).map((filter) => loggersOf(filter).length);
      assert.deepEqual(
        loggers.map((each) => each.filter(({ name }) => name !== "envoy.access_loggers.open_telemetry").length),
        without,
      );
    });

    it("leave queries out, and headers that may hold secrets", () => {
      const text = JSON.stringify(filters(config));
      assert.match(text, /%PATH\(NQ:PATH\)%/);
      assert.doesNotMatch(text, /%REQ\(:PATH|AUTHORIZATION|COOKIE/i);
    });

    it("go to one cluster of each gateway, by the Service's name and port", () => {
      for (const { spec } of filters(configOf({ ...everything, ...sent({ port: 14317 }) })) as any[]) {
        const clusters = spec.configPatches.filter(({ patch }: any) => patch.value?.name === "egress-log-collector");
        assert.equal(clusters.length, 1);
        assert.deepEqual(clusters[0].patch.value.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address, {
          socket_address: { address: service, port_value: 14317 },
        });
      }
    });

    it("open the pods of the collector's namespace to each gateway, on the pods' port only", () => {
      const policies = plannedObjects(planStack(configOf({ ...everything, ...sent({ podPort: 14317 }) }))).filter(
        ({ metadata }) => metadata.name.endsWith("-to-collector"),
      );
      assert.deepEqual(
        policies.map(({ metadata }) => metadata.name),
        ["egress-gateway-to-collector", "egress-observer-to-collector"],
      );
      assert.deepEqual(policies[0]!.spec, {
        podSelector: { matchLabels: { istio: "egress-gateway" } },
        policyTypes: ["Egress"],
        egress: [
          {
            to: [
              {
                namespaceSelector: {
                  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["monitoring"] }],
                },
              },
            ],
            ports: [{ protocol: "TCP", port: 14317 }],
          },
        ],
      });
    });

    it("are read by whoever may look, in the collector's namespace too, whichever it is", () => {
      for (const namespace of ["monitoring", "istio-system", "kube-system"]) {
        const { roles } = planStack(
          configOf({
            ...sent({ service: `otel.${namespace}.svc.cluster.local` }),
            rbac: { look: { groups: ["on-call"] } },
          }),
        );
        const here = roles.filter(({ kind, metadata }) => kind === "Role" && metadata.namespace === namespace);
        assert.equal(here.length, 1);
        assert.match(JSON.stringify(here), /"services"/);
      }
    });
  });

  describe("of a gateway of one's own", () => {
    const gateway = { name: "egress-gateway", namespace: "istio-egress", replicas: 2 };
    const refused = (collector: any, mesh = {}) => {
      try {
        planGateway({ ...gateway, mesh, collector });
      } catch (error) {
        assert.ok(error instanceof ArgumentError);
        return error.problems.map(({ argument }) => argument);
      }
      return [];
    };

    it("are held to the same", () => {
      assert.deepEqual(refused({ service }), []);
      assert.deepEqual(refused({ service: "vendor.example" }), ["collector.service"]);
      assert.deepEqual(refused({ service: "otel.istio-egress.svc.cluster.local" }), ["collector.service"]);
      assert.deepEqual(refused({ service, port: 0, podPort: "1" }), ["collector.port", "collector.podPort"]);
      assert.deepEqual(refused({ service }, { envoyFilters: false }), ["collector"]);
      assert.deepEqual(refused("otel"), ["collector"]);
    });
  });

  it("are a change that somebody should look at, on and off", () => {
    const risks = (before: StackConfig, after: StackConfig) => JSON.stringify(riskNotes(diffStacks(before, after)));
    assert.match(risks(configOf({}), configOf()), /in plain text/);
    assert.match(risks(configOf(), configOf({})), /hears of no call any more/);
    assert.doesNotMatch(risks(configOf(), configOf()), /collector/);
  });

  describe("to the doctor", () => {
    /** A cluster with a sound collector, after something was spoilt. */
    function found(spoil: (cluster: FakeCluster) => void, change: Raw = {}): string[] {
      const cluster = new FakeCluster(sent(change));
      const ports = [{ name: "otlp", port: 4317, protocol: "TCP" }];
      cluster.add("v1", "Service", "monitoring/otel-collector", { spec: { ports: structuredClone(ports) } });
      cluster.add(
        "discovery.k8s.io/v1",
        "EndpointSlice",
        "monitoring/otel-collector-1",
        { ports, endpoints: [{ addresses: ["10.1.2.3"], conditions: { ready: true } }] },
        { labels: { "kubernetes.io/service-name": "otel-collector" } },
      );
      spoil(cluster);
      const { findings } = cluster.report();
      return findings.map((finding) => `${short(finding)}: ${finding.problem} ${finding.config ?? ""}`);
    }

    it("are sound with a collector that listens where it is dialled", () => {
      assert.deepEqual(
        found(() => undefined),
        [],
      );
    });

    for (const [what, spoil, says, change] of [
      ["no Service", (cluster) => cluster.delete("Service", "otel-collector"), /is not there/],
      ["no such port", () => undefined, /has no port 4318/, { port: 4318 }],
      ["no pod", (cluster) => cluster.delete("EndpointSlice", "otel-collector-1"), /no pod that answers/],
      [
        "no endpoint, as the API server says it",
        (cluster) => Object.assign(cluster.get("EndpointSlice", "otel-collector-1"), { endpoints: null, ports: null }),
        /no pod that answers/,
      ],
      [
        "no pod that is ready",
        (cluster) => (cluster.get("EndpointSlice", "otel-collector-1").endpoints[0].conditions.ready = false),
        /no pod that answers/,
      ],
      [
        "pods that listen elsewhere",
        (cluster) => (cluster.get("EndpointSlice", "otel-collector-1").ports[0].port = 14317),
        /opens 4317.*podPort: 14317/,
      ],
    ] as [string, (cluster: FakeCluster) => unknown, RegExp, Raw?][]) {
      it(`have ${what} found`, () => {
        const problems = found((cluster) => void spoil(cluster), change);
        assert.equal(problems.length, 1, problems.join("\n"));
        assert.match(problems[0]!, /^warning Service monitoring\/otel-collector \(collector\)/);
        assert.match(problems[0]!, says);
      });
    }

    it("are sound again with the port that the finding says", () => {
      const listening = (cluster: FakeCluster) =>
        void (cluster.get("EndpointSlice", "otel-collector-1").ports[0].port = 14317);
      assert.deepEqual(found(listening, { podPort: 14317 }), []);
    });
  });
});
