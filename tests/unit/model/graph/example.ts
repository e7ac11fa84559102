import { parseConfig, StackConfig } from "../../../../model";
import { SeenCall } from "../../../../model/graph";
import { now } from "../config/sound-config";

/** What nobody should put into a reason, and what must come out as nothing but text. */
export const nasty = `</script><b onclick="x()">&amp; "quoted" 'too' \`tick\` #35; ]]> -->`;

/**
 * Every kind of node and edge: two gateways, both ways past them, a rule without an owner, a workload without rules, a
 * namespace that lets some in, and one that nothing closes.
 */
export function exampleConfig(): StackConfig {
  const image = "registry.example/app:1";
  return parseConfig(
    {
      cluster: { kind: "existing" },
      namespaces: {
        "test-app": {
          ingress: {
            from: [
              { namespace: "monitoring", selector: { app: "prometheus" }, ports: [15020, 15090] },
              { addresses: ["10.128.9.0/28"], reason: "calls a webhook" },
            ],
          },
        },
        payments: {},
      },
      workloads: {
        "app-a": { namespace: "test-app", image },
        "app-b": { namespace: "test-app", image },
        idle: { namespace: "test-app", image },
        checkout: { namespace: "payments", image },
      },
      destinations: {
        github: { hosts: ["github.com", "api.github.com"] },
        google: { hosts: ["google.com"] },
        acquirer: { hosts: ["api.acquirer.example"], protocols: ["https"] },
      },
      gateways: { "payments-gateway": { destinations: ["acquirer"] } },
      outside: {
        "svc-foo": { namespace: "test-app", addresses: ["10.10.0.4"], via: "service" },
        "svc-bar": { namespace: "test-app", addresses: ["10.10.0.5"], ports: { http: 8080 }, via: "bypass" },
      },
      allow: [
        { from: "test-app/app-a", to: "github", owner: "team-a", reason: "fetches releases", expires: "2027-06-30" },
        { from: "test-app/app-b", to: "google", reason: nasty },
        { from: "payments/checkout", to: "acquirer", owner: "team-payments", reason: "takes payments" },
        { from: "test-app/app-a", to: "svc-foo", owner: "team-a", reason: "the old inventory" },
        { from: "test-app/app-b", to: "svc-bar", owner: "team-b" },
      ],
      deny: ["cnn.com"],
    },
    { now },
  );
}

/** Calls of every kind to it: allowed, refused on an open way, without a rule, to hosts and from callers unknown. */
export function exampleCalls(): SeenCall[] {
  let minute = 10;
  const call = (from: string, host: string, allowed: boolean, more: Partial<SeenCall> = {}): SeenCall => {
    const time = `2026-11-22T11:${minute++}:00.000Z`;
    return { time, from, host, allowed, protocol: "https", gateway: "egress-gateway", ...more };
  };
  return [
    ...Array<SeenCall>(12).fill(call("test-app/app-a", "github.com", true)),
    call("test-app/app-a", "api.github.com", true, { protocol: "http" }),
    call("payments/checkout", "api.acquirer.example", true, { gateway: "payments-gateway" }),
    call("payments/checkout", "api.acquirer.example", false, { gateway: "payments-gateway", protocol: "http" }),
    call("test-app/app-a", "google.com", false),
    call("test-app/app-b", "cnn.com", false),
    call("test-app/idle", "elsewhere.example", false),
    call("test-app/idle", "", false),
    call("test-app/app-b", "github.com", true),
    call("spiffe://other.example/ns/x/sa/y", "github.com", false),
    call("10.4.7.9:41234", "github.com", false),
    call("10.4.7.9:41236", "github.com", false),
  ];
}

/** 60 workloads in 6 namespaces, 200 hosts in 50 destinations behind 3 gateways, 180 rules. */
export function largeConfig(): StackConfig {
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
  const pad = (value: number) => String(value).padStart(2, "0");
  return parseConfig(
    {
      cluster: { kind: "existing" },
      namespaces: Object.fromEntries(numbers(6).map((index) => [`domain-${index}`, {}])),
      workloads: Object.fromEntries(
        numbers(60).map((index) => [
          `service-${pad(index)}`,
          { namespace: `domain-${index % 6}`, image: "registry.example/app:1" },
        ]),
      ),
      destinations: Object.fromEntries(
        numbers(50).map((index) => [
          `partner-${pad(index)}`,
          { hosts: numbers(4).map((host) => `api-${host}.partner-${pad(index)}.example`), protocols: ["https"] },
        ]),
      ),
      gateways: {
        "bulk-gateway": { destinations: numbers(10).map((index) => `partner-${pad(index)}`) },
        "partners-gateway": { destinations: numbers(10).map((index) => `partner-${pad(index + 10)}`) },
      },
      allow: numbers(180).map((index) => ({
        from: `domain-${(index % 60) % 6}/service-${pad(index % 60)}`,
        to: `partner-${pad((index * 7 + Math.floor(index / 60)) % 50)}`,
        owner: `team-${index % 9}`,
        reason: `exchanges documents of kind ${index}`,
      })),
    },
    { now },
  );
}
