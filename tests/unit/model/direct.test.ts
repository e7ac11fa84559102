// What the cluster has itself, named as a destination: from the stack's file to the plan and what is said of it.
// Does not prove: what the mesh makes of it; tests/lab/direct.test.ts does.
import assert from "node:assert/strict";
import { ArgumentError, ConfigError, Manifest, parseConfig, planStack, stackArgs, verdicts } from "../../../model";
import { apiOf, directTable } from "../../../model/config/direct";
import { diffStacks, riskNotes } from "../../../model/diff";
import { explain, readCall } from "../../../model/explain";
import { graphOf } from "../../../model/graph";
import { directKinds } from "../../../model/ground/direct";
import { planEgressNamespace } from "../../../model/plan/egress-namespace";
import { gkeConfig } from "./gke/gke-config";
import { FakeCluster } from "./doctor/cluster";
import { soundConfig } from "./config/sound-config";

type Raw = Record<string, unknown>;

const now = new Date();
const api = { service: "10.96.0.1", endpoints: ["10.0.0.2"], port: 6443 };
const cluster = { kind: "existing", api, workloadIdentity: true };
const destinations = { api: { kind: "kubernetes-api" }, tokens: { kind: "google-metadata" } };
const owned = { owner: "o", reason: "r" };

const raw = (change: Raw = {}): Raw => ({
  cluster,
  namespaces: { shop: {}, tools: { existing: true } },
  workloads: {
    orders: { namespace: "shop", image: "i" },
    cart: { namespace: "shop", image: "i" },
    agent: { namespace: "tools", existing: { serviceAccount: "agent" } },
  },
  destinations,
  allow: [
    { from: "shop/orders", to: "api", ...owned },
    { from: "shop/orders", to: "tokens", ...owned },
    { from: "tools/agent", to: "api", ...owned },
  ],
  ...change,
});

const config = (change?: Raw) => parseConfig(raw(change), { now });

function problems(change: Raw): { path: string; problem: string; fix?: string }[] {
  try {
    config(change);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return [...error.problems];
  }
}

const asked = (from: string, url: string, change?: Raw) => {
  const read = readCall(url);
  assert.ok("call" in read, url);
  return explain(config(change), from, read.call);
};

const objects = (change?: Raw): Manifest[] => {
  const plan = planStack(config(change));
  return [...plan.egress, ...plan.workloads.flatMap(({ manifests }) => manifests)];
};

const found = (all: Manifest[], kind: string, name: string) =>
  all.find((manifest) => manifest.kind === kind && manifest.metadata.name === name) as Record<string, any> | undefined;

describe("a destination with a kind", () => {
  it("is nothing beside its kind, and one of those that there are", () => {
    assert.deepEqual(problems({}), []);
    const wrong = { api: { kind: "kubernetes-api", hosts: ["a.example.com"] } };
    assert.equal(
      problems({ destinations: { ...destinations, ...wrong } })[0]!.path,
      "istio-egress:destinations.api.hosts",
    );
    const [unknown] = problems({ destinations: { ...destinations, api: { kind: "kubernetes" } } });
    assert.match(unknown!.problem, /Not a kind/);
    const twice = { ...destinations, again: { kind: "kubernetes-api" } };
    assert.match(problems({ destinations: twice })[0]!.problem, /of this kind already/);
  });

  it("is granted to workloads, and never to a whole namespace, nor in report mode, nor behind a gateway", () => {
    for (const to of Object.keys(destinations)) {
      const [whole, ...more] = problems({ allow: [{ from: "shop/*", to, ...owned }] });
      assert.equal(whole?.path, "istio-egress:allow[0].from");
      assert.match(whole.fix!, /name the workloads/);
      assert.deepEqual(more, []);
      assert.match(
        problems({ allow: [{ from: "shop/cart", to, ...owned, mode: "report" }] })[0]!.problem,
        /no gateway/,
      );
      assert.match(problems({ gateways: { own: { destinations: [to] } } })[0]!.problem, /no gateway leads to it/);
      assert.deepEqual(problems({ allow: [{ from: "shop/cart", to, ...owned }] }), []);
    }
  });

  it("needs to be known of the cluster", () => {
    const without = { kind: "existing", workloadIdentity: true };
    assert.deepEqual(
      problems({ cluster: without }).map(({ path }) => path),
      ["istio-egress:cluster.api"],
    );
    const [metadata, ...more] = problems({ cluster: { kind: "existing", api } });
    assert.match(metadata!.problem, /the node's tokens/);
    assert.deepEqual(more, []);
  });

  const wrong: [change: object, problem: RegExp][] = [
    [{ service: "10.96.0.0/16" }, /Not an IPv4 address/],
    [{ endpoints: ["api.example.com"] }, /nor a range/],
    [{ endpoints: ["10.0.0.0/8"] }, /Too wide/],
    [{ endpoints: ["127.0.0.1"] }, /no API server/],
    [{ endpoints: ["169.254.169.254"] }, /no API server/],
    [{ endpoints: ["10.0.0.3/28"] }, /middle of a range/],
  ];
  for (const [change, problem] of wrong) {
    it(`has the API's addresses right: ${JSON.stringify(change)}`, () => {
      const [first, ...more] = problems({ cluster: { ...cluster, api: { ...api, ...change } } });
      assert.match(first!.problem, problem);
      assert.match(first!.path, /cluster\.api\./);
      assert.deepEqual(more, []);
    });
  }

  it("keeps the API's own addresses out of every other grant", () => {
    const ldap = { namespace: "shop", addresses: ["10.0.0.2"], via: "bypass" };
    assert.match(problems({ outside: { ldap } })[0]!.problem, /cluster itself/);
    assert.deepEqual(problems({ outside: { ldap: { ...ldap, addresses: ["10.0.0.3"] } } }), []);
  });
});

describe("on GKE", () => {
  it("the API is where the network has it, and the metadata server wherever nodes' own is not exposed", () => {
    const gke = gkeConfig();
    const { services, controlPlane } = gke.network;
    assert.deepEqual(apiOf(gke), {
      service: services.replace(/\.0\/\d+$/, ".1"),
      endpoints: [controlPlane],
      port: 443,
    });
    assert.equal(directTable["google-metadata"].problem(gke), undefined);
    const exposed = { ...gke, relax: { exposedNodeMetadata: "a reason" } };
    assert.match(directTable["google-metadata"].problem(exposed)!.problem, /nodes' own metadata server/);
  });
});

describe("the plan of the cluster's own", () => {
  it("opens for each workload's pods what is granted to it, by its labels", () => {
    const all = objects();
    assert.deepEqual(found(all, "NetworkPolicy", "egress-of-orders")!.spec, {
      podSelector: { matchLabels: { app: "orders" } },
      policyTypes: ["Egress"],
      egress: [
        { to: [{ ipBlock: { cidr: "10.96.0.1/32" } }], ports: [{ protocol: "TCP", port: 443 }] },
        { to: [{ ipBlock: { cidr: "10.0.0.2/32" } }], ports: [{ protocol: "TCP", port: 6443 }] },
        { to: [{ ipBlock: { cidr: "169.254.169.254/32" } }], ports: [{ protocol: "TCP", port: 80 }] },
        { to: [{ ipBlock: { cidr: "169.254.169.252/32" } }], ports: [{ protocol: "TCP", port: 988 }] },
      ],
    });
    assert.equal(found(all, "NetworkPolicy", "egress-of-agent")!.spec.egress.length, 2);
    assert.equal(found(all, "NetworkPolicy", "egress-of-cart"), undefined);
  });

  it("tells sidecars of the API as bytes, without mutual TLS, and those only that are granted it", () => {
    const all = objects();
    const host = "kubernetes.default.svc.cluster.local";
    const { spec } = found(all, "ServiceEntry", host)!;
    assert.deepEqual([spec.addresses, spec.exportTo], [["10.96.0.1"], ["shop", "tools"]]);
    assert.deepEqual(spec.ports, [{ name: "tcp-443", number: 443, protocol: "TCP" }]);
    assert.deepEqual(found(all, "DestinationRule", host)!.spec.trafficPolicy, { tls: { mode: "DISABLE" } });
    const hosts = (name: string) => found(all, "Sidecar", name)!.spec.egress[0].hosts as string[];
    assert.ok(hosts("orders").includes(`istio-egress/${host}`));
    assert.ok(!hosts("cart").includes(`istio-egress/${host}`));
    // Granted to nobody it is not there.
    assert.equal(found(objects({ allow: [] }), "ServiceEntry", host), undefined);
  });

  it("mounts a token where the API is granted, and has the metadata server past the sidecar", () => {
    const template = (name: string, change?: Raw) => found(objects(change), "Deployment", name)!.spec.template;
    assert.equal(template("orders").spec.automountServiceAccountToken, true);
    assert.equal(template("cart").spec.automountServiceAccountToken, false);
    const annotation = "traffic.sidecar.istio.io/excludeOutboundIPRanges";
    assert.equal(template("orders").metadata.annotations[annotation], "169.254.169.254/32");
    const own = {
      ...(raw().workloads as Raw),
      orders: { namespace: "shop", image: "i", pod: { spec: { automountServiceAccountToken: false } } },
    };
    assert.equal(template("orders", { workloads: own }).spec.automountServiceAccountToken, false);
  });

  it("takes no gateway, and nothing of what is beside the mesh", () => {
    const args = stackArgs(config());
    assert.deepEqual([args.destinations, args.outside], [[], []]);
  });

  it("is refused to a program where it could mean another thing", () => {
    const of = (known: object) =>
      planEgressNamespace({ name: "out", guardedNamespaces: ["shop"], known: [known as never] });
    const sound = {
      host: "kubernetes.default.svc.cluster.local",
      addresses: ["10.96.0.1"],
      ports: { https: 443 },
      namespaces: ["shop"],
    };
    assert.ok(of(sound).length > 0);
    for (const change of [{ addresses: [] }, { addresses: ["10.0.0.0/8"] }, { namespaces: [] }, { host: "*" }]) {
      assert.throws(() => of({ ...sound, ...change }), ArgumentError);
    }
  });
});

describe("what is said of the cluster's own", () => {
  it("is the same by explain and by verdicts, and every object of a way is planned", () => {
    const plan = planStack(config());
    const planned = new Set(
      [...plan.egress, ...[...plan.workloads, ...plan.namespaces].flatMap(({ manifests }) => manifests)].map(
        ({ kind, metadata: { namespace, name } }) => `${kind}/${namespace}/${name}`,
      ),
    );
    const all = verdicts(config());
    for (const { from, url, expected } of all) {
      const { allowed, way } = asked(from, url);
      assert.equal(allowed, expected === "allow", `${from} ${url}`);
      assert.deepEqual(
        way.flatMap(({ by }) => by).filter((key) => !planned.has(key)),
        [],
      );
    }
    assert.equal(all.filter(({ expected }) => expected === "allow").length, 3);
  });

  it("is by name and by address, with a fix that works", () => {
    for (const url of ["https://kubernetes.default.svc.cluster.local", "https://10.96.0.1"]) {
      assert.ok(asked("shop/orders", url).allowed);
      const { allowed, suggestion } = asked("shop/cart", url);
      assert.equal(allowed, false);
      const allow = [...(raw().allow as object[]), ...suggestion!.add.allow!];
      assert.ok(asked("shop/cart", url, { allow }).allowed);
    }
    assert.ok(asked("shop/orders", "http://metadata.google.internal").allowed);
    assert.equal(asked("shop/orders", "http://10.96.0.1").allowed, false);
    assert.equal(asked("shop/orders", "https://10.0.0.2:6443").allowed, false);
    const { unreachable } = asked("shop/orders", "http://metadata.google.internal", {
      dns: { mode: "allowed-only", address: "10.96.0.53" },
    });
    assert.match(unreachable!, /call 169\.254\.169\.254/);
  });

  it("is in the picture and in differences", () => {
    const nodes = graphOf(config()).nodes.filter(({ kind }) => kind === "service");
    assert.deepEqual(
      nodes.map(({ name }) => name),
      ["api", "tokens"],
    );
    const none = config({ allow: [] });
    assert.equal(diffStacks(none, config()).grants.length, 3);
    assert.ok(riskNotes(diffStacks(none, config())).some(({ about }) => /orders/.test(about)));
  });

  it("is held against the cluster by the doctor", () => {
    const of = (endpoint: string, port = 6443) => {
      const stack = soundConfig();
      const [rule] = stack.allow as { from: string }[];
      const fake = new FakeCluster({
        cluster: { ...(stack.cluster as object), kind: "existing", api },
        destinations: { ...(stack.destinations as object), api: { kind: "kubernetes-api" } },
        allow: [...(stack.allow as object[]), { from: rule!.from, to: "api", ...owned }],
      });
      fake.objects.push(
        {
          apiVersion: "v1",
          kind: "Service",
          metadata: { name: "kubernetes", namespace: "default" },
          spec: { clusterIP: "10.96.0.1" },
        },
        {
          apiVersion: "discovery.k8s.io/v1",
          kind: "EndpointSlice",
          metadata: {
            name: "kubernetes",
            namespace: "default",
            labels: { "kubernetes.io/service-name": "kubernetes" },
          },
          endpoints: [{ addresses: [endpoint] }],
          ports: [{ port }],
        },
      );
      fake.resources.push("endpointslices.discovery.k8s.io");
      return fake.report().findings.filter(({ check }) => check === "api-server");
    };
    assert.deepEqual(of("10.0.0.2"), []);
    assert.match(of("10.0.0.7")[0]!.config!, /endpoints: \[10\.0\.0\.7\], port: 6443/);
    assert.match(of("10.0.0.2", 443)[0]!.config!, /port: 443/);
  });

  it("has a row for every kind", () => {
    assert.deepEqual(Object.keys(directTable).sort(), [...directKinds].sort());
  });
});
