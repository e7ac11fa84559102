// Whatever stands in the place of any argument of a component: it is taken, or refused by an ArgumentError that names the
// component; nothing is never taken. Does not prove that what is taken is what was meant: arguments.test.ts has twins.
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import {
  EgressClient,
  EgressDestination,
  EgressGateway,
  EgressMetrics,
  EgressNamespace,
  EgressResolver,
  existingMesh,
  InjectedNamespace,
  Mesh,
  OutsideService,
  Workload,
} from "../../../components";
import { ArgumentError } from "../../../model";
import { RecordingEngine } from "./register";

type Place = readonly (string | number)[];
type Make = (name: string, args: any) => unknown;

/** The parts that others are made with. */
function parts() {
  const egress = new EgressNamespace("egress", { mesh: existingMesh(), guardedNamespaces: ["shop"] });
  const gateway = new EgressGateway("gateway", {
    namespace: egress,
    ports: [5432],
    originates: [{ destination: "billing", hosts: ["api.billing.example"] }],
    privateHosts: [{ destination: "db", hosts: ["db.corp.example"], ranges: ["10.20.0.0/16"], ports: [5432] }],
    proxies: [
      { destination: "partner", hosts: ["api.partner.example"], proxy: "proxy.corp.example:3128", ports: [443] },
    ],
  });
  return { egress, gateway, namespace: new InjectedNamespace("shop", { egress, namespace: "shop" }) };
}

const clients = [
  { namespace: "shop", serviceAccount: "cart" },
  { namespace: "shop", everyServiceAccount: true },
];

/** Each component, how it is made, and arguments without a problem. */
const sound = ({ egress, gateway, namespace }: ReturnType<typeof parts>): [string, Make, object][] => [
  [
    "Mesh",
    (name, args) => new Mesh(name, args),
    {
      version: "1.31.1",
      charts: "https://charts.example.com",
      forceClientMtls: false,
      discovered: ["legacy"],
      resolver: { address: "10.96.0.53", namespaces: [{ name: "payments", except: [{ app: "x" }] }] },
    },
  ],
  [
    "EgressNamespace",
    (name, args) => new EgressNamespace(name, args),
    {
      mesh: existingMesh(),
      namespace: "out",
      guardedNamespaces: ["shop", "office"],
      resolvers: ["169.254.20.10"],
      dnsPort: 5353,
      known: [
        {
          host: "kubernetes.default.svc.cluster.local",
          addresses: ["10.96.0.1"],
          ports: { https: 443 },
          namespaces: ["shop"],
        },
      ],
    },
  ],
  [
    "EgressGateway",
    (name, args) => new EgressGateway(name, args),
    {
      namespace: egress,
      gateway: "egress-own",
      replicas: 2,
      maxReplicas: 4,
      ports: [5432],
      idleTimeout: "8h",
      originates: [{ destination: "billing", hosts: ["api.billing.example"] }],
      privateHosts: [{ destination: "wiki", hosts: ["wiki.corp.example"], ranges: ["10.20.0.0/16"], ports: [443] }],
      addresses: ["198.51.100.0/24"],
      timedHosts: [{ destination: "slow", hosts: ["slow.billing.example"], ports: [443], connect: "10s" }],
      proxies: [
        { destination: "partner", hosts: ["api.partner.example"], proxy: "proxy.corp.example:3128", ports: [443] },
      ],
      placement: {
        nodeSelector: { pool: "out" },
        tolerations: [{ key: "pool", operator: "Equal", value: "out", effect: "NoSchedule" }],
        zones: 3,
      },
      wildcards: [{ host: "*.cnn.com", except: ["admin.cnn.com"] }],
      ends: [{ destination: "github", hosts: ["github.com"], clients: [clients[0]], until: "2027-07-01T00:00:00Z" }],
      counts: [{ destination: "github", hosts: ["github.com"], protocols: ["http", "https"] }],
      collector: { service: "otel-collector.monitoring.svc.cluster.local", port: 4317 },
    },
  ],
  [
    "InjectedNamespace",
    (name, args) => new InjectedNamespace(name, args),
    {
      egress,
      namespace: "office",
      labels: { team: "a" },
      existing: false,
      guard: "enforce",
      guardedNamespaces: ["office", "shop"],
      peers: ["legacy"],
      hosts: ["github.com"],
      observed: "nobody",
      ingress: { from: [{ namespace: "ingress", selector: { app: "x" }, ports: [8080] }] },
      counts: true,
    },
  ],
  [
    "Workload",
    (name, args) => new Workload(name, args),
    {
      namespace,
      workload: "cart",
      image: "cart:3",
      port: 8080,
      ports: { metrics: 9090 },
      replicas: 2,
      command: ["a"],
      args: ["b"],
      env: { A: "b" },
      pod: { metadata: { labels: { a: "b" } }, spec: { terminationGracePeriodSeconds: 5 } },
      serviceAccountAnnotations: { a: "b" },
      hosts: ["github.com"],
      bypassed: ["10.10.0.4"],
      tunnels: true,
    },
  ],
  [
    "Workload",
    (name, args) => new Workload(name, args),
    {
      namespace,
      workload: "till",
      existing: { serviceAccount: "till-sa", selector: { app: "till" } },
      hosts: ["a.dev"],
    },
  ],
  [
    "EgressClient",
    (name, args) => new EgressClient(name, args),
    { namespace, serviceAccount: "clock", selector: { app: "clock" }, client: "clock" },
  ],
  [
    "OutsideService",
    (name, args) => new OutsideService(name, args),
    {
      namespace,
      service: "ledger",
      addresses: ["10.10.0.4"],
      ports: { http: 80, https: 443 },
      via: "service",
      clientMtls: "disabled",
      clients: ["cart"],
    },
  ],
  [
    "EgressDestination",
    (name, args) => new EgressDestination(name, args),
    {
      gateway,
      destination: "stripe",
      hosts: ["api.stripe.com"],
      protocols: ["http"],
      timeouts: { idle: "1h" },
      clients,
      clientNamespaces: [namespace],
      except: [],
    },
  ],
  ...Object.entries({
    db: { hosts: ["db.corp.example"], ports: ["5432/tcp"], private: ["10.20.0.0/16"] },
    billing: { hosts: ["api.billing.example"], originate: {} },
    partner: { hosts: ["api.partner.example"], via: { proxy: "proxy.corp.example:3128" } },
  }).map(([destination, own]): [string, Make, object] => [
    "EgressDestination",
    (name, args) => new EgressDestination(name, args),
    { gateway, destination, clients, ...own },
  ]),
  [
    "EgressResolver",
    (name, args) => new EgressResolver(name, args),
    { egress, address: "10.96.0.53", image: "i", replicas: 2, zones: ["shop"], hosts: ["github.com"], except: [] },
  ],
  [
    "EgressMetrics",
    (name, args) => new EgressMetrics(name, args),
    {
      egress,
      gateways: ["egress-gateway"],
      prometheus: { namespace: "monitoring", selector: { a: "b" } },
      operator: true,
      labels: { r: "x" },
    },
  ],
];

/** What stands where something else belongs, made of what was there. */
const spoils: [string, (value: unknown) => unknown][] = [
  ["nothing", () => null],
  ["no number", () => NaN],
  ["a function", () => () => 1],
  ["a pattern", () => "*"],
  ["a list of nothing", () => [undefined]],
  ["a set of nothing", () => ({ a: null })],
  ["an Output", (value) => pulumi.output(value)],
];

/** Texts that mean to others whatever they may: to a registry, to the file system, to the program of a workload. */
const isFree = (place: Place) =>
  /^(charts|image|command|args|env|serviceAccountAnnotations|pod)$/.test(String(place[0]));

describe("whatever stands in the place of an argument", () => {
  let shared: ReturnType<typeof parts>;
  let count = 0;

  before(async () => {
    await new RecordingEngine().use();
    shared = parts();
  });

  it("is refused by an error of the component's, or taken; nothing, no number and no pattern are never taken", () => {
    for (const [component, make, args] of sound(shared)) {
      const name = () => `it-${count++}`;
      assert.doesNotThrow(() => make(name(), args), component);
      for (const place of placesIn(args)) {
        for (const [what, spoil] of spoils) {
          const where = `${component}.${place.join(".")}: ${what}`;
          const it = name();
          try {
            make(it, spoiledAt(args, place, spoil));
          } catch (error) {
            assert.ok(error instanceof ArgumentError, `${where}: ${(error as Error).stack}`);
            assert.equal(error.of, `${component} "${it}"`, where);
            assert.ok(error.problems.length > 0, where);
            continue;
          }
          assert.ok(isFree(place) || !/^(nothing|no number|a function|a pattern)$/.test(what), `${where} is taken`);
        }
      }
    }
    assert.ok(count > 1000, `${count}`);
  });
});

/** Every place of the arguments that a component has of its own. */
function placesIn(value: unknown, at: Place = []): Place[] {
  const isPart = value instanceof pulumi.Resource || at[0] === "mesh";
  const inside =
    typeof value === "object" && value !== null && !isPart
      ? Object.entries(value).flatMap(([key, part]) =>
          placesIn(part, [...at, Array.isArray(value) ? Number(key) : key]),
        )
      : [];
  return at.length === 0 ? inside : [at, ...inside];
}

function spoiledAt(value: unknown, [step, ...rest]: Place, spoil: (value: unknown) => unknown): unknown {
  if (step === undefined) {
    return spoil(value);
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? spoiledAt(item, rest, spoil) : item));
  }
  return { ...(value as object), [step]: spoiledAt((value as Record<string, unknown>)[step], rest, spoil) };
}
