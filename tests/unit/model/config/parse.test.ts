// What a sound configuration becomes, and how a report reads.
// Does not prove: what any of it does to a cluster.
import assert from "node:assert/strict";
import { ConfigError, parseConfig } from "../../../../model";
import { now, soundConfig } from "./sound-config";

describe("parseConfig", () => {
  it("fills in defaults, puts hosts in lower case and sorts", () => {
    const config = parseConfig(
      {
        namespaces: { "test-app": null, "istio-workload": { labels: { team: "a" } } },
        workloads: {
          hammer: { namespace: "istio-workload", image: "h" },
          app: { namespace: "istio-workload", image: "a" },
        },
        destinations: {
          web: { hosts: ["www.Example.com", "example.com"], protocols: ["https", "https"] },
          api: { hosts: ["api.example.com"] },
        },
        allow: [
          {
            from: "istio-workload/hammer",
            to: "web",
            owner: "team-a",
            reason: "tests",
            expires: "2026-11-22T00:00:00Z",
          },
          { from: "istio-workload/app", to: "api" },
        ],
        deny: ["z.example.com", "CNN.com"],
      },
      { now },
    );
    assert.deepEqual(config, {
      admission: {
        mode: "off",
        platform: { users: [], groups: ["kubeadm:cluster-admins", "system:masters"] },
        registries: [],
        audiences: [],
        exec: "anybody",
        owners: [],
        exemptions: [],
        expired: [],
      },
      breakGlass: { longest: "8h" },
      dns: { mode: "off", replicas: 2 },
      rbac: { deploy: [] },
      logs: {},
      metrics: {
        mode: "off",
        prometheus: { namespace: "monitoring", selector: { "app.kubernetes.io/name": "prometheus" } },
        labels: {},
      },
      cluster: {
        kind: "existing",
        dns: { resolvers: [], port: 53 },
      },
      mesh: {
        kind: "istio",
        version: "1.31.1",
        mtls: "STRICT",
        clientMtls: "auto",
        charts: "https://blob.istio.io/istio-release/charts",
        values: {},
      },
      gateway: { namespace: "istio-egress", replicas: 2 },
      gateways: [],
      direct: [],
      outside: [],
      namespaces: [
        {
          name: "istio-workload",
          labels: { team: "a" },
          existing: false,
          mode: "enforce",
          guard: "enforce",
          peers: [],
        },
        { name: "test-app", labels: {}, existing: false, mode: "enforce", guard: "enforce", peers: [] },
      ],
      workloads: [
        {
          name: "app",
          namespace: "istio-workload",
          serviceAccount: "app",
          selector: { app: "app" },
          made: { image: "a", ports: {}, replicas: 1, env: {}, pod: {}, serviceAccountAnnotations: {} },
        },
        {
          name: "hammer",
          namespace: "istio-workload",
          serviceAccount: "hammer",
          selector: { app: "hammer" },
          made: { image: "h", ports: {}, replicas: 1, env: {}, pod: {}, serviceAccountAnnotations: {} },
        },
      ],
      destinations: [
        { name: "api", hosts: ["api.example.com"], protocols: ["http", "https"], ports: [] },
        { name: "web", hosts: ["example.com", "www.example.com"], protocols: ["https"], ports: [] },
      ],
      allow: [
        { from: "istio-workload/app", to: "api", path: "istio-egress:allow[1]" },
        {
          from: "istio-workload/hammer",
          to: "web",
          owner: "team-a",
          reason: "tests",
          expires: "2026-11-22",
          path: "istio-egress:allow[0]",
        },
      ],
      expired: [],
      deny: [
        { host: "cnn.com", below: true },
        { host: "z.example.com", below: true },
      ],
    });
  });

  it("takes an empty configuration and an empty allowlist: nothing is allowed then", () => {
    assert.deepEqual(parseConfig({}, { now }).allow, []);
    assert.deepEqual(parseConfig({ ...soundConfig(), allow: [] }, { now }).allow, []);
  });

  it("takes a key with nothing behind it for a key that is not there, from YAML and from the engine", () => {
    for (const nothing of [null, ""]) {
      const keys = ["cluster", "mesh", "gateway", "namespaces", "workloads", "destinations", "allow", "deny"];
      const raw = Object.fromEntries(keys.map((key) => [key, nothing]));
      assert.deepEqual(parseConfig(raw, { now }), parseConfig({}, { now }));
    }
  });

  it("leaves what it was given as it was", () => {
    const raw = soundConfig();
    parseConfig(raw, { now });
    assert.deepEqual(raw, soundConfig());
  });

  it("reports in one text: where, the value, what is wrong, what is allowed, what to do", () => {
    const raw = { ...soundConfig(), allow: [{ from: "test-app/app-a", to: "gihub" }, { from: "test-app/app-a" }] };
    assert.throws(
      () => parseConfig(raw, { now }),
      new ConfigError([
        {
          path: "istio-egress:allow[0].to",
          value: "gihub",
          problem: "Not a configured destination",
          allowed: "github, httpbin",
          fix: 'did you mean "github"?',
        },
        { path: "istio-egress:allow[1].to", problem: "Required, but missing", allowed: "a text", fix: "add it" },
      ]),
    );
    assert.throws(() => parseConfig(raw, { now }), {
      message: [
        "The stack's configuration has 2 problems.",
        "",
        '  istio-egress:allow[0].to: "gihub"',
        "    Not a configured destination.",
        "    Allowed: github, httpbin.",
        '    Fix: did you mean "github"?',
        "",
        "  istio-egress:allow[1].to",
        "    Required, but missing.",
        "    Allowed: a text.",
        "    Fix: add it.",
      ].join("\n"),
    });
  });

  it("reports the same, whatever the order of keys in the file", () => {
    const workloads = { a: { image: 1, namespace: "x" }, b: { namespace: "y", image: 2 } };
    const reversed = { b: { image: 2, namespace: "y" }, a: { namespace: "x", image: 1 } };
    const messageOf = (raw: Record<string, unknown>) => {
      try {
        parseConfig(raw, { now });
      } catch (error) {
        return (error as Error).message;
      }
      return undefined;
    };
    const text = messageOf({ workloads, zebra: { a: 1, b: 2 }, alow: [] });
    assert.match(text!, /6 problems/);
    assert.equal(messageOf({ alow: [], zebra: { b: 2, a: 1 }, workloads: reversed }), text);
  });

  it("keeps long values and long lists of names short", () => {
    const destinations = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [`d${i}`, { hosts: [`d${i}.example.com`] }]),
    );
    const raw = { ...soundConfig(), destinations, allow: [{ from: "test-app/app-a", to: "x".repeat(200) }] };
    assert.throws(() => parseConfig(raw, { now }), /x{79}…\n.*and 28 more/s);
  });
});
