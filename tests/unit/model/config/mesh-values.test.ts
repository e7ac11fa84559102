// Values of the istiod chart that would open the mesh: from a stack's file and to the planner itself.
// Does not prove: that the chart makes of the values that are taken what it should; the lab's tests do.
import assert from "node:assert/strict";
import { planMesh } from "../../../../model";
import { istiodValues } from "../../../../model/ground/mesh/values";
import { problemsOf } from "./refused";

type Values = Record<string, unknown>;

/** The value at a path of sets, written with dots. */
function at(path: string, value: unknown): Values {
  return path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Values;
}

const places = (values: Values) =>
  problemsOf({ mesh: { values } }).map(({ path }) => path.replace("istio-egress:mesh.values.", ""));

const plan = (values: Values) => planMesh({ version: "1.31.1", charts: "/srv/charts", values }).istiod.values;

/** What opens the mesh, and what may stand in the same place. */
const guarded: [path: string, open: unknown[], closed: unknown[]][] = [
  ["meshConfig.outboundTrafficPolicy.mode", ["ALLOW_ANY", null, "", 1, "registry_only"], ["REGISTRY_ONLY"]],
  ["meshConfig.outboundTrafficPolicy", [null, "ALLOW_ANY", []], [{}]],
  ["meshConfig.trustDomain", ["example.org", null], ["cluster.local"]],
  ["meshConfig.trustDomainAliases", [["other.example"], null], [[]]],
  ["meshConfig.rootNamespace", ["shop", null], ["istio-system"]],
  ["meshConfig.discoverySelectors", [[], null, [{ matchLabels: { team: "a" } }]], []],
  ["meshConfig.caCertificates", [[{ pem: "-----" }]], [[]]],
  ["meshConfig.ca.address", ["ca.example.com:443"], [""]],
  ["meshConfig.configSources", [[{ address: "fs:///tmp" }]], [[]]],
  [
    "meshConfig.defaultConfig",
    [null, { discoveryAddress: "x:15012" }, { interceptionMode: "NONE" }],
    [{ concurrency: 2 }],
  ],
  [
    "meshConfig.defaultConfig.proxyMetadata",
    [{ CA_ADDR: "ca.example.com:443" }, null],
    [{ ISTIO_META_DNS_CAPTURE: "true" }],
  ],
  ["meshConfig", [null, "", [], false], [{ enableTracing: true }]],
  ["revision", ["canary"], [""]],
  ["configMap", [false, null], [true]],
  ["profile", ["remote", "ambient"], ["demo", "stable"]],
  ["global.profile", ["remote"], ["preview"]],
  ["trustedZtunnelNamespace", ["shop"], ["istio-system"]],
  ["istiodRemote.enabled", [true, "false", 0], [false]],
  ["global", [null, []], [{ logAsJson: true }]],
  ["global.trustDomain", ["example.org"], ["cluster.local"]],
  ["global.istioNamespace", ["mesh"], ["istio-system"]],
  ["global.resourceScope", ["namespace"], ["all"]],
  ["global.omitSidecarInjectorConfigMap", [true, "false", null], [false]],
  ["global.operatorManageWebhooks", [true, "false", "no"], [false]],
  ["global.caAddress", ["ca.example.com:443"], [""]],
  ["global.externalIstiod", [true, "false"], [false]],
  ["global.proxy", [null], [{ logLevel: "info" }]],
  ["global.proxy.clusterDomain", ["example.org"], ["cluster.local"]],
  ["global.proxy.autoInject", ["disabled", null], ["enabled"]],
  ["global.proxy.privileged", [true, "true", "false", null], [false]],
  ["global.proxy.includeIPRanges", ["10.0.0.0/8", "", null], ["*"]],
  ["global.proxy.excludeIPRanges", ["0.0.0.0/0", null], [""]],
  ["global.proxy.includeOutboundPorts", ["8080"], ["", "*"]],
  ["global.proxy.excludeOutboundPorts", ["443"], [""]],
  ["global.proxy.excludeInboundPorts", ["8080"], [""]],
  ["global.proxy.holdApplicationUntilProxyStarts", [], [true, false]],
  ["global.proxy.image", [], ["registry.example.com/istio/proxyv2"]],
  ["global.hub", [], ["registry.example.com/istio"]],
  ["sidecarInjectorWebhook", [null], [{ reinvocationPolicy: "IfNeeded" }]],
  ["sidecarInjectorWebhook.neverInjectSelector", [[{ matchLabels: { a: "b" } }], null], [[]]],
  ["sidecarInjectorWebhook.templates", [{ sidecar: "spec: {}" }, { other: "spec: {}" }], [{}]],
  ["sidecarInjectorWebhook.defaultTemplates", [["other"]], [[]]],
  [
    "sidecarInjectorWebhook.injectedAnnotations",
    [{ "traffic.sidecar.istio.io/excludeOutboundIPRanges": "0.0.0.0/0" }],
    [{ "container.apparmor.security.beta.kubernetes.io/istio-proxy": "unconfined" }],
  ],
  ["env", [null], [{ PILOT_ENABLE_ALPN_FILTER: "false" }]],
  ["env.PILOT_SCOPE_GATEWAY_TO_NAMESPACE", ["false", false, null, ""], ["true", true]],
  ["env.PILOT_IGNORE_RESOURCES", ["*.istio.io"], [""]],
  ["env.SHARED_MESH_CONFIG", ["mine"], [""]],
  ["env.ISTIO_WATCH_NAMESPACE", ["shop"], [""]],
  ["env.PILOT_SKIP_VALIDATE_TRUST_DOMAIN", ["true"], ["false"]],
  ["env.CA_TRUSTED_NODE_ACCOUNTS", ["shop/cart"], []],
  ["env.XDS_AUTH", ["false"], ["true"]],
  ["env.TRUSTED_GATEWAY_CIDR", ["0.0.0.0/0", "10.0.0.0/8"], [""]],
  ["env.JWT_RULE", ['{"issuer": "other"}'], [""]],
  ["env.TOKEN_ISSUER", ["https://issuer.example"], [""]],
  ["env.TOKEN_AUDIENCES", ["istio-ca,vault", ""], ["istio-ca"]],
  ["env.INJECT_ENABLED", ["false", false], ["true", true]],
  [
    "envVarFrom",
    [[{ name: "PILOT_SCOPE_GATEWAY_TO_NAMESPACE", value: "false" }], [null]],
    [[{ name: "PROXY_TOKEN", valueFrom: {} }]],
  ],
  ["extraContainerArgs", [["--meshConfig=/tmp/mesh"], ["--domain", "example.org"]], [["--log_as_json=true"]]],
  [
    "volumeMounts",
    [[{ name: "x", mountPath: "/etc/istio/config/mesh" }], [{ name: "x", mountPath: "/etc/" }]],
    [[{ name: "x", mountPath: "/etc/cacerts" }]],
  ],
];

describe("values of the istiod chart", () => {
  for (const [path, open, closed] of guarded) {
    for (const value of open) {
      it(`are refused with ${JSON.stringify(at(path, value))}, by config and plan, and below pilot`, () => {
        assert.deepEqual(places(at(path, value)), [path]);
        assert.throws(
          () => plan(at(path, value)),
          new RegExp(`The mesh cannot be made .*\\n  values\\.${path.replaceAll(".", "\\.")}: `),
        );
        assert.deepEqual(places(at(`pilot.${path}`, value)), [`pilot.${path}`]);
      });
    }
    for (const value of closed) {
      it(`are taken with ${JSON.stringify(at(path, value))}, by config and plan, and below pilot`, () => {
        for (const values of [at(path, value), at(`pilot.${path}`, value)]) {
          assert.deepEqual(places(values), []);
          assert.deepEqual(plan(values), istiodValues(values));
        }
      });
    }
  }

  for (const key of ["defaults", "_internal_defaults_do_not_set", "_original"]) {
    it(`are refused below ${key}, whatever they are`, () => {
      assert.deepEqual(places({ [key]: null }), [key]);
      assert.deepEqual(places({ [key]: { configMap: false } }), [key]);
    });
  }

  it("are refused in another spelling, which Istio reads too", () => {
    const [problem, ...others] = problemsOf({
      mesh: { values: { meshConfig: { outbound_traffic_policy: { mode: "ALLOW_ANY" } } } },
    });
    assert.deepEqual(others, []);
    assert.match(problem!.fix!, /write it as "outboundTrafficPolicy"/);
    assert.deepEqual(places({ pilot: { meshConfig: { trust_domain: "example.org" } } }), [
      "pilot.meshConfig.trust_domain",
    ]);
    assert.deepEqual(places({ meshConfig: { access_log_file: "" } }), []);
  });

  it("that a program leaves undefined take nothing away unseen", () => {
    for (const values of [
      { meshConfig: undefined },
      { meshConfig: { outboundTrafficPolicy: undefined } },
      { env: { PILOT_SCOPE_GATEWAY_TO_NAMESPACE: undefined } },
    ]) {
      assert.throws(() => plan(values), /The mesh cannot be made/);
    }
    assert.deepEqual(plan({ resources: undefined })["env"], { PILOT_SCOPE_GATEWAY_TO_NAMESPACE: "true" });
  });

  it("are all reported at once, each place once, and never shown by the plan", () => {
    const values = { revision: "hush", meshConfig: { trustDomain: "hush" }, global: { caAddress: "hush" } };
    assert.deepEqual(places(values), ["global.caAddress", "meshConfig.trustDomain", "revision"]);
    assert.throws(
      () => plan(values),
      ({ message }: Error) => message.split("\n").length === 4 && !message.includes("hush"),
    );
  });

  it("may be nothing at all, and nothing below pilot", () => {
    for (const values of [{}, { pilot: null }, { pilot: {} }]) {
      assert.deepEqual(places(values), []);
    }
    assert.deepEqual(places({ pilot: "x" }), ["pilot"]);
  });
});
