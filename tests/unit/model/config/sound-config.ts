/** A small configuration without a problem, for tests to spoil. Each call gives a copy of its own. */
export function soundConfig(): Record<string, unknown> & { allow: unknown[]; deny: unknown[] } {
  return {
    cluster: { kind: "existing" },
    mesh: {},
    gateway: {},
    namespaces: { "test-app": {}, "istio-workload": {} },
    workloads: {
      hammer: { namespace: "istio-workload", image: "example.com/hammer:1" },
      "app-a": { namespace: "test-app", image: "example.com/app:1", port: 8080 },
    },
    destinations: { github: { hosts: ["github.com"] }, httpbin: { hosts: ["httpbin.org"] } },
    allow: [{ from: "test-app/app-a", to: "github" }],
    deny: ["cnn.com"],
  };
}

/** An exemption from admission without a problem, in that configuration. */
export const soundExemption = {
  rule: "volumes",
  namespace: "test-app",
  serviceAccount: "node-agent",
  owner: "team-node",
  reason: "reads the node's logs",
  expires: "2027-06-30",
};

export const now = new Date("2026-11-22T12:00:00Z");
