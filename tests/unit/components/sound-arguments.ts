// Each component with arguments that are sound, for tests that lay something else in their place.
import {
  Admission,
  EgressClient,
  EgressDestination,
  EgressGateway,
  EgressMetrics,
  EgressNamespace,
  EgressResolver,
  EgressRoles,
  existingMesh,
  InjectedNamespace,
  Mesh,
  OutsideService,
  Workload,
} from "../../../components";

export type Make = (name: string, args: any) => unknown;

/** The parts that others are made with. */
export function parts() {
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
export const sound = ({ egress, gateway, namespace }: ReturnType<typeof parts>): [string, Make, object][] => [
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
  [
    "Admission",
    (name, args) => new Admission(name, args),
    {
      mode: "deny",
      platform: { users: ["ci"], groups: ["system:masters"] },
      gatewayNamespace: "istio-egress",
      gateways: ["egress-gateway"],
      namespaces: ["shop"],
      mesh: { trustDomain: "example.org" },
      workloads: [
        {
          name: "cart",
          namespace: "shop",
          serviceAccount: "cart",
          selector: { app: "cart" },
          granted: true,
          owners: { users: ["argo"], groups: [] },
          bypassed: ["10.10.0.4"],
        },
      ],
      registries: ["docker.io/library"],
      proxyImage: "docker.io/istio/proxyv2",
      audiences: ["vault"],
      exec: true,
      exemptions: [{ rule: "node", namespace: "shop", serviceAccount: "agent" }],
    },
  ],
  [
    "EgressRoles",
    (name, args) => new EgressRoles(name, args),
    {
      gatewayNamespace: "istio-egress",
      gateways: ["egress-gateway"],
      namespaces: ["shop"],
      made: [{ namespace: "shop", name: "cart" }],
      mesh: { trustDomain: "example.org" },
      admission: true,
      resolver: true,
      monitored: true,
      collectorNamespace: "telemetry",
      change: { users: ["ann"], groups: [] },
      deploy: [{ namespace: "shop", users: [], groups: ["devs"] }],
      look: { users: [], groups: ["sre"] },
      probe: { users: ["ann"], groups: ["sre"] },
    },
  ],
];
