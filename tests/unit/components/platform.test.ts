// Does not prove that an engine or a cluster accepts what is registered: tests/lab does.
import assert from "node:assert/strict";
import { IstioMeshConfig, Manifest, manifestKey, parseConfig, planStack, StackConfig } from "../../../model";
import { manifestsOf } from "../../property/allowlists";
import { labConfig, labSettings, register, registerLab, Registration, title, today } from "./register";

function isObject({ type }: Registration): boolean {
  return type.startsWith("kubernetes:") && !type.startsWith("kubernetes:helm.sh");
}

function sorted(manifests: Manifest[]): Manifest[] {
  return manifests.sort((a, b) => (manifestKey(a) < manifestKey(b) ? -1 : 1));
}

/** Names and inputs of what differs between two registrations. */
function difference(
  before: Registration[],
  after: Registration[],
): { added: string[]; changed: string[]; gone: string[] } {
  const inputs = (registrations: Registration[]) =>
    new Map(registrations.map((registered) => [registered.urn, JSON.stringify(registered.inputs)]));
  const [old, now] = [inputs(before), inputs(after)];
  const name = (urn: string) => `${urn.split("::")[0]!.split(":").at(-1)} ${urn.split("::")[1]}`;
  return {
    added: [...now.keys()]
      .filter((urn) => !old.has(urn))
      .map(name)
      .sort(),
    changed: [...now.keys()]
      .filter((urn) => old.has(urn) && old.get(urn) !== now.get(urn))
      .map(name)
      .sort(),
    gone: [...old.keys()]
      .filter((urn) => !now.has(urn))
      .map(name)
      .sort(),
  };
}

/** The lab's stack with two gateways of destinations' own and two services beside the mesh, in each kind of mesh. */
function wideConfig(mesh: Record<string, unknown>): StackConfig {
  const settings = labSettings();
  const service = { namespace: "istio-workload", addresses: ["10.10.0.4"], via: "service" };
  const rules = ["svc-foo", "svc-bar"].map((to) => ({ from: "istio-workload/hammer", to }));
  const wide = {
    mesh: { ...(mesh.kind === "istio" ? (settings.mesh as object) : {}), ...mesh },
    gateways: {
      "egress-code": { destinations: ["github"], replicas: 3 },
      "egress-search": { destinations: ["google"] },
    },
    outside: { "svc-foo": service, "svc-bar": { ...service, addresses: ["10.10.1.0/28", "10.10.1.4"], via: "bypass" } },
    allow: [...(settings.allow as object[]), ...rules],
  };
  return parseConfig({ ...settings, ...wide }, { now: today });
}

const meshes = [
  { what: "Istio with forced mutual TLS", mesh: { kind: "istio", clientMtls: "forced" } },
  { what: "a mesh that is there already", mesh: { kind: "existing", revision: "1-31", trustDomain: "example.org" } },
  { what: "a mesh without EnvoyFilters", mesh: { kind: "existing", envoyFilters: false } },
];

describe("Platform", () => {
  for (const guard of ["inject", "enforce", "leave"]) {
    it(`registers namespaces that exist as they are planned, with guard: ${guard}`, async () => {
      const settings = labSettings();
      const raw = {
        ...settings,
        namespaces: {
          ...(settings.namespaces as object),
          payments: { existing: true, guard, peers: ["legacy-tools"] },
        },
        workloads: {
          ...(settings.workloads as object),
          checkout: { namespace: "payments", existing: { serviceAccount: "checkout-sa", selector: { tier: "front" } } },
          made: { namespace: "payments", image: "lab.istio-egress.local/made:1" },
        },
        outside: { ledger: { namespace: "payments", addresses: ["10.10.0.9"], via: "bypass" } },
        allow: [
          ...(settings.allow as object[]),
          { from: "payments/*", to: "github" },
          { from: "payments/checkout", to: "ledger" },
        ],
      };
      const config = parseConfig(raw, { now: today });
      const registrations = (await register({ config })).filter(isObject);
      const planned = manifestsOf(planStack(config)).map((manifest) => ({
        ...manifest,
        // A patch is sent as fields of the object itself.
        kind: manifest.kind.replace(/Patch$/, ""),
      }));
      const registered = registrations.map(({ inputs }) => inputs as Manifest);
      assert.deepEqual(sorted(registered), sorted(JSON.parse(JSON.stringify(planned)) as Manifest[]));
      const patches = registrations.filter(({ type }) => type === "kubernetes:core/v1:NamespacePatch");
      assert.deepEqual(
        patches.map(({ name }) => name),
        guard === "leave" ? [] : ["platform-payments/payments"],
      );
      // Whoever is injected from then on is told of all that it may reach.
      patches.forEach(({ waitsFor }) => assert.ok(waitsFor.includes("Sidecar platform-payments/payments/default")));
      // Nothing is registered that would delete the namespace when it goes.
      assert.ok(
        !registrations.some(({ type, inputs }) => type.endsWith(":Namespace") && inputs.metadata.name === "payments"),
      );
    });
  }

  for (const { what, mesh } of meshes) {
    it(`registers gateways and services beside the mesh as they are planned, in ${what}`, async () => {
      const config = wideConfig(mesh);
      const plan = planStack(config);
      assert.deepEqual(
        [plan.gateways, plan.outside].map((owned) => owned.map(({ name }) => name)),
        [
          ["egress-code", "egress-gateway", "egress-search"],
          ["svc-bar", "svc-foo"],
        ],
      );
      const registrations = await register({ config });
      const registered = registrations.filter(isObject).map(({ inputs }) => inputs as Manifest);
      const planned = JSON.parse(JSON.stringify(manifestsOf(plan))) as Manifest[];
      assert.deepEqual(sorted(registered), sorted(planned));
      const components = registrations.filter(({ type }) => /:(EgressGateway|OutsideService)$/.test(type)).map(title);
      assert.deepEqual(components.sort(), [
        "EgressGateway platform-istio-egress/egress-code",
        "EgressGateway platform-istio-egress/egress-gateway",
        "EgressGateway platform-istio-egress/egress-search",
        "OutsideService platform-istio-workload/svc-bar",
        "OutsideService platform-istio-workload/svc-foo",
      ]);
    });
  }

  it("registers every object of the plan once, as it is planned, and no other", async () => {
    const config = labConfig();
    const registered = (await registerLab()).filter(isObject).map(({ inputs }) => inputs as Manifest);
    const planned = JSON.parse(JSON.stringify(manifestsOf(planStack(config)))) as Manifest[];
    assert.deepEqual(sorted(registered), sorted(planned));
  });

  it("registers Istio's releases as they are planned", async () => {
    const { base, istiod } = planStack(labConfig()).mesh!;
    const releases = (await registerLab()).filter(({ type }) => type === "kubernetes:helm.sh/v3:Release");
    for (const planned of [base, istiod]) {
      const release = releases.find(({ inputs }) => inputs.name === planned.name);
      assert.equal(release?.inputs.namespace, planned.namespace);
      assert.equal(release.inputs.chart, planned.chart);
      assert.deepEqual(release.inputs.values, JSON.parse(JSON.stringify(planned.values)));
    }
    assert.equal(releases.length, 2);
  });

  it("asks for the charts' version in a repository, and takes a folder's as it is", async () => {
    const versions = async (charts: string) => {
      const config = labConfig();
      const mesh = { ...(config.mesh as IstioMeshConfig), charts };
      const meshAlone = { ...config, mesh, namespaces: [], workloads: [], allow: [] };
      const registrations = await register({ config: meshAlone });
      return registrations.filter(({ inputs }) => inputs.chart !== undefined).map(({ inputs }) => inputs.version);
    };
    const { version } = labConfig().mesh as IstioMeshConfig;
    assert.deepEqual(await versions("https://charts.example.com"), [version, version]);
    assert.deepEqual(await versions("oci://charts.example.com/istio"), [version, version]);
    assert.deepEqual(await versions("/opt/istio/charts"), [undefined, undefined]);
  });

  it("puts everything on the cluster that the configuration names", async () => {
    const config: StackConfig = {
      ...labConfig(),
      cluster: {
        kind: "existing",
        kubeconfig: "/etc/lab",
        context: "lab",
        dns: { resolvers: [], port: 53 },
      },
    };
    const registrations = await register({ config });
    const provider = registrations.find(({ type }) => type === "pulumi:providers:kubernetes")!;
    assert.equal(provider.inputs.kubeconfig, "/etc/lab");
    assert.equal(provider.inputs.context, "lab");
    const elsewhere = registrations.filter(
      (r) => r.type.startsWith("kubernetes:") && !r.provider.includes("::platform-cluster::"),
    );
    assert.deepEqual(elsewhere, []);
  });

  it("changes a destination's own resources and its clients' Sidecars, and no other, when it gains a host", async () => {
    const before = labConfig();
    const destinations = before.destinations.map((destination) =>
      destination.name === "github" ? { ...destination, hosts: [...destination.hosts, "api.github.com"] } : destination,
    );
    const registered = difference(await registerLab(), await register({ config: { ...before, destinations } }));
    assert.deepEqual(registered, {
      added: ["DestinationRule platform-egress/destinations/istio-egress/api.github.com"],
      changed: [
        "AuthorizationPolicy platform-egress/destinations/istio-egress/allow-github",
        "ServiceEntry platform-egress/destinations/istio-egress/github.hosts",
        "Sidecar platform-test-app/app-a/test-app/app-a",
      ],
      gone: [],
    });
  });

  it("changes one policy and one Sidecar when a workload is granted a destination that others have", async () => {
    const before = labConfig();
    const rule = { from: "test-app/app-b", to: "github", path: "istio-egress:allow[3]" };
    const after = { ...before, allow: [...before.allow, rule] };
    assert.deepEqual(difference(await registerLab(), await register({ config: after })), {
      added: [],
      changed: [
        "AuthorizationPolicy platform-egress/destinations/istio-egress/allow-github",
        "Sidecar platform-test-app/app-b/test-app/app-b",
      ],
      gone: [],
    });
  });

  it("does not care in which order the configuration lists things", async () => {
    const config = labConfig();
    const reversed: StackConfig = {
      ...config,
      namespaces: [...config.namespaces].reverse(),
      workloads: [...config.workloads].reverse(),
      destinations: [...config.destinations].reverse(),
      allow: [...config.allow].reverse(),
    };
    assert.deepEqual(difference(await registerLab(), await register({ config: reversed })), {
      added: [],
      changed: [],
      gone: [],
    });
  });

  it("makes nothing of a configuration in which two objects would have one name", async () => {
    const destinations = { "foo-denies-the-rest": { hosts: ["example.com"] } };
    const allow = [{ from: "test-app/app-a", to: "foo-denies-the-rest" }];
    const gateways = { "allow-bar": { destinations: ["foo-denies-the-rest"] } };
    const config = parseConfig({ ...labSettings(), destinations, allow, gateways }, { now: today });
    assert.ok((await register({ config })).length > 20);
    const renamed = { ...config, gateways: config.gateways.map((gateway) => ({ ...gateway, name: "allow-foo" })) };
    await assert.rejects(
      register({ config: renamed }),
      /^ArgumentError: Platform "platform" cannot be made of 1 argument that is wrong\.\n {2}config: A plan, AuthorizationPolicy\.security\.istio\.io istio-egress\/allow-foo-denies-the-rest: the gateway allow-foo, the destination foo-denies-the-rest would each have an object of this name/,
    );
  });
});
