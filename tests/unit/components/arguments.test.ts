// What components refuse to be made of, because it could mean another thing than it says; each with a twin that is taken.
// Does not prove: what the cluster would have made of it.
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import {
  Admission,
  EgressClient,
  EgressDestination,
  EgressGateway,
  EgressNamespace,
  EgressRoles,
  existingMesh,
  InjectedNamespace,
  Mesh,
  OutsideService,
  Platform,
  Workload,
} from "../../../components";
import { GkeCluster } from "../../../components/gke";
import { ArgumentError, ConfigError, parseConfig } from "../../../model";
import { planDestination } from "../../../model/plan/destination";
import { soundConfig } from "../model/config/sound-config";
import { labConfig, RecordingEngine, today } from "./register";

type Args = Record<string, unknown>;

/** The parts that others are made with. */
function parts() {
  const mesh = existingMesh();
  const egress = new EgressNamespace("egress", { mesh, guardedNamespaces: ["shop"] });
  const gateway = new EgressGateway("gateway", { namespace: egress });
  const namespace = new InjectedNamespace("shop", { egress, namespace: "shop" });
  return { mesh, egress, gateway, namespace };
}

let shared: ReturnType<typeof parts>;

const client = { namespace: "shop", serviceAccount: "cart" };

/** Each component with sound arguments, over which a test lays its own. */
const made: Record<string, (change: Args) => unknown> = {
  Mesh: (change) => new Mesh("it", { version: "1.31.1", charts: "https://charts.example.com", ...change }),
  EgressNamespace: (change) =>
    new EgressNamespace("it", { mesh: existingMesh(), guardedNamespaces: ["shop"], ...change }),
  EgressGateway: (change) => new EgressGateway("it", { namespace: shared.egress, ...change }),
  InjectedNamespace: (change) => new InjectedNamespace("it", { egress: shared.egress, namespace: "office", ...change }),
  Workload: (change) =>
    new Workload("it", { namespace: shared.namespace, workload: "cart", image: "cart:3", ...change }),
  EgressClient: (change) => new EgressClient("it", { namespace: shared.namespace, serviceAccount: "clock", ...change }),
  OutsideService: (change) =>
    new OutsideService("it", {
      namespace: shared.namespace,
      service: "ledger",
      addresses: ["10.10.0.4"],
      via: "service",
      clients: ["cart"],
      ...change,
    }),
  EgressDestination: (change) =>
    new EgressDestination("it", {
      gateway: shared.gateway,
      destination: "stripe",
      hosts: ["api.stripe.com"],
      clients: [client],
      ...change,
    }),
};

made.Admission = (change) =>
  new Admission("it", {
    ...{ mode: "deny", gatewayNamespace: "istio-egress", gateways: ["egress-gateway"], namespaces: ["shop"] },
    platform: { users: [], groups: ["system:masters"] },
    workloads: [],
    ...change,
  });
made.EgressRoles = (change) =>
  new EgressRoles("it", {
    ...{ gatewayNamespace: "istio-egress", gateways: ["egress-gateway"], namespaces: ["shop", "office"], made: [] },
    ...change,
  });

const admitted = (users: string[], groups: string[] = []) => ({
  workloads: [
    {
      ...{ name: "cart", namespace: "shop", serviceAccount: "cart", selector: { app: "cart" }, granted: true },
      owners: { users, groups },
    },
  ],
});

const existing = (change: Args) => ({
  image: undefined,
  existing: { serviceAccount: "cart-sa", selector: { app: "cart" }, ...change },
});

/** Component, the arguments that are refused, what is named as wrong, and a twin that is taken. */
const cases: [component: string, refused: Args, named: string[], taken: Args][] = [
  ["Mesh", { version: "" }, ["version"], { version: "1.30.2" }],
  ["Mesh", { charts: "" }, ["charts"], { charts: "/srv/charts" }],
  ["Mesh", { discovered: ["*"] }, ["discovered[0]"], { discovered: ["legacy"] }],
  [
    "Mesh",
    { values: { meshConfig: { outboundTrafficPolicy: { mode: "ALLOW_ANY" } } } },
    ["values.meshConfig.outboundTrafficPolicy.mode"],
    { values: { meshConfig: { enableTracing: true } } },
  ],
  ["Mesh", { values: { meshConfig: null } }, ["values.meshConfig"], { values: { resources: null } }],
  ["EgressNamespace", { namespace: "" }, ["namespace"], { namespace: "out" }],
  ["EgressNamespace", { namespace: "kube-system" }, ["namespace"], { namespace: "out-system" }],
  ["EgressNamespace", { guardedNamespaces: ["shop", ""] }, ["guardedNamespaces[1]"], { guardedNamespaces: [] }],
  ["EgressNamespace", { guardedNamespaces: [undefined] }, ["guardedNamespaces[0]"], { guardedNamespaces: ["shop"] }],
  ["EgressNamespace", { resolvers: ["0.0.0.0/0"] }, ["resolvers[0]"], { resolvers: ["169.254.20.10"] }],
  [
    "EgressNamespace",
    { mesh: existingMesh({ trustDomain: "*" }) },
    ["mesh.trustDomain"],
    { mesh: existingMesh({ trustDomain: "example.org" }) },
  ],
  ["EgressGateway", { gateway: "*" }, ["gateway"], { gateway: "egress-github" }],
  ["EgressGateway", { gateway: "default" }, ["gateway"], { gateway: "egress-default" }],
  ["EgressGateway", { replicas: 1 }, ["replicas"], { replicas: 3 }],
  ["EgressGateway", { drain: "2h" }, ["drain"], { drain: "1h" }],
  [
    "InjectedNamespace",
    { namespace: "Office" },
    ["namespace", "guardedNamespaces[0]"],
    { namespace: "office-2", guardedNamespaces: ["office-2"] },
  ],
  ["InjectedNamespace", { guardedNamespaces: [] }, ["guardedNamespaces"], { guardedNamespaces: ["office"] }],
  ["InjectedNamespace", { peers: ["*"] }, ["peers[0]"], { peers: ["legacy"] }],
  ["InjectedNamespace", { hosts: ["*"] }, ["hosts[0]"], { hosts: ["github.com"] }],
  ["InjectedNamespace", { labels: { "istio.io/rev": "old" } }, ["labels.istio.io/rev"], { labels: { team: "a" } }],
  ["InjectedNamespace", { guard: "off" }, ["guard"], { guard: "enforce" }],
  ["Workload", { workload: "*" }, ["workload"], { workload: "till" }],
  ["Workload", { workload: "default" }, ["workload"], { workload: "default-2" }],
  ["Workload", { image: "" }, ["image"], { image: "cart:4" }],
  ["Workload", { port: 0, replicas: -1 }, ["port", "replicas"], { port: 8080, replicas: 0 }],
  ["Workload", { env: { A: 5 } }, ["env.A"], { env: { A: "5" } }],
  ["Workload", { hosts: ["*stripe.com", undefined] }, ["hosts[0]", "hosts[1]"], { hosts: ["api.stripe.com"] }],
  ["Workload", { bypassed: [""] }, ["bypassed[0]"], { bypassed: ["10.10.0.4", "10.10.1.0/28"] }],
  ["Workload", existing({ serviceAccount: "*" }), ["existing.serviceAccount"], existing({})],
  ["Workload", existing({ serviceAccount: "" }), ["existing.serviceAccount"], existing({ serviceAccount: "till.sa" })],
  [
    "Workload",
    existing({ serviceAccount: "default" }),
    ["existing.serviceAccount"],
    existing({ serviceAccount: "own" }),
  ],
  ["Workload", existing({ selector: {} }), ["existing.selector"], existing({ selector: { app: "till" } })],
  [
    "Workload",
    existing({ selector: { app: undefined } }),
    ["existing.selector.app"],
    existing({ selector: { app: "" } }),
  ],
  ["Workload", existing({ serviceAccount: undefined }), ["existing.serviceAccount"], existing({})],
  ["Workload", { image: undefined, existing: "cart-sa" }, ["existing"], existing({})],
  ["Workload", { ...existing({}), port: 8080, env: { A: "b" } }, ["env", "port"], { port: 8080, env: { A: "b" } }],
  ["EgressClient", { serviceAccount: "default" }, ["serviceAccount"], { serviceAccount: "till.sa" }],
  ["EgressClient", { serviceAccount: "*" }, ["serviceAccount"], { serviceAccount: "till" }],
  ["EgressClient", { client: "Clock" }, ["client"], { client: "clock-2" }],
  ["EgressClient", { selector: {} }, ["selector"], { selector: { app: "till" } }],
  ["EgressClient", { selector: { app: undefined } }, ["selector.app"], { selector: { app: "" } }],
  ["Workload", { image: undefined }, ["image"], { image: "cart:3" }],
  [
    "Workload",
    { pod: { spec: { hostNetwork: true } } },
    ["pod.spec.hostNetwork"],
    { pod: { spec: { hostname: "a" } } },
  ],
  ["OutsideService", { service: "dns" }, ["service"], { service: "dns-2" }],
  ["OutsideService", { addresses: ["10.10.0.0/28"] }, ["addresses[0]"], { addresses: ["10.10.0.0/32"] }],
  ["OutsideService", { ports: { http: 80, https: 80 } }, ["ports"], { ports: { http: 80, https: 81 } }],
  ["OutsideService", { service: "" }, ["service"], { service: "books" }],
  ["OutsideService", { addresses: [] }, ["addresses"], { addresses: ["10.10.0.5"] }],
  ["OutsideService", { addresses: ["8.8.8.8"] }, ["addresses[0]"], { addresses: ["192.168.0.1"] }],
  ["OutsideService", { ports: {} }, ["ports"], { ports: { https: 8443 } }],
  ["OutsideService", { clients: [] }, ["clients"], { clients: ["till"] }],
  ["OutsideService", { clients: ["*"] }, ["clients[0]"], { clients: ["till", "cart"] }],
  ["OutsideService", { via: "any" }, ["via"], { via: "bypass" }],
  ["EgressDestination", { destination: "" }, ["destination"], { destination: "pay" }],
  ["EgressDestination", { hosts: [] }, ["hosts"], { hosts: ["api.stripe.com"], protocols: ["http"] }],
  ["EgressDestination", { hosts: ["*"] }, ["hosts[0]"], { hosts: ["js.stripe.com"] }],
  ["EgressDestination", { hosts: ["API.stripe.com"] }, ["hosts[0]"], { hosts: ["api.stripe.com"] }],
  [
    "EgressDestination",
    { hosts: ["a.example.com", "a.example.com"] },
    ["hosts[1]"],
    { hosts: ["a.example.com", "b.example.com"] },
  ],
  ["EgressDestination", { protocols: [] }, ["protocols"], { protocols: ["https"] }],
  ["EgressDestination", { protocols: ["tls"] }, ["protocols[0]"], { protocols: ["https", "http"] }],
  ["EgressDestination", { protocols: ["https", "https"] }, ["protocols[1]"], { protocols: ["https"] }],
  ["EgressDestination", { originate: { path: ["/v1/*"] } }, ["originate.path"], {}],
  ["EgressDestination", { originate: { paths: ["v1"], foo: 1 } }, ["originate.foo"], {}],
  ["EgressDestination", { timeouts: { idel: "1h" } }, ["timeouts.idel"], { timeouts: { idle: "1h" } }],
  ["EgressDestination", { via: { proxy: "p.example.org:1", password: "x" } }, ["via.password"], {}],
  ["EgressDestination", { methods: ["GET"], paths: ["/v1/*"] }, ["methods", "paths"], { protocols: ["http"] }],
  ["EgressDestination", { ports: "5432/tcp" }, ["ports"], {}],
  [
    "EgressGateway",
    { wildcards: [{ host: "*.example.org", exept: ["api.example.org"] }] },
    ["wildcards[0].exept"],
    { wildcards: [{ host: "*.example.org", except: ["api.example.org"] }] },
  ],
  [
    "EgressGateway",
    { originates: [{ destination: "pay", hosts: ["pay.example.org"], cA: "x" }] },
    ["originates[0].cA"],
    { originates: [{ destination: "pay", hosts: ["pay.example.org"] }] },
  ],
  [
    "InjectedNamespace",
    { ingress: { from: [{ namespace: "office", selecter: { app: "a" } }] } },
    ["ingress.from[0].selecter"],
    { ingress: { from: [{ namespace: "front", selector: { app: "a" } }] } },
  ],
  ["EgressDestination", { clients: [] }, ["clients"], { clients: [client] }],
  [
    "Admission",
    { platform: { users: ["*"], groups: ["system:authenticated", "system:serviceaccounts:shop"] } },
    ["platform.users[0]", "platform.groups[0]", "platform.groups[1]"],
    { platform: { users: ["ci@acme.example"], groups: ["system:serviceaccounts:ci"] } },
  ],
  [
    "Admission",
    admitted(["system:serviceaccount:shop:deployer"]),
    ["workloads[0].owners.users[0]"],
    admitted(["system:serviceaccount:argocd:deployer"]),
  ],
  ["Admission", { audiences: ["istio-ca"] }, ["audiences[0]"], { audiences: ["https://vault.acme.example"] }],
  ["Admission", { registries: ["*"] }, ["registries[0]"], { registries: ["docker.io/library"] }],
  [
    "Admission",
    { exemptions: [{ rule: "node", namespace: "shop", serviceAcount: "agent" }] },
    ["exemptions[0].serviceAcount"],
    { exemptions: [{ rule: "node", namespace: "shop", serviceAccount: "agent" }] },
  ],
  [
    "EgressRoles",
    { probe: { users: [], groups: ["system:serviceaccounts"] } },
    ["probe.groups[0]"],
    { probe: { users: [], groups: ["sre@acme.example"] } },
  ],
  [
    "EgressRoles",
    { deploy: [{ namespace: "shop", users: ["system:serviceaccount:office:ci"], groups: [] }] },
    ["deploy[0].users[0]"],
    { deploy: [{ namespace: "shop", users: ["system:serviceaccount:shop:ci"], groups: [] }] },
  ],
  [
    "EgressDestination",
    { clients: [{ namespace: "shop", everyServiceAccount: true, but: ["cart"] }] },
    ["clients[0].but"],
    { clients: [{ namespace: "shop", everyServiceAccount: true }] },
  ],
  ["OutsideService", { ports: { http: 80, htps: 443 } }, ["ports.htps"], { ports: { http: 80, https: 443 } }],
  ["EgressDestination", { clients: null }, ["clients"], { clients: undefined }],
  ["EgressDestination", { clientNamespaces: ["shop"] }, ["clientNamespaces"], { clientNamespaces: [] }],
  ["EgressDestination", { ports: [] }, ["protocols"], { ports: [], protocols: ["https"] }],
  ["EgressDestination", { ports: "5432/tcp" }, ["ports"], { ports: undefined }],
  ["EgressDestination", { hosts: pulumi.output(["api.stripe.com"]) }, ["hosts"], { hosts: ["api.stripe.com"] }],
  ["EgressDestination", { clients: [undefined] }, ["clients[0]"], { clients: [client] }],
  [
    "EgressDestination",
    { clients: [{ ...client, serviceAccount: "*" }] },
    ["clients[0].serviceAccount"],
    { clients: [{ namespace: "shop", everyServiceAccount: true }] },
  ],
  [
    "EgressDestination",
    { clients: [{ ...client, serviceAccount: "" }] },
    ["clients[0].serviceAccount"],
    { clients: [client] },
  ],
  ["EgressDestination", { clients: [{ ...client, namespace: "*" }] }, ["clients[0].namespace"], { clients: [client] }],
  ["EgressDestination", { clients: [{ namespace: "shop" }] }, ["clients[0].serviceAccount"], { clients: [client] }],
  [
    "EgressDestination",
    { clients: [{ namespace: "shop", everyServiceAccount: false }] },
    ["clients[0].everyServiceAccount"],
    { clients: [{ namespace: "shop", everyServiceAccount: true }] },
  ],
  ["EgressDestination", { clients: [{ ...client, everyServiceAccount: true }] }, ["clients[0]"], { clients: [client] }],
];

function refusal(make: () => unknown): ArgumentError {
  try {
    make();
  } catch (error) {
    assert.ok(error instanceof ArgumentError, String(error));
    return error;
  }
  return assert.fail("it was made");
}

describe("arguments of components", () => {
  before(async () => {
    await new RecordingEngine().use();
    shared = parts();
  });

  for (const [component, refused, named, taken] of cases) {
    it(`of ${component}: ${JSON.stringify(refused)} is refused, and ${JSON.stringify(taken)} taken`, () => {
      const { of, problems } = refusal(() => made[component]!(refused));
      assert.equal(of, `${component} "it"`);
      assert.deepEqual(
        problems.map(({ argument }) => argument),
        named,
      );
      assert.doesNotThrow(() => made[component]!(taken));
    });
  }

  it("are all reported in one error, which names the component", () => {
    const { message } = refusal(() =>
      made.EgressDestination!({ hosts: [], clients: [{ ...client, serviceAccount: "*" }] }),
    );
    assert.match(
      message,
      /^EgressDestination "it" cannot be made of 2 arguments that are wrong\.\n {2}hosts: Must not be empty/,
    );
    assert.match(
      message,
      /\n {2}clients\[0\]\.serviceAccount: "\*": A grant is for one identity, and no pattern of them/,
    );
  });

  it("that are not given at all are reported with all the others, as a program in JavaScript may have it", () => {
    const missing: [string, (args: any) => unknown, Args, string[]][] = [
      [
        "EgressNamespace",
        (args) => new EgressNamespace("it", args),
        { namespace: "*" },
        ["mesh", "namespace", "guardedNamespaces"],
      ],
      ["EgressGateway", (args) => new EgressGateway("it", args), { replicas: 1 }, ["namespace", "replicas"]],
      [
        "InjectedNamespace",
        (args) => new InjectedNamespace("it", args),
        { peers: [""] },
        ["egress", "namespace", "guardedNamespaces[0]", "peers[0]"],
      ],
      ["Workload", (args) => new Workload("it", args), { workload: "*", image: "i" }, ["namespace", "workload"]],
      [
        "EgressClient",
        (args) => new EgressClient("it", args),
        { selector: {} },
        ["namespace", "serviceAccount", "selector"],
      ],
      ["OutsideService", (args) => new OutsideService("it", args), { service: "a" }, ["namespace", "addresses", "via"]],
      [
        "EgressDestination",
        (args) => new EgressDestination("it", args),
        { hosts: ["*"] },
        ["gateway", "destination", "hosts[0]"],
      ],
      ["Mesh", (args) => new Mesh("it", args), { discovered: [""] }, ["version", "charts", "discovered[0]"]],
      ["Platform", (args) => new Platform("it", args), {}, ["config"]],
      ["GkeCluster", (args) => new GkeCluster("it", args), {}, ["gke", "externalPorts"]],
    ];
    for (const [component, make, some, named] of missing) {
      const { of, problems } = refusal(() => make(some));
      assert.equal(of, `${component} "it"`);
      assert.deepEqual(problems.map(({ argument }) => argument).sort(), [...named].sort(), component);
      // Without arguments, too.
      assert.ok(refusal(() => make(undefined)).problems.length > 0, component);
    }
    const { problems } = refusal(() => new EgressDestination("it", { gateway: shared.mesh, hosts: [] } as never));
    assert.match(problems[0]!.problem, /^Not an EgressGateway, but something else$/);
  });

  it("of a Platform that is given a stack's file in the place of a configuration say how it is given", () => {
    for (const config of [{ config: labConfig(), secretKeys: [] }, undefined]) {
      const [problem, ...others] = refusal(() => new Platform("it", { config } as never)).problems;
      assert.deepEqual(others, []);
      assert.match(problem!.problem, /^Not a configuration, as in new Platform\("it", readStackConfig\(\)\), but /);
    }
    assert.doesNotThrow(() => new Platform("taken", { config: labConfig(), secretKeys: [] }));
  });

  it("of ports are refused in the configuration's words: two protocols on one port, and one twice", () => {
    const gateway = new EgressGateway("with-ports", { namespace: shared.egress, gateway: "with-ports", ports: [5432] });
    const make = (ports: unknown) => new EgressDestination("it", { ...tried, gateway, ports } as never);
    const tried = { destination: "db", hosts: ["db.example.org"], clients: [client] };
    assert.match(
      refusal(() => make(["5432/tcp", "5432/https"])).problems[0]!.problem,
      /^"5432\/https": ports\[0\] says tcp of the same port, and a port has one protocol; fix: remove one/,
    );
    assert.match(refusal(() => make(["5432/tcp", "5432/tcp"])).problems[0]!.problem, /stands at ports\[0\] already/);
    assert.match(refusal(() => make(["5432"])).problems[0]!.problem, /fix: write "5432\/tcp"$/);
    assert.throws(
      () =>
        planDestination({
          ...{ name: "db", hosts: ["db.example.org"], protocols: [], gateway: gateway.ref, clients: [client] },
          ports: [
            { port: 5432, protocol: "tcp" },
            { port: 5432, protocol: "https" },
          ],
        }),
      /ports\[1\]: The port 5432 stands there already/,
    );
    assert.doesNotThrow(() => make(["5432/tcp"]));
  });

  it("of addresses are refused where one holds another, and taken apart", () => {
    const addresses = ["198.51.100.0/24", "198.51.100.7", "203.0.113.9"];
    const gateway = new EgressGateway("by-address", {
      ...{ namespace: shared.egress, gateway: "by-address", ports: [5432], addresses },
    });
    const make = (given: string[]) =>
      new EgressDestination(`of-${given.length}`, {
        ...{ gateway, destination: "partner", addresses: given, ports: ["5432/tcp"], clients: [client] },
        clientNamespaces: [shared.namespace],
      });
    const { problems } = refusal(() => make(addresses));
    assert.deepEqual(
      problems.map(({ argument }) => argument),
      ["addresses[1]"],
    );
    assert.match(problems[0]!.problem, /^198\.51\.100\.7 holds addresses of 198\.51\.100\.0\/24 as well/);
    assert.doesNotThrow(() => make([addresses[0]!, addresses[2]!]));
  });

  it("of which an object would be made that no API server takes are refused", () => {
    const told = (count: number) => ({
      gateway: "large",
      privateHosts: Array.from({ length: count }, (_, index) => ({
        ...{
          destination: `wiki-${index}`,
          hosts: [`wiki-${index}.corp.example`],
          ranges: ["10.20.0.0/16"],
          ports: [443],
        },
      })),
    });
    const { problems } = refusal(() => made.EgressGateway!(told(400)));
    assert.deepEqual(
      problems.map(({ argument }) => argument),
      ["EnvoyFilter large"],
    );
    assert.match(problems[0]!.problem, /an API server takes 1\.5 MB of one object$/);
    assert.doesNotThrow(() => made.EgressGateway!(told(2)));
  });

  it("are told with a fix that a program can follow, and without what is nobody's to read", () => {
    const of = (change: Args) => refusal(() => made.EgressDestination!(change)).message;
    assert.match(of({ originate: { methods: ["get"] } }), /; fix: write "GET"/);
    assert.match(of({ timeouts: { idle: "1d" } }), /; fix: write "24h"/);
    assert.match(of({ via: { proxy: "https://p.example.org:3128" } }), /; fix: write "p\.example\.org:3128"/);
    assert.doesNotMatch(of({ hosts: ["10.0.0.1"] }), /istio-egress:/);
    for (const change of [
      { hosts: ["https://me:hunter2@api.stripe.com"] },
      { via: { proxy: "http://me:hunter2@p.example.org:3128" } },
      { originate: { clientCertificate: "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----" } },
      { originate: { key: "hunter2" } },
    ]) {
      assert.doesNotMatch(of(change), /hunter2/);
    }
  });

  it("of a service beside the mesh are refused as in a stack's file, in the same words", () => {
    const shapes: [Args, Args][] = [
      [{ addresses: ["10.10.0.0/28"] }, { addresses: ["10.10.0.0/28", "10.10.0.1"], via: "bypass" }],
      [
        { addresses: ["10.10.1.0/28"], via: "bypass" },
        { addresses: ["10.10.0.4"], via: "bypass" },
      ],
      [
        { addresses: ["10.10.0.4", "10.10.0.0/23"], via: "bypass" },
        { addresses: ["10.10.0.4", "10.10.0.0/24"], via: "bypass" },
      ],
      [
        { addresses: ["10.10.0.4", "10.10.0.9/28"], via: "bypass" },
        { addresses: ["10.10.0.4", "10.10.0.16/28"], via: "bypass" },
      ],
      [{ addresses: ["169.254.169.254"] }, { addresses: ["172.16.0.1"] }],
      [{ ports: { http: 90, https: 90 } }, { ports: { http: 90 } }],
      [
        { via: "bypass", clientMtls: "mesh" },
        { via: "service", clientMtls: "mesh" },
      ],
    ];
    const inFile = (change: Args) => {
      const service = { namespace: "istio-workload", addresses: ["10.10.0.4"], via: "service", ...change };
      return () => parseConfig({ ...soundConfig(), outside: { ledger: service } }, { now: today });
    };
    for (const [refused, taken] of shapes) {
      const { problems } = refusal(() => made.OutsideService!(refused));
      assert.throws(inFile(refused), (error) => {
        assert.ok(error instanceof ConfigError, String(error));
        assert.deepEqual(
          error.problems.map(({ path }) => path.replace("istio-egress:outside.ledger.", "")),
          problems.map(({ argument }) => argument),
        );
        error.problems.forEach(({ problem }, index) => assert.ok(problems[index]!.problem.includes(problem), problem));
        return true;
      });
      assert.doesNotThrow(() => made.OutsideService!(taken));
      assert.doesNotThrow(inFile(taken));
    }
  });

  it("are in an error that the engine prints without a stack trace", () => {
    assert.ok(pulumi.RunError.isInstance(refusal(() => made.Mesh!({ version: "" }))));
  });

  it("are in no error where they may be secret", () => {
    const { message } = refusal(() => made.Workload!({ env: { TOKEN: ["hush"] }, port: "hush" }));
    assert.match(message, /env\.TOKEN/);
    assert.doesNotMatch(message, /hush/);
  });
});
