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
    ["1h30m", /Not a time/, undefined],
    ["-1s", /Not a time/, undefined],
    [{ hours: 2 }, /Not a time/, undefined],
    [200000, /has a unit/, undefined],
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
      assert.equal(problems[0]!.fix, fix === undefined ? undefined : `write "${fix}"`);
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
});
