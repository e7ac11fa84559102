// How long a destination's connections may be silent, from the stack's file to the plan and what is said of it.
// Does not prove: that proxies keep to it; tests/lab/streams.test.ts does.
import assert from "node:assert/strict";
import { ConfigError, Manifest, parseConfig, planDestination, planStack, stackArgs } from "../../../model";
import { diffStacks } from "../../../model/diff";
import { explain, readCall } from "../../../model/explain";
import { now } from "./config/sound-config";

type Raw = Record<string, unknown>;

const raw = (chat: Raw, mesh: Raw = {}) => ({
  mesh,
  cluster: { kind: "existing", ranges: ["10.244.0.0/16"] },
  namespaces: { shop: {} },
  workloads: { orders: { namespace: "shop", image: "i" } },
  destinations: {
    chat: { hosts: ["chat.example.com"], ...chat },
    web: { hosts: ["www.example.com"], timeouts: { idle: "5m" } },
    unused: { hosts: ["unused.example.com"], timeouts: { idle: "24h" } },
  },
  allow: ["chat", "web"].map((to) => ({ from: "shop/orders", to, owner: "o", reason: "r" })),
});

const config = (chat: Raw, mesh?: Raw) => parseConfig(raw(chat, mesh), { now });

function manifests(chat: Raw, mesh?: Raw): Manifest[] {
  const { gateways, destinations } = planStack(config(chat, mesh));
  return [...gateways, ...destinations].flatMap((part) => part.manifests);
}

function policiesOf(all: Manifest[], host: string) {
  return all
    .filter(({ kind, metadata }) => kind === "DestinationRule" && metadata.name === host)
    .map(({ spec }) => spec as { trafficPolicy: Raw; subsets?: { trafficPolicy: Raw }[] });
}

const keepalive = { time: "60s", interval: "30s", probes: 3 };

describe("timeouts of a destination", () => {
  const refused: [idle: unknown, says: RegExp, fix: string | undefined][] = [
    [90, /has a unit/, "90s"],
    ["7200", /has a unit/, "2h"],
    ["0s", /never closed/, "24h"],
    ["48h", /Longer than/, "24h"],
    ["2 hours", /Not a time/, undefined],
    ["1h30m", /Not a time/, "90m"],
    ["1d", /Not a time/, "24h"],
    ["-1s", /Not a time/, undefined],
    [{ hours: 2 }, /Not a time/, undefined],
    [200000, /has a unit/, "24h"],
  ];
  for (const [idle, says, fix] of refused) {
    it(`are refused with their place and a fix that works: ${JSON.stringify(idle)}`, () => {
      let problems: ConfigError["problems"] = [];
      assert.throws(
        () => config({ timeouts: { idle } }),
        (error) => {
          problems = (error as ConfigError).problems;
          return error instanceof ConfigError;
        },
      );
      assert.equal(problems.length, 1);
      assert.equal(problems[0]!.path, "istio-egress:destinations.chat.timeouts.idle");
      assert.match(problems[0]!.problem, says);
      assert.equal(problems[0]!.fix, fix === undefined ? "write a time, or remove it" : `write "${fix}"`);
      if (fix !== undefined) config({ timeouts: { idle: fix } });
    });
  }

  it("are known by their name", () => {
    assert.throws(() => config({ timeouts: { idel: "2h" } }), /timeouts\.idel: "2h"\n +Unknown key[^]*"idle"/);
    assert.deepEqual(config({ timeouts: {} }).destinations.find(({ name }) => name === "chat")!.timeouts, undefined);
  });

  it("mean the same in each unit", () => {
    assert.deepEqual(
      stackArgs(config({ timeouts: { idle: "120m" } })),
      stackArgs(config({ timeouts: { idle: "7200s" } })),
    );
  });

  it("are told to sidecars by destination, in tunnels too, and keep an eye on the gateway", () => {
    const all = manifests({ protocols: ["https"], ports: ["5432/tcp"], timeouts: { idle: "2h" } });
    const [{ trafficPolicy, subsets = [] }] = policiesOf(all, "chat.example.com") as [
      { trafficPolicy: Raw; subsets?: { trafficPolicy: Raw }[] },
    ];
    const tcp = { idleTimeout: "2h", tcpKeepalive: keepalive };
    assert.deepEqual(trafficPolicy.connectionPool, { tcp });
    assert.deepEqual(subsets[0]!.trafficPolicy.connectionPool, { http: { h2UpgradePolicy: "UPGRADE" }, tcp });
    assert.deepEqual(policiesOf(all, "www.example.com")[0]!.trafficPolicy.connectionPool, {
      http: { useClientProtocol: true },
      tcp: { ...tcp, idleTimeout: "5m" },
    });
  });

  it("let a gateway wait as long as the longest that is granted, and not at all where that is the default", () => {
    const timesOf = (all: Manifest[]) =>
      JSON.stringify(all.find(({ kind }) => kind === "EnvoyFilter")!.spec).match(/"idle_timeout":"\w+"/g) ?? [];
    assert.deepEqual(timesOf(manifests({ timeouts: { idle: "2h" } })), Array(3).fill('"idle_timeout":"7200s"'));
    assert.deepEqual(timesOf(manifests({})), []);
    assert.equal(stackArgs(config({ timeouts: { idle: "2h" } })).gateways[0]!.idleTimeout, "2h");
  });

  it("are told to both proxies where gateways list their hosts", () => {
    const listed = { kind: "existing", envoyFilters: false };
    const [...policies] = policiesOf(manifests({ timeouts: { idle: "2h" } }, listed), "chat.example.com");
    assert.equal(policies.length, 2);
    policies.forEach(({ trafficPolicy }) => {
      const { http, tcp } = trafficPolicy.connectionPool as { http: Raw; tcp: Raw };
      assert.deepEqual([http, tcp.idleTimeout], [{ useClientProtocol: true }, "2h"]);
    });
  });

  it("are refused to a component whose gateway would not wait so long", () => {
    const args = {
      name: "chat",
      hosts: ["chat.example.com"],
      protocols: ["https" as const],
      clients: [{ namespace: "shop", serviceAccount: "orders" }],
      timeouts: { idle: "8h" as const },
    };
    const gateway = { name: "egress-gateway", namespace: "istio-egress" };
    assert.throws(() => planDestination({ ...args, gateway }), /silent for 1h: give it 8h as its idleTimeout/);
    assert.throws(() => planDestination({ ...args, gateway, timeouts: { idle: "8" as "8h" } }), /has a unit/);
    assert.equal(planDestination({ ...args, gateway: { ...gateway, idleTimeout: "8h" } }).length, 3);
  });

  it("are a change of what is granted, whatever the unit", () => {
    const diff = (before: Raw, after: Raw) => diffStacks(config(before), config(after)).grants;
    const [change, ...more] = diff({}, { timeouts: { idle: "2h" } });
    assert.deepEqual([change?.host, change?.before?.idle, change?.after?.idle], ["chat.example.com", undefined, "2h"]);
    assert.deepEqual(more, []);
    assert.deepEqual(diff({ timeouts: { idle: "60m" } }, {}), []);
  });

  it("are told by explain, in the words of what is spoken", () => {
    const way = (url: string) => {
      const check = readCall(url);
      assert.ok("call" in check, url);
      const { way: steps } = explain(config({ timeouts: { idle: "2h" } }), "shop/orders", check.call);
      return steps.map(({ what }) => what).join("\n");
    };
    assert.match(way("https://chat.example.com/"), /closed after 2h without a byte/);
    assert.match(way("http://chat.example.com/"), /closed after 2h without a request that is under way/);
  });

  it("are told by explain beside how long a gateway drains, where it says so, of what it asks for once a connection", () => {
    const draining = parseConfig({ ...raw({}), gateway: { drain: "10m" } }, { now });
    const way = (url: string, of = draining) => {
      const check = readCall(url);
      assert.ok("call" in check, url);
      return explain(of, "shop/orders", check.call)
        .way.map(({ what }) => what)
        .join("\n");
    };
    assert.match(way("https://chat.example.com/"), /if its rule goes while it is open, it is closed 10m later/);
    assert.doesNotMatch(way("http://chat.example.com/"), /its rule goes/);
    assert.doesNotMatch(way("https://chat.example.com/", config({})), /its rule goes/);
  });
});

describe("how long a gateway waits for hosts", () => {
  const listed = { kind: "existing", envoyFilters: false };

  const problems = (chat: Raw) => {
    try {
      config(chat);
      return [];
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return [...error.problems];
    }
  };

  const refused: [chat: Raw, place: string, says: RegExp, fix: RegExp][] = [
    [{ timeouts: { connect: "2m" } }, "connect", /Longer than applications wait/, /^write "60s"$/],
    [{ timeouts: { connect: "0s" } }, "connect", /in no time/, /^write "1s"$/],
    [{ timeouts: { connect: 10 } }, "connect", /has a unit/, /^write "10s"$/],
    [{ timeouts: { request: "500ms" } }, "request", /Not a time/, /^write "1s"$/],
    [{ timeouts: { request: "48h" } }, "request", /Longer than/, /^write "24h"$/],
    [{ protocols: ["https"], timeouts: { request: "5s" } }, "request", /over http only/, /^remove it, or add http/],
    [{ ports: ["8080/http"], timeouts: { request: "5s" } }, "request", /over http only/, /^remove it/],
    [{ hosts: ["*.example.com"], timeouts: { connect: "5s" } }, "connect", /whole names/, /^list the names/],
    [{ hosts: ["*.example.com"], timeouts: { request: "5s" } }, "request", /whole names/, /^list the names/],
    [
      { hosts: undefined, addresses: ["198.51.100.7"], ports: ["5432/tcp"], timeouts: { connect: "9s" } },
      "connect",
      /by their names/,
      /^remove it$/,
    ],
  ];
  for (const [chat, kind, says, fix] of refused) {
    it(`is refused with its place and a fix that works: ${JSON.stringify(chat)}`, () => {
      const [problem, ...more] = problems(chat);
      assert.deepEqual(more, []);
      assert.equal(problem!.path, `istio-egress:destinations.chat.timeouts.${kind}`);
      assert.match(problem!.problem, says);
      assert.match(problem!.fix ?? "", fix);
      const [, written] = /^write "(.*)"$/.exec(problem!.fix ?? "") ?? [];
      if (written !== undefined) assert.deepEqual(problems({ timeouts: { [kind]: written } }), []);
    });
  }

  const filterOf = (all: Manifest[]) =>
    (all.find(({ kind }) => kind === "EnvoyFilter")!.spec as { configPatches: Record<string, any>[] }).configPatches;
  const clusters = (all: Manifest[]): [string, string][] =>
    filterOf(all)
      .filter(({ applyTo, patch }) => applyTo === "CLUSTER" && patch.value.cluster_type !== undefined)
      .map(({ patch }) => [patch.value.name, patch.value.connect_timeout]);
  const routes = (all: Manifest[]): Record<string, any>[] =>
    (all.find(({ kind, metadata }) => kind === "VirtualService" && metadata.name === "egress-gateway")!.spec as any)
      .http;

  it("is a cluster of the destination's own, on every way to its hosts, that looks names up as all others do", () => {
    const all = manifests({ protocols: ["http", "https"], ports: ["5432/tcp"], timeouts: { connect: "10s" } });
    assert.deepEqual(clusters(all), [
      ["outside", "5s"],
      ["timed-chat", "10s"],
    ]);
    const caches = filterOf(all).flatMap(({ patch }) => {
      const found = /"dns_cache_config":\{"name":"([^"]+)"/.exec(JSON.stringify(patch.value));
      return found === null ? [] : [found[1]];
    });
    assert.deepEqual([...new Set(caches)], ["outside"]);
    const ports = routes(all)
      .filter(({ name }) => name === "timed-chat")
      .map(({ match }) => match[0].port);
    assert.deepEqual(ports, [80, 8445]);
    const led = filterOf(all).filter(({ patch }) => patch.value?.route?.cluster === "timed-chat");
    assert.deepEqual(
      led.map(({ match }) => [match.routeConfiguration.portNumber, match.routeConfiguration.vhost.route.name]),
      [
        [80, "timed-chat"],
        [8445, "timed-chat"],
      ],
    );
    const forward = filterOf(all).find(({ patch }) => patch.value?.name === "forward" && patch.value.filter_chains)!;
    const [chain] = forward.patch.value.filter_chains;
    assert.deepEqual(chain.filter_chain_match.server_names, ["chat.example.com"]);
    assert.equal(chain.filters.at(-1).typed_config.cluster, "timed-chat");
  });

  it("is a route of the destination's own where a whole request has its time, and for TLS that the gateway opens", () => {
    const plain = manifests({ protocols: ["http", "https"], timeouts: { request: "30s" } });
    assert.deepEqual(
      routes(plain).map(({ name, timeout }) => [name, timeout]),
      [
        ["timed-chat", "30s"],
        [undefined, undefined],
      ],
    );
    // Over https it sees bytes: nothing there is the destination's own.
    assert.doesNotMatch(JSON.stringify(filterOf(plain)), /server_names/);
    const opened = manifests({ originate: {}, timeouts: { request: "30s", connect: "10s" } });
    assert.deepEqual(
      routes(opened).map(({ name, timeout }) => [name, timeout]),
      [
        [undefined, undefined],
        ["originate-chat", "30s"],
        ["originate", undefined],
      ],
    );
    assert.deepEqual(new Map(clusters(opened)).get("originate-chat"), "10s");
  });

  it("is the destination's own beside private ranges, too", () => {
    const all = manifests(
      { private: ["10.20.0.0/16"], timeouts: { connect: "10s", request: "30s" } },
      {
        kind: "istio",
      },
    );
    assert.deepEqual(new Map(clusters(all)).get("private-chat"), "10s");
    assert.deepEqual(routes(all).find(({ name }) => name === "private-chat")!.timeout, "30s");
  });

  it("changes nothing of the plan where nothing is said", () => {
    assert.doesNotMatch(JSON.stringify(manifests({})), /timed-/);
    assert.deepEqual(manifests({ timeouts: {} }), manifests({}));
  });

  it("is said by Istio's own objects where gateways list their hosts", () => {
    const all = manifests({ timeouts: { connect: "10s", request: "30s" } }, listed);
    const onwards = policiesOf(all, "chat.example.com").map(({ trafficPolicy }) => trafficPolicy.connectionPool as any);
    assert.ok(onwards.some(({ tcp }) => tcp?.connectTimeout === "10s"));
    const route = all.find(({ kind, metadata }) => kind === "VirtualService" && metadata.name === "chat.example.com")!;
    assert.equal((route.spec as any).http[0].timeout, "30s");
  });

  it("is refused to a component whose gateway was not told of it", () => {
    const told = { destination: "chat", hosts: ["chat.example.com"], ports: [80], connect: "10s" as const };
    const args = {
      name: "chat",
      hosts: ["chat.example.com"],
      protocols: ["http" as const],
      clients: [{ namespace: "shop", serviceAccount: "orders" }],
      timeouts: { connect: "10s" as const },
    };
    const gateway = { name: "egress-gateway", namespace: "istio-egress" };
    assert.throws(() => planDestination({ ...args, gateway }), /give its timedHosts \{/);
    assert.throws(
      () => planDestination({ ...args, gateway: { ...gateway, timedHosts: [{ ...told, connect: "5s" }] } }),
      /give its timedHosts/,
    );
    assert.throws(() => planDestination({ ...args, gateway, timeouts: { connect: "90s" } }), /Longer than/);
    assert.throws(
      () => planDestination({ ...args, protocols: ["https"], gateway, timeouts: { request: "5s" } }),
      /over http only/,
    );
    assert.ok(planDestination({ ...args, gateway: { ...gateway, timedHosts: [told] } }).length > 0);
  });

  it("is a change of what is granted, and is told by explain", () => {
    const timeouts = { connect: "10s", request: "30s" };
    const diff = (before: Raw, after: Raw) => diffStacks(config(before), config(after)).grants;
    const [{ before, after }] = diff({}, { timeouts }) as [any];
    assert.deepEqual([before.connect, after.connect, after.request], [undefined, "10s", "30s"]);
    assert.deepEqual(diff({ timeouts: { connect: "5s" } }, {}), []);
    const way = (url: string) => {
      const check = readCall(url);
      assert.ok("call" in check, url);
      return explain(config({ timeouts }), "shop/orders", check.call).way.at(-1)!.what;
    };
    assert.match(
      way("http://chat.example.com/"),
      /has 10s to accept a connection; after 30s without the whole answer it is 504/,
    );
    assert.match(way("https://chat.example.com/"), /has 10s to accept a connection$/);
  });
});
