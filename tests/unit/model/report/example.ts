import { parseConfig, StackConfig } from "../../../../model";
import { Evidence, evidenceOf, Found } from "../../../../model/report";
import { ingressEvidence, modelIngress } from "../../../../cli/ingress/cells";
import { ingressVerdicts } from "../../../../model/callers";
import { CountedCall } from "../../../../model/traffic";
import { verdicts } from "../../../../model";
import { now, soundConfig } from "../config/sound-config";

const sound = soundConfig();

/** A stack with something of everything that a report tells of. */
export const settings = {
  ...sound,
  workloads: sound.workloads as Record<string, object>,
  namespaces: { ...(sound.namespaces as object), legacy: { existing: true, guard: "inject" } },
  destinations: {
    github: { hosts: ["api.github.com", "github.com"], protocols: ["https"] },
    httpbin: { hosts: ["httpbin.org"] },
    billing: { hosts: ["billing.example"], originate: { methods: ["GET"] }, protocols: ["http"] },
    db: { hosts: ["db.example"], ports: ["5432/tcp", "8080/http", "8443/https"] },
    unused: { hosts: ["unused.example"] },
  },
  outside: { bank: { namespace: "test-app", addresses: ["10.1.2.3"], ports: { http: 80 }, via: "service" } },
  allow: [
    {
      from: "test-app/app-a",
      to: "github",
      owner: "team-a",
      reason: "fetches releases",
      reviewed: "2026-09-01 by alice",
    },
    { from: "test-app/app-a", to: "httpbin", owner: "team-a", reason: "checks <itself>", expires: "2026-11-30" },
    { from: "test-app/app-a", to: "billing", owner: "team-b", reason: "bills", reviewed: "2026-05-22 by bob" },
    { from: "test-app/app-a", to: "db", reason: "orders" },
    { from: "test-app/app-a", to: "bank", owner: "team-b" },
    { from: "istio-workload/hammer", to: "httpbin", owner: "team-h", expires: "2026-11-01" },
  ],
};

export function exampleConfig(change: Record<string, unknown> = {}): StackConfig {
  return parseConfig({ ...settings, ...change }, { now });
}

const identity = (key: string) => `spiffe://cluster.local/ns/${key.replace("/", "/sa/")}`;
const day = (text: string) => Date.parse(`${text}T10:00:00Z`);

/** Calls as they were recorded. */
export const calls: CountedCall[] = [
  {
    identity: identity("test-app/app-a"),
    protocol: "https",
    host: "github.com",
    port: 443,
    outcome: "passed",
    calls: 3,
    first: day("2026-11-20"),
    last: day("2026-11-21"),
  },
  {
    identity: identity("test-app/app-a"),
    protocol: "http",
    host: "httpbin.org",
    port: 80,
    outcome: "passed",
    calls: 2,
    first: day("2026-11-19"),
    last: day("2026-11-19"),
  },
  {
    identity: identity("test-app/app-a"),
    protocol: "https",
    host: "evil.example",
    port: 443,
    outcome: "refused",
    calls: 7,
    first: day("2026-11-18"),
    last: day("2026-11-22"),
  },
  { protocol: "https", host: "github.com", port: 443, outcome: "refused", calls: 1 },
];

const hash = "0".repeat(64);

/** What is found beside the configuration, where nobody is asked. */
export function found(config: StackConfig, change: Partial<Found> = {}): Found {
  const all = verdicts(config);
  const of = (expected: string) => all.filter((verdict) => verdict.expected === expected).length;
  return {
    ...{ stack: "shop", live: false, inputs: [{ name: "Pulumi.shop.yaml", sha256: hash }], source: null },
    ingress: ingressEvidence(modelIngress(ingressVerdicts(config)), { asked: false }),
    ...{ changes: null, cluster: null, picture: { name: "picture.svg", sha256: hash }, now },
    matrix: {
      ...{ file: { name: "matrix.csv", sha256: hash }, asked: false, notAsked: null, calls: all.length },
      ...{
        allow: of("allow"),
        report: of("report"),
        observe: of("observe"),
        deny: of("deny"),
        disagree: null,
        unasked: 0,
        byWorkload: [],
        wrong: [],
      },
    },
    ...change,
  };
}

export function exampleEvidence(change: Partial<Found> = {}): Evidence {
  const config = exampleConfig();
  return evidenceOf(config, found(config, { recorded: { from: "calls.jsonl", calls }, ...change }));
}
