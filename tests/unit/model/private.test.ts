// Names that lead into private ranges, from the stack's file to the plan and what is said of them.
// Does not prove: what the mesh makes of it; tests/lab/private.test.ts does.
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ConfigError,
  Manifest,
  parseConfig,
  planDestination,
  planGke,
  planStack,
  privateDestinations,
  stackArgs,
  unreachableHosts,
} from "../../../model";
import { decider, parseEntry } from "../../../model/access-log";
import { diffStacks, riskNotes } from "../../../model/diff";
import { explain, readCall } from "../../../model/explain";
import { graphOf } from "../../../model/graph";
import { edgeFacts } from "../../../model/graph/facts";
import { contains, formatCidr, overlap, parseCidr, without } from "../../../model/ground/cidr";
import { httpEntry } from "./access-log/entries";
import { standings } from "../../../model/traffic/standing";

type Raw = Record<string, unknown>;

const now = new Date();
const wiki = "wiki.corp.example";
const inWiki = { private: ["10.20.0.0/16"] };

const raw = (of: Raw, change: Raw = {}): Raw => ({
  cluster: { kind: "existing", ranges: ["10.244.0.0/16", "10.96.0.0/12"] },
  namespaces: { shop: {} },
  workloads: { orders: { namespace: "shop", image: "i" }, cart: { namespace: "shop", image: "i" } },
  destinations: {
    wiki: { hosts: [wiki], ...of },
    web: { hosts: ["www.example.com"], protocols: ["https"] },
  },
  allow: [
    { from: "shop/orders", to: "wiki", owner: "o", reason: "r" },
    { from: "shop/cart", to: "web", owner: "o", reason: "r" },
  ],
  ...change,
});

const config = (of: Raw = inWiki, change?: Raw) => parseConfig(raw(of, change), { now });

function problems(of: Raw, change?: Raw): { path: string; problem: string; fix?: string }[] {
  try {
    config(of, change);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return [...error.problems];
  }
}

function manifests(of: Raw = inWiki, change?: Raw): Manifest[] {
  const plan = planStack(config(of, change));
  return [...plan.gateways, ...plan.destinations].flatMap((part) => part.manifests);
}

const spec = (all: Manifest[], kind: string, name: string) =>
  all.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)!.spec as Record<string, any>;

const patchesOf = (all: Manifest[]): Record<string, any>[] => spec(all, "EnvoyFilter", "egress-gateway").configPatches;

/** By name, the ranges whose addresses are taken out of a cache's answers. */
function refusedBy(all: Manifest[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const caches: Record<string, string[]> = {};
  JSON.stringify(patchesOf(all), (key, value) => {
    if (key === "dns_cache_config") {
      const ranges: { address_prefix: string; prefix_len: number }[] = value.resolved_address_filter?.ranges ?? [];
      const texts = ranges.map(({ address_prefix, prefix_len }) => `${address_prefix}/${prefix_len}`);
      assert.deepEqual(caches[value.name] ?? texts, texts, "Envoy takes one configuration of a cache");
      caches[value.name] = texts;
      found[value.name.replace(/-[0-9a-f]{8}$/, "")] = texts;
    }
    return value;
  });
  return found;
}

describe("private of a destination", () => {
  const wrong: [ranges: string[], problem: RegExp, fix?: RegExp][] = [
    [["10.20.0.1/16"], /middle of a range/, /"10\.20\.0\.0\/16"/],
    [["10.20"], /Not a range/],
    [["203.0.113.0/24"], /Not private/, /remove it/],
    [["0.0.0.0/0"], /Not private/],
    [["169.254.0.0/16"], /metadata server/, /remove it/],
    [["169.254.169.254/32"], /metadata server/],
    [["127.0.0.1"], /loopback/],
    [["198.18.0.0/15"], /no network of one's own/],
    [["10.244.3.0/24"], /cluster itself: istio-egress:cluster\.ranges\[0\] is 10\.244\.0\.0\/16/, /hosts alone/],
    [["10.0.0.0/8"], /cluster itself/],
    [["10.96.0.1/32"], /cluster itself/],
  ];
  for (const [ranges, problem, fix = /./] of wrong) {
    it(`is refused: ${ranges.join()}`, () => {
      const [first, ...more] = problems({ private: ranges }).filter(({ path }) => path.endsWith("private[0]"));
      assert.match(first!.problem, problem);
      assert.match(first!.fix!, fix);
      // A range may hold two of the cluster's.
      assert.ok(more.length <= 1);
      assert.deepEqual(problems(inWiki), []);
    });
  }

  it("needs the cluster's own ranges, where the stack does not make the cluster", () => {
    const found = problems(inWiki, { cluster: { kind: "existing" } });
    assert.deepEqual(
      found.map(({ path }) => path),
      ["istio-egress:cluster.ranges"],
    );
    assert.deepEqual(problems({}, { cluster: { kind: "existing" } }), []);
  });

  it("is for whole names, and for a mesh that takes EnvoyFilters", () => {
    assert.match(problems({ ...inWiki, hosts: ["*.corp.example"] })[0]!.problem, /whole names/);
    const listed = { mesh: { kind: "existing", envoyFilters: false } };
    assert.match(problems(inWiki, listed)[0]!.problem, /this mesh takes none/);
    assert.deepEqual(problems({}, listed), []);
  });

  it("makes a name of a private network one that is reached", () => {
    const named = { hosts: ["wiki.internal"] };
    assert.equal(unreachableHosts(config({ ...named, ...inWiki })).length, 0);
    assert.match(unreachableHosts(config(named))[0]!.fix!, /private: \[/);
    const metadata = { hosts: ["metadata.google.internal"] };
    assert.equal(unreachableHosts(config({ ...metadata, ...inWiki })).length, 1);
  });
});

describe("the plan of private names", () => {
  it("opens their ranges to the gateway's pods, on their ports", () => {
    const of = { ...inWiki, ports: ["5432/tcp"], protocols: ["http", "https"] };
    assert.deepEqual(spec(manifests(of), "NetworkPolicy", "egress-gateway-to-private"), {
      podSelector: { matchLabels: { istio: "egress-gateway" } },
      policyTypes: ["Egress"],
      egress: [
        {
          to: [{ ipBlock: { cidr: "10.20.0.0/16" } }],
          ports: [80, 443, 5432].map((port) => ({ protocol: "TCP", port })),
        },
      ],
    });
    const originated = manifests({ ...inWiki, originate: {} });
    const [{ ports }] = spec(originated, "NetworkPolicy", "egress-gateway-to-private").egress;
    assert.deepEqual(ports, [{ protocol: "TCP", port: 443 }]);
  });

  it("takes their ranges out of the answers of every other name", () => {
    assert.deepEqual(refusedBy(manifests()), { outside: ["10.20.0.0/16"], "private-wiki": [] });
    assert.deepEqual(refusedBy(manifests({})), { outside: [] });
    const two = {
      destinations: {
        wiki: { hosts: [wiki], ...inWiki },
        ledger: { hosts: ["ledger.corp.example"], private: ["10.20.0.0/17", "192.168.3.0/24"] },
        web: { hosts: ["www.example.com"] },
      },
      allow: [..."wiki ledger".split(" ")].map((to) => ({ from: "shop/orders", to })),
    };
    assert.deepEqual(refusedBy(manifests({}, two)), {
      outside: ["10.20.0.0/16", "10.20.0.0/17", "192.168.3.0/24"],
      "private-wiki": ["192.168.3.0/24"],
      "private-ledger": ["10.20.128.0/17"],
    });
  });

  it("has nothing of it where nobody is granted it", () => {
    const text = JSON.stringify(manifests(inWiki, { allow: [{ from: "shop/cart", to: "web" }] }));
    assert.doesNotMatch(text, /10\.20\.0\.0|resolved_address_filter|private-wiki/);
  });

  it("leads exactly their names to their ranges, in any case and on every way", () => {
    const all = manifests({ ...inWiki, ports: ["5432/tcp"], protocols: ["http", "https"] });
    const routes: { name?: string; match: { port: number; authority?: { regex: string } }[] }[] = spec(
      all,
      "VirtualService",
      "egress-gateway",
    ).http;
    const firstFor = (port: number, authority: string) =>
      routes.find(({ match }) =>
        match.some(
          (each) =>
            each.port === port &&
            (each.authority === undefined ||
              new RegExp(`^(${each.authority.regex.replace("(?i)", "")})$`, "i").test(authority)),
        ),
      )!.name;
    for (const [port, authority, name] of [
      [80, wiki, "private-wiki"],
      [80, "WIKI.corp.example:80", "private-wiki"],
      [80, "wikixcorp.example", undefined],
      [80, `evil.${wiki}`, undefined],
      [80, "www.example.com", undefined],
      [8445, `${wiki}:5432`, "private-wiki"],
      [8445, "www.example.com:5432", undefined],
    ] as const) {
      assert.equal(firstFor(port, authority), name, authority);
    }
    const forward = patchesOf(all).find(
      ({ applyTo, patch }) => applyTo === "LISTENER" && patch.value.name === "forward",
    )!;
    assert.deepEqual(
      forward.patch.value.filter_chains.map((chain: Raw) => chain.filter_chain_match),
      [{ server_names: [wiki] }, undefined],
    );
  });

  it("is refused to a component whose gateway was not told of it", () => {
    const { clients, hosts, protocols, gateway } = stackArgs(config()).destinations[0]!;
    const args = { name: "wiki", clients, hosts, protocols, ...inWiki };
    assert.equal(stackArgs(config()).destinations[1]!.name, "wiki");
    const own = stackArgs(config()).destinations[1]!;
    assert.doesNotThrow(() => planDestination(own));
    assert.throws(() => planDestination({ ...own, gateway: { ...gateway, privateHosts: [] } }), /does not know of it/);
    assert.throws(() => planDestination({ ...own, private: ["10.20.0.0/17"] }), /does not know of it/);
    assert.throws(() => planDestination({ ...args, gateway, private: ["169.254.0.0/16"] }), /metadata server/);
  });

  it("opens the firewall of a GKE cluster to exactly what is granted, and to nothing else inside", () => {
    const gke = config(inWiki, {
      cluster: { kind: "gke", project: "project-1", name: "prod", location: "europe-west1" },
    });
    assert.deepEqual(privateDestinations(gke), [{ name: "wiki", ranges: ["10.20.0.0/16"], ports: [80, 443] }]);
    assert.ok(gke.cluster.kind === "gke");
    const { firewall } = planGke(gke.cluster, {
      externalPorts: [80, 443],
      privateDestinations: privateDestinations(gke),
    });
    const rule = (key: string) => firewall.find((each) => each.key === key)!;
    assert.deepEqual(rule("private-wiki").destinationRanges, ["10.20.0.0/16"]);
    assert.deepEqual(rule("private-wiki").pools, ["gateways"]);
    const order = ["private-wiki", "gateways-not-inside", "gateways-out", "deny-egress"].map(
      (key) => rule(key).priority,
    );
    assert.deepEqual(order, [1000, 2000, 3000, 65_534]);
    assert.deepEqual(
      ["to-inside", "control-plane", "google-apis"].map((key) => rule(key).priority),
      [1000, 1000, 1000],
    );
  });
});

describe("ranges without others", () => {
  const cidr = fc
    .tuple(fc.integer({ min: 20, max: 32 }), fc.nat({ max: 4095 }))
    .map(([prefix, low]) => parseCidr(`10.20.${16 + Math.floor(low / 256)}.${low % 256}/${prefix}`)!)
    .map((range) => parseCidr(formatCidr(range))!);

  it("hold every address but theirs, once", () => {
    fc.assert(
      fc.property(cidr, fc.array(cidr, { maxLength: 4 }), fc.nat({ max: 4095 }), (range, others, low) => {
        const address = { first: parseCidr("10.20.16.0/32")!.first + low, prefix: 32, size: 1 };
        const holders = without(range, others).filter((part) => contains(part, address));
        const meant = contains(range, address) && !others.some((other) => overlap(other, address));
        assert.equal(holders.length, meant ? 1 : 0);
      }),
    );
  });
});

describe("what is said of private names", () => {
  const asked = (url: string, from = "shop/orders") => {
    const check = readCall(url);
    assert.ok("call" in check, url);
    return explain(config({ ...inWiki, protocols: ["http", "https"], ports: ["5432/tcp"] }), from, check.call);
  };

  it("explain names the ranges, and the NetworkPolicy that opens them", () => {
    for (const url of [`http://${wiki}/`, `https://${wiki}/`, `tcp://${wiki}:5432`]) {
      const { allowed, because, way } = asked(url);
      assert.equal(allowed, true, url);
      assert.match(because, /leads into 10\.20\.0\.0\/16, and is refused wherever else/);
      assert.ok(way.at(-1)!.by.includes("NetworkPolicy/istio-egress/egress-gateway-to-private"), url);
    }
    assert.equal(asked(`https://${wiki}/`, "shop/cart").allowed, false);
  });

  it("diff names them, and what they widen", () => {
    const risks = (before: Raw, after: Raw) =>
      riskNotes(diffStacks(config(before), config(after))).map(({ risk }) => risk);
    assert.match(risks({}, inWiki).join(), /into a private network, 10\.20\.0\.0\/16/);
    const more = risks(inWiki, { private: ["10.20.0.0/16", "192.168.3.0/24"] });
    assert.match(more.join(), /into more of a private network/);
    assert.deepEqual(risks({ private: ["10.20.0.0/16", "192.168.3.0/24"] }, inWiki), []);
    assert.match(risks(inWiki, {}).join(), /held to them no longer/);
  });

  it("the graph has them on the edge", () => {
    const graph = graphOf(config());
    const edges = graph.edges.map((edge) => edgeFacts(edge, graph).flatMap((fact) => JSON.stringify(fact)));
    assert.equal(edges.filter((facts) => facts.join().includes("10.20.0.0/16")).length, 1);
  });

  it("learn and replay know their calls as granted, and what another one would need", () => {
    const standing = standings(config({ ...inWiki, hosts: ["wiki.internal"] }));
    const call = { protocol: "https", host: "wiki.internal", calls: 1, outcome: "refused" } as const;
    const of = (name: string) => standing({ ...call, identity: `spiffe://cluster.local/ns/shop/sa/${name}` });
    assert.equal(of("orders").kind, "granted");
    assert.equal(of("cart").kind, "open");
    const unknown = standings(config({}))({ ...call, identity: "spiffe://cluster.local/ns/shop/sa/cart" });
    assert.ok(unknown.kind === "left" && unknown.mark === "private");
  });

  it("the log says where a name has led", () => {
    const decide = decider(config({ ...inWiki, protocols: ["http"] }));
    const entry = (change: Raw) =>
      parseEntry(
        JSON.stringify(httpEntry({ host: wiki, identity: "spiffe://cluster.local/ns/shop/sa/orders", ...change })),
      )!;
    const place = { gateway: "egress-gateway", namespace: "istio-egress", pod: "p" };
    const refused = decide(
      entry({ status: 403, upstream: null, reason: "rbac_access_denied_matched_policy[private-answer]" }),
      place,
    );
    assert.deepEqual([refused.allowed, refused.ok], [false, false]);
    assert.match(refused.because!, /not in 10\.20\.0\.0\/16/);
    const passed = decide(entry({ upstream: "10.20.0.5:80" }), place);
    assert.deepEqual([passed.allowed, passed.ok, passed.upstream], [true, true, "10.20.0.5:80"]);
  });
});
