// Hosts that are reached through an outside proxy, from the stack's file to the plan and what is said of them.
// Does not prove: what the mesh, and a proxy, make of it; tests/lab/proxy.test.ts does.
import assert from "node:assert/strict";
import {
  ArgumentError,
  ConfigError,
  Manifest,
  parseConfig,
  planDestination,
  planGateway,
  planStack,
  privateDestinations,
  verdicts,
} from "../../../model";
import { diffStacks, riskNotes } from "../../../model/diff";
import { explain, readCall } from "../../../model/explain";
import { graphOf } from "../../../model/graph";

type Raw = Record<string, unknown>;

const now = new Date();
const via = { proxy: "proxy.corp.example:3128" };
const inside = { ...via, private: ["10.20.0.0/16"] };
const hosts = ["api.partner.example"];

const raw = (of: Raw = { via }, change: Raw = {}): Raw => ({
  cluster: { kind: "existing", ranges: ["10.244.0.0/16"] },
  namespaces: { shop: {} },
  workloads: { orders: { namespace: "shop", image: "i" }, cart: { namespace: "shop", image: "i" } },
  destinations: { partner: { hosts, ...of }, web: { hosts: ["www.example.com"], ports: ["8443/https"] } },
  allow: [
    { from: "shop/orders", to: "partner", owner: "o", reason: "r" },
    { from: "shop/cart", to: "web", owner: "o", reason: "r" },
  ],
  ...change,
});

const config = (of?: Raw, change?: Raw) => parseConfig(raw(of, change), { now });

function problems(of: Raw, change?: Raw): { path: string; problem: string; fix?: string }[] {
  try {
    config(of, change);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return [...error.problems];
  }
}

const objects = (of?: Raw): Manifest[] => planStack(config(of)).gateways.flatMap(({ manifests }) => manifests);
const spec = (all: Manifest[], kind: string, name: string) =>
  all.find((manifest) => manifest.kind === kind && manifest.metadata.name === name)?.spec as Record<string, any>;
const patches = (of?: Raw): Record<string, any>[] => spec(objects(of), "EnvoyFilter", "egress-gateway").configPatches;

describe("via of a destination", () => {
  const wrong: [change: Raw, path: string, problem: RegExp][] = [
    [{ via: { proxy: "proxy.corp.example" } }, "via.proxy", /name and port/],
    [{ via: { proxy: "http://proxy.corp.example:3128" } }, "via.proxy", /scheme/],
    [{ via: { proxy: "user:secret@proxy.corp.example:3128" } }, "via.proxy", /./],
    [{ via: { proxy: "*.corp.example:3128" } }, "via.proxy", /whole name/],
    [{ via: { proxy: "10.20.0.7:3128" } }, "via.proxy", /IP address/],
    [{ via: { proxy: "proxy.corp.example:70000" } }, "via.proxy", /name and port/],
    [{ via: { ...via, private: ["203.0.113.0/24"] } }, "via.private[0]", /Not private/],
    [{ via: { ...via, private: ["10.244.0.0/16"] } }, "via.private[0]", /cluster itself/],
    [{ via, protocols: ["http", "https"] }, "protocols", /not plain http/],
    [{ via, private: ["10.20.0.0/16"] }, "private", /proxy looks the names up/],
    [{ via, hosts: ["*.partner.example"] }, "via", /whole names/],
    [{ via, timeouts: { connect: "10s" } }, "timeouts.connect", /proxy connects to the host/],
    [{ via, timeouts: { request: "30s" } }, "timeouts.request", /bytes, and no requests/],
    [{ via, timeouts: { connect: "10s", idle: "2h" }, ports: ["5432/tcp"] }, "timeouts.connect", /proxy connects/],
    [{ via, clientCertificate: "partner-client" }, "clientCertificate", /the application's own https/],
    [{ via, http2: true }, "http2", /the application's own https/],
    [{ via, methods: ["GET"] }, "methods", /opens TLS for itself/],
    [{ via, originate: { clientCertificate: "partner-client", http2: true } }, "originate", /and to no proxy/],
    [{ via, hosts: undefined, addresses: ["198.51.100.7"], ports: ["5432/tcp"] }, "via", /asked for names/],
    [{ via, hosts: undefined, kind: "kubernetes-api" }, "via", /./],
  ];
  for (const [change, path, problem] of wrong) {
    it(`is refused: ${JSON.stringify(change)}`, () => {
      const found = problems(change).filter((each) => each.path === `istio-egress:destinations.partner.${path}`);
      assert.match(found[0]?.problem ?? "nothing", problem);
      assert.ok(found.every(({ fix, problem: words }) => !/secret/.test(`${fix} ${words}`)));
      assert.deepEqual(problems({ via }), []);
      assert.deepEqual(problems({ via: inside }), []);
    });
  }

  it("has idle beside it, and what is refused beside it is allowed without it", () => {
    assert.deepEqual(problems({ via, timeouts: { idle: "2h" } }), []);
    for (const timeouts of [{ connect: "10s" }, { request: "30s" }]) {
      const [problem, ...more] = problems({ via, timeouts });
      assert.match(problem?.fix ?? "", /^remove it, or via/);
      assert.deepEqual(more, []);
      assert.deepEqual(problems({ timeouts }), []);
    }
    assert.deepEqual(problems({ originate: { clientCertificate: "partner-client", http2: true } }), []);
  });

  it("is told once of originate, and not of protocols that nobody wrote", () => {
    const paths = problems({ via, originate: {} }).map(({ path }) => path);
    assert.deepEqual(paths, ["istio-egress:destinations.partner.originate"]);
  });

  it("has no place beside originate, nor in a mesh that takes no EnvoyFilter", () => {
    assert.ok(problems({ via, originate: {} }).some(({ path }) => path.endsWith("partner.originate")));
    const mesh = { kind: "existing", envoyFilters: false };
    assert.ok(problems({ via }, { mesh }).some(({ problem }) => /EnvoyFilter/.test(problem)));
  });

  it("is https where nothing else is said", () => {
    assert.deepEqual(config().destinations.find(({ name }) => name === "partner")?.protocols, ["https"]);
  });
});

describe("the plan of a proxy", () => {
  it("leads TLS of these names to it behind the names' own listeners, and looks none of them up", () => {
    const forward = patches().find(({ patch }) => patch.value?.name === "forward" && patch.value.internal_listener)!;
    const [own] = forward.patch.value.filter_chains as Record<string, any>[];
    assert.deepEqual(own!.filter_chain_match, { server_names: hosts });
    assert.equal(own!.filters.length, 1);
    const { cluster, tunneling_config: tunnel } = own!.filters[0].typed_config;
    assert.deepEqual([cluster, tunnel], ["proxy-partner", { hostname: "%REQUESTED_SERVER_NAME%:443" }]);
  });

  it("hands on CONNECT for these hosts, and ends it for all others", () => {
    const all = patches({ via, ports: ["5432/tcp"] });
    const routes = all.filter(
      ({ applyTo, match }) => applyTo === "HTTP_ROUTE" && match.routeConfiguration.portNumber === 8445,
    );
    const of = (name: string) => routes.filter(({ match }) => match.routeConfiguration.vhost?.route.name === name);
    assert.deepEqual(of("proxy-partner")[0]!.patch.value.route, {
      cluster: "proxy-partner",
      upgrade_configs: [{ upgrade_type: "CONNECT" }],
    });
    assert.equal(of("connect")[0]!.patch.value.route.cluster, "outside");
    assert.equal(routes.length, 2);
    // Where nothing is handed on every route ends it, named or not.
    assert.equal(
      patches().filter(({ match }) => match.routeConfiguration?.portNumber === 8445)[0]!.match.routeConfiguration.vhost,
      undefined,
    );
  });

  it("has its own way beside hosts that the gateway waits for, and that lead into private ranges", () => {
    const beside = {
      partner: { hosts, via, protocols: ["https"], ports: ["5432/tcp"] },
      web: { hosts: ["www.example.com"], ports: ["8443/https"], timeouts: { connect: "20s" } },
      wiki: { hosts: ["wiki.corp.example"], ports: ["8443/https"], private: ["10.20.0.0/16"] },
    };
    const all = planStack(
      config(undefined, {
        destinations: beside,
        allow: Object.keys(beside).map((to) => ({ from: "shop/orders", to, owner: "o", reason: "r" })),
      }),
    ).gateways.flatMap(({ manifests }) => manifests);
    const each: Record<string, any>[] = spec(all, "EnvoyFilter", "egress-gateway").configPatches;
    const forward = each.find(({ patch }) => patch.value?.name === "forward" && patch.value.internal_listener)!;
    const names = (forward.patch.value.filter_chains as Record<string, any>[]).flatMap(
      ({ filter_chain_match: match }) => match?.server_names ?? [],
    );
    assert.deepEqual(names, [...new Set(names)]);
    const clusters = each.flatMap(({ applyTo, patch }) => (applyTo === "CLUSTER" ? [patch.value.name as string] : []));
    assert.deepEqual(clusters, [...new Set(clusters)]);
    assert.ok(["proxy-partner", "timed-web", "private-wiki"].every((name) => clusters.includes(name)));
    const onConnect = (route: string) =>
      each.filter(
        ({ applyTo, match }) =>
          applyTo === "HTTP_ROUTE" &&
          match.routeConfiguration.portNumber === 8445 &&
          match.routeConfiguration.vhost?.route.name === route,
      );
    // CONNECT ends here for the others, each by its own cluster; for the proxy it goes on, and no filter looks the name up.
    for (const [route, cluster] of Object.entries({ "timed-web": "timed-web", "private-wiki": "private-wiki" })) {
      const values = onConnect(route).map(({ patch }) => patch.value);
      assert.ok(
        values.some(({ route: to }) => to?.upgrade_configs?.[0]?.connect_config),
        route,
      );
      assert.equal(values.at(-1)!.route.cluster, cluster);
    }
    const [own, ...more] = onConnect("proxy-partner").map(({ patch }) => patch.value);
    assert.deepEqual([own.route.cluster, more.length], ["proxy-partner", 0]);
    const filters = each.flatMap(({ applyTo, match, patch }) =>
      applyTo === "HTTP_FILTER" && match.listener.portNumber === 8445 ? [patch.value.name as string] : [],
    );
    const off = Object.keys(own.typed_per_filter_config);
    assert.ok(off.length >= 3, off.join());
    assert.deepEqual(
      off.filter((name) => !filters.includes(name)),
      [],
    );
    assert.deepEqual(
      filters.filter((name) => /dynamic_forward_proxy|resolve/.test(name) && !off.includes(name)),
      [],
    );
  });

  it("opens the proxy's port to the gateway, in its ranges or at public addresses, and takes these out of other answers", () => {
    const policy = (of: Raw, name: string) => spec(objects(of), "NetworkPolicy", name)?.egress;
    assert.deepEqual(policy({ via: inside }, "egress-gateway-to-proxies-inside"), [
      { to: [{ ipBlock: { cidr: "10.20.0.0/16" } }], ports: [{ protocol: "TCP", port: 3128 }] },
    ]);
    assert.equal(policy({ via: inside }, "egress-gateway-to-proxies"), undefined);
    assert.deepEqual(policy({ via }, "egress-gateway-to-proxies")[0].ports, [{ protocol: "TCP", port: 3128 }]);
    assert.match(
      JSON.stringify(patches({ via: inside })),
      /"resolved_address_filter":\{"ranges":\[\{"address_prefix":"10\.20\.0\.0"/,
    );
    assert.deepEqual(privateDestinations(config({ via: inside })), [
      { name: "partner", ranges: ["10.20.0.0/16"], ports: [3128] },
    ]);
  });

  it("is refused to a program where it could mean another thing", () => {
    const client = { namespace: "shop", serviceAccount: "orders" };
    const known = { destination: "partner", hosts, proxy: via.proxy, ports: [443] };
    const of = (gateway: object, change: object = {}) =>
      planDestination({
        ...{ name: "partner", hosts, protocols: ["https"], clients: [client], via },
        gateway: { name: "g", namespace: "out", ...gateway },
        ...change,
      });
    assert.ok(of({ proxies: [known] }).length > 0);
    assert.throws(() => of({}), /does not know of it/);
    assert.throws(() => of({ proxies: [{ ...known, proxy: "other.example:3128" }] }), /does not know of it/);
    assert.throws(() => of({ proxies: [known] }, { protocols: ["http"] }), /no http/);
    const timed = { destination: "partner", hosts, ports: [443], connect: "10s" as const };
    assert.throws(
      () => of({ proxies: [known], timedHosts: [timed] }, { timeouts: { connect: "10s" } }),
      /no place beside via/,
    );
    assert.ok(of({ proxies: [known] }, { timeouts: { idle: "30m" } }).length > 0);
    assert.throws(() => of({ proxies: [known] }, { via: inside }), /ranges, ports/);
    assert.ok(of({ proxies: [{ ...known, ranges: inside.private }] }, { via: inside }).length > 0);
    assert.throws(
      () => of({ proxies: [known], ports: [5432] }, { ports: [{ port: 5432, protocol: "tcp" }] }),
      /does not know of it/,
    );
    const gateway = { name: "g", namespace: "out", replicas: 2 };
    assert.ok(planGateway({ ...gateway, proxies: [known] }).length > 0);
    for (const beside of [
      { timedHosts: [timed] },
      { privateHosts: [{ destination: "partner", hosts, ranges: ["10.20.0.0/16"], ports: [443] }] },
      { originates: [{ destination: "partner", hosts }] },
      { proxies: [known, { ...known, destination: "other" }] },
    ]) {
      assert.throws(() => planGateway({ ...gateway, proxies: [known], ...beside }), /has one way only/);
    }
    assert.throws(
      () => planGateway({ ...gateway, proxies: [known], mesh: { envoyFilters: false } }),
      /proxies[^]*takes none/,
    );
    assert.throws(
      () => planGateway({ name: "g", namespace: "out", replicas: 2, proxies: [{ ...known, proxy: "nowhere" }] }),
      ArgumentError,
    );
  });
});

describe("what is said of a proxy", () => {
  const asked = (from: string, url: string, of?: Raw) => {
    const read = readCall(url);
    assert.ok("call" in read);
    return explain(config(of), from, read.call);
  };

  it("is in the way, with objects that are planned", () => {
    for (const each of [{ via }, { via: inside }, { via, protocols: ["https"], ports: ["5432/tcp"] }]) {
      const plan = planStack(config(each));
      const planned = new Set(
        [...plan.gateways, ...plan.destinations, ...plan.workloads, ...plan.namespaces]
          .flatMap(({ manifests }) => manifests)
          .map(({ kind, metadata: { namespace, name } }) => `${kind}/${namespace}/${name}`),
      );
      for (const { from, url, expected } of verdicts(config(each))) {
        const { allowed, way } = asked(from, url, each);
        assert.equal(allowed, expected === "allow", `${from} ${url}`);
        assert.deepEqual(
          way.flatMap(({ by }) => by).filter((key) => !planned.has(key)),
          [],
        );
      }
    }
    const { because, way } = asked("shop/orders", "https://api.partner.example");
    assert.match(because, /through the proxy proxy\.corp\.example:3128/);
    assert.match(way.at(-1)!.what, /by CONNECT/);
  });

  it("is a risk to a reviewer, and in the picture", () => {
    const notes = riskNotes(diffStacks(config({ protocols: ["https"] }), config()));
    assert.ok(notes.some(({ risk }) => /sees who is called/.test(risk)));
    const graph = graphOf(config());
    assert.match(JSON.stringify(graph.edges.map((edge) => edge.ranges)), /the proxy proxy\.corp/);
  });
});
