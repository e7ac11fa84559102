// The enforcer's rules in this machine's kernel, on real connections between network namespaces that the test makes.
// Needs root, nftables, conntrack and iproute2, but no lab. Does not prove SCTP, nor how fast a real API server tells of pods.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { formatAddress } from "../../lab/netpol/addresses";
import { ClusterState } from "../../lab/netpol/policy";
import { ApiObject, decodePolicy, NetworkPolicySpec, Pod } from "../../lab/netpol/resources";
import { network } from "../../lab/topology";
import { parseConfig, planStack } from "../../model";
import { flowsOf, worldOf } from "../unit/lab/netpol/worlds";
import { cyclonusCases } from "../unit/lab/netpol/cyclonus";
import { oracleAllows } from "../unit/lab/netpol/oracle";
import { now, soundConfig } from "../unit/model/config/sound-config";
import {
  gatewayAddress,
  Machine,
  nodeAddress,
  nodeLinkAddress6,
  outsideAddress as outside,
  outsideAddress6,
  servedPorts,
} from "./netpol/machine";
import { Answer } from "./netpol/agent";

const [client, server, stranger] = ["10.244.0.2", "10.244.0.3", "10.244.0.4"] as const;

function pod(app: string, address: number): Pod {
  return {
    namespace: "shop",
    name: app,
    labels: { app },
    address,
    namedPorts: [{ name: "http", protocol: "TCP", port: 8080 }],
  };
}

const pods = [pod("client", 0x0af40002), pod("server", 0x0af40003), pod("stranger", 0x0af40004)];

function cluster(...specs: NetworkPolicySpec[]): ClusterState {
  const policies = specs.map((spec, at) => ({ metadata: { namespace: "shop", name: `policy-${at}` }, spec }));
  return { pods, namespaces: [{ name: "shop", labels: {} }], policies };
}

const only = (app: string): { matchLabels: { app: string } } => ({ matchLabels: { app } });
const silencedClient: NetworkPolicySpec = { podSelector: only("client"), policyTypes: ["Egress"] };

/** Many calls are made at once: what is allowed may be answered late, and what is dropped is silent however long one waits. */
const patienceFor = (allowed: boolean): { patience: number } => ({ patience: allowed ? 15_000 : 1_000 });

/** The client may do this and nothing else. */
function clientMay(...egress: NonNullable<NetworkPolicySpec["egress"]>): NetworkPolicySpec {
  return { ...silencedClient, egress };
}

describe("netpol in the kernel", function () {
  this.timeout(900_000);
  let machine: Machine;

  before(() => {
    machine = new Machine();
    return machine.start();
  });
  after(() => machine.stop());
  afterEach(() => machine.unguard());

  const tcp = (caller: string, to: string, port = 80, from?: string): Promise<Answer> =>
    machine.at(caller).ask("tcp", { to, port, from });
  const udp = (from: string, to: string, port = 53): Promise<Answer> => machine.at(from).ask("udp", { to, port });

  it("agrees with the documentation on random worlds, flow by flow", async () => {
    const last = 0x0af40006;
    for (const world of fc.sample(worldOf(last), { numRuns: 15, seed: 7 })) {
      machine.enforce(world);
      const claims = world.pods.flatMap(({ address }) => address ?? []);
      const addresses = [...new Set([0x0a0a0004, 0x0af40002, 0x0af40003, last, ...claims])];
      const known = (address: number): boolean =>
        address === 0x0a0a0004 || claims.filter((claim) => claim === address).length === 1;
      const wrong = flowsOf(addresses, ["TCP", "UDP"], servedPorts).map(async (flow) => {
        const [from, to] = [formatAddress(flow.from), formatAddress(flow.to)];
        const allowed = known(flow.from) && known(flow.to) && oracleAllows(world, flow);
        const call = { from, to, port: flow.port, ...patienceFor(allowed) };
        const seen = await machine.at(from).ask(flow.protocol === "TCP" ? "tcp" : "udp", call);
        return seen === (allowed ? "answered" : "silent") ? [] : [{ ...call, protocol: flow.protocol, seen, allowed }];
      });
      assert.deepEqual((await Promise.all(wrong)).flat(), []);
    }
  });

  it("drops what comes from and goes to pods that it does not know, but for the node's own calls", async () => {
    machine.enforce({ pods: [pods[0]!], namespaces: [], policies: [] });
    assert.deepEqual(
      await Promise.all([
        tcp(client, server),
        tcp(server, client),
        tcp(server, outside),
        tcp(outside, server),
        tcp(server, nodeAddress),
        machine.node.ask("tcp", { to: server, port: 80 }),
        tcp(client, outside),
      ]),
      ["silent", "silent", "silent", "silent", "silent", "answered", "answered"],
    );
  });

  it("lets the node probe a pod that nobody else may reach", async () => {
    machine.enforce(cluster({ podSelector: only("server"), policyTypes: ["Ingress", "Egress"] }));
    assert.equal(await machine.node.ask("tcp", { to: server, port: 80 }), "answered");
    assert.equal(await machine.node.ask("udp", { to: server, port: 53 }), "answered");
    assert.equal(await tcp(client, server), "silent");
  });

  it("holds egress to the node, by its own address, its pods' gateway and a service of its own", async () => {
    machine.translate(`ip daddr 10.96.0.1 tcp dport 443 dnat to ${nodeAddress}:6443`);
    const asked = (): Promise<Answer[]> =>
      Promise.all([
        tcp(client, "10.96.0.1", 443),
        tcp(client, nodeAddress, 6443),
        tcp(client, nodeAddress),
        tcp(client, gatewayAddress),
      ]);
    machine.enforce(cluster());
    assert.deepEqual(await asked(), ["answered", "answered", "answered", "answered"]);
    machine.enforce(cluster(silencedClient));
    assert.deepEqual(await asked(), ["silent", "silent", "silent", "silent"]);
    machine.enforce(cluster(clientMay({ to: [{ ipBlock: { cidr: `${nodeAddress}/32` } }], ports: [{ port: 6443 }] })));
    assert.deepEqual(await asked(), ["answered", "answered", "silent", "silent"]);
  });

  it("judges calls to a service by the pod and port behind it", async () => {
    machine.translate(`ip daddr 10.96.0.50 tcp dport { 80, 81 } dnat to ${server}:8080`);
    const to = [{ podSelector: only("server") }];
    machine.enforce(cluster(clientMay({ to, ports: [{ port: "http" }] })));
    assert.equal(await tcp(client, "10.96.0.50", 80), "answered");
    machine.enforce(cluster(clientMay({ to, ports: [{ port: 80 }] })));
    assert.equal(await tcp(client, "10.96.0.50", 80), "silent");
  });

  it("cannot keep a pod from itself, behind a service either", async () => {
    machine.translate(`ip daddr 10.96.0.51 tcp dport 80 dnat to ${client}:8080`);
    machine.enforce(cluster({ podSelector: only("client"), policyTypes: ["Ingress", "Egress"] }));
    assert.equal(await tcp(client, "10.96.0.51"), "answered");
    assert.equal(await tcp(stranger, "10.96.0.51"), "silent");
  });

  it("passes on that a port is closed", async () => {
    machine.enforce(
      cluster(clientMay({ to: [{ podSelector: only("server") }], ports: [{ protocol: "UDP", port: 9 }, { port: 9 }] })),
    );
    assert.equal(await udp(client, server, 9), "refused");
    assert.equal(await tcp(client, server, 9), "refused");
  });

  for (const [what, spec] of [
    ["the caller's egress", silencedClient],
    ["the called pod's ingress", { podSelector: only("server"), policyTypes: ["Ingress"] }],
  ] satisfies [string, NetworkPolicySpec][]) {
    it(`cuts a connection that exists, both ways, when a policy denies ${what}`, async () => {
      const at = machine.at(client);
      machine.enforce(cluster());
      const held = await at.ask("hold", { to: server, port: 80 });
      /** What is heard is waited for; what is not has half a second. */
      const heardAfter = async (speak: () => Promise<void>, milliseconds = 500): Promise<boolean> => {
        const before = await at.ask("heard", held);
        await speak();
        for (let waited = 0; waited < milliseconds && (await at.ask("heard", held)) === before; waited += 50) {
          await sleep(50);
        }
        return (await at.ask("heard", held)) > before;
      };
      const call = (): Promise<void> => at.ask("say", held);
      const push = (): Promise<void> => machine.at(server).ask("push");
      assert.deepEqual([await heardAfter(call, 10_000), await heardAfter(push, 10_000)], [true, true]);
      machine.enforce(cluster(spec));
      assert.deepEqual([await heardAfter(call), await heardAfter(push)], [false, false]);
      // Once the kernel has lost the connection, the other side's words must not pass for a new one.
      machine.node.run("conntrack", ["-F"]);
      assert.deepEqual([await heardAfter(push), await heardAfter(call)], [false, false]);
    });
  }

  it("cuts a connection to the node that exists", async () => {
    machine.enforce(cluster());
    const held = await machine.at(client).ask("hold", { to: nodeAddress, port: 80 });
    machine.enforce(cluster(silencedClient));
    await machine.at(client).ask("say", held);
    await machine.node.ask("push");
    await sleep(300);
    assert.equal(await machine.at(client).ask("heard", held), 0);
  });

  for (const [whose, address] of [
    ["another pod's", stranger],
    ["an outside", "198.51.100.7"],
    ["the node's", nodeAddress],
  ] as const) {
    it(`drops what a pod sends under ${whose} address`, async () => {
      const pod = machine.at(client);
      pod.ip(`address add ${address}/32 dev eth0`);
      try {
        machine.enforce(cluster(silencedClient));
        const targets = [server, outside].map((to) => machine.at(to));
        const counts = (): Promise<number[]> =>
          Promise.all([machine.node, ...targets].map((each) => each.ask("datagrams")));
        const before = await counts();
        const to = [server, outside, gatewayAddress];
        await Promise.all(to.map((each) => pod.ask("udp", { from: address, to: each, port: 53 })));
        assert.deepEqual(await counts(), before);
      } finally {
        pod.ip(`address del ${address}/32 dev eth0`);
      }
    });
  }

  describe("by IPv6", () => {
    const [own, link] = [network.podPrefix6, "fe80::"];
    const places = [`${own}${server}`, outsideAddress6, "fd00:77::2", `${nodeLinkAddress6}%eth0`];
    const calls = (port = 80, from?: string): Promise<Answer[]> =>
      Promise.all(places.map((to) => tcp(client, to, port, to.startsWith(link) ? undefined : from)));
    const all = (answer: Answer): Answer[] => places.map(() => answer);

    it("lets a pod that no policy isolates call pods, the outside and the node, by their links too", async () => {
      machine.enforce(cluster());
      assert.deepEqual(await calls(), all("answered"));
    });

    it("drops all of it from a pod that a policy isolates, whichever IPv4 addresses it may call", async () => {
      for (const egress of [[], [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }], [{ to: [{ podSelector: {} }] }]]) {
        machine.enforce(cluster(clientMay(...egress)));
        assert.deepEqual(await calls(), all("silent"), JSON.stringify(egress));
      }
    });

    it("lets through what a rule without peers allows, port by port", async () => {
      machine.enforce(cluster(clientMay({ ports: [{ port: 80 }] })));
      assert.deepEqual([await calls(80), await calls(81)], [all("answered"), all("silent")]);
    });

    it("drops calls to a pod whose callers are named, and cuts flows that exist", async () => {
      machine.enforce(cluster());
      const held = await machine.at(client).ask("hold", { to: places[0]!, port: 80 });
      machine.enforce(cluster({ podSelector: only("server"), ingress: [{ from: [{ podSelector: only("client") }] }] }));
      assert.equal(await tcp(client, places[0]!), "silent");
      await machine.at(client).ask("say", held);
      await sleep(300);
      assert.equal(await machine.at(client).ask("heard", held), 0);
    });

    it("drops what comes from an address that is no pod's", async () => {
      machine.enforce(cluster());
      const foreign = "fd00:0::2";
      assert.deepEqual(await calls(80, foreign), ["silent", "silent", "silent", "answered"]);
      assert.equal(await tcp(client, "fd00:0::1", 80, foreign), "silent");
    });
  });
});

describe("netpol in the kernel, and upstream's end-to-end cases", function () {
  this.timeout(900_000);
  let machine: Machine;
  const cases = cyclonusCases().filter(({ tags }) => tags.includes("upstream-e2e"));

  before(() => {
    machine = new Machine(9);
    return machine.start();
  });
  after(() => machine.stop());

  it("are those that cyclonus has of Kubernetes' own suite", () => assert.ok(cases.length >= 13, String(cases.length)));

  cases.forEach(({ what, steps }, index) => {
    it(`${index}: ${what}`, async () => {
      for (const { world, flows } of steps) {
        machine.enforce(world);
        // The agents have no SCTP.
        const wrong = flows
          .filter(({ protocol }) => protocol !== "SCTP")
          .map(async ({ from, to, port, protocol, allowed }) => {
            const call = { from: formatAddress(from), to: formatAddress(to), port, ...patienceFor(allowed) };
            const seen = await machine.at(call.from).ask(protocol === "TCP" ? "tcp" : "udp", call);
            return seen === (allowed ? "answered" : "silent") ? [] : [{ ...call, protocol, seen, allowed }];
          });
        assert.deepEqual((await Promise.all(wrong)).flat(), []);
      }
    });
  });
});

describe("netpol in the kernel, and what a stack plans by ingress", function () {
  this.timeout(900_000);
  let machine: Machine;
  const [guarded, beside, named, other] = ["10.244.0.2", "10.244.0.3", "10.244.0.4", "10.244.0.5"];
  const nodePort = 30080;

  before(async () => {
    machine = new Machine(4);
    await machine.start();
    machine.translate(`ip daddr ${nodeAddress} tcp dport ${nodePort} dnat to ${guarded}:8080`);
  });
  after(() => machine.stop());

  /** The policies of the namespace test-app, beside pods of namespaces that nobody guards. */
  function enforce(ingress: object | undefined): void {
    const namespaces = { "test-app": ingress === undefined ? {} : { ingress }, "istio-workload": {} };
    const config = parseConfig({ ...soundConfig(), namespaces }, { now });
    const planned = planStack(config).namespaces.flatMap(({ manifests }) => manifests);
    const policies = planned
      .filter(({ kind }) => kind === "NetworkPolicy")
      .map((each) => decodePolicy(each as ApiObject));
    const at = (namespace: string, name: string, address: number): Pod => ({
      ...{ namespace, name, labels: { role: name }, address, namedPorts: [] },
    });
    machine.enforce({
      policies: policies.filter(({ spec }) => spec.policyTypes?.includes("Ingress")),
      namespaces: ["test-app", "istio-workload", "pullers"].map((name) => {
        return { name, labels: { "kubernetes.io/metadata.name": name } };
      }),
      pods: [
        at("test-app", "app-a", 0x0af40002),
        at("istio-workload", "hammer", 0x0af40003),
        at("pullers", "named", 0x0af40004),
        at("pullers", "other", 0x0af40005),
      ],
    });
  }

  const pull = (from: string, port = 8080): Promise<Answer> => machine.at(from).ask("tcp", { to: guarded, port });
  const byNode = (from: string): Promise<Answer> => machine.at(from).ask("tcp", { to: nodeAddress, port: nodePort });
  const asked = () =>
    Promise.all([
      ...[pull(named), byNode(named), pull(other), byNode(other), byNode(outside)],
      ...[pull(beside), machine.node.ask("tcp", { to: guarded, port: 8080 })],
    ]);

  it("nothing said: whoever reaches the pod is answered", async () => {
    enforce(undefined);
    assert.deepEqual(await asked(), Array(7).fill("answered"));
  });

  it("{}: guarded pods and the node itself are answered, and nobody else, by address or NodePort", async () => {
    enforce({});
    const nobody = Array<Answer>(5).fill("silent");
    assert.deepEqual(await asked(), [...nobody, "answered", "answered"]);
  });

  it("a source: its pods are answered on its port, by address and NodePort, and no others", async () => {
    enforce({ from: [{ namespace: "pullers", selector: { role: "named" }, ports: [8080] }] });
    assert.deepEqual(await asked(), ["answered", "answered", "silent", "silent", "silent", "answered", "answered"]);
    assert.equal(await pull(named, 80), "silent");
  });

  it("addresses: callers from there are answered by a NodePort, and no pods", async () => {
    enforce({ from: [{ addresses: ["192.168.77.1"], reason: "a test" }] });
    assert.deepEqual(await asked(), ["silent", "silent", "silent", "silent", "answered", "answered", "answered"]);
  });
});
