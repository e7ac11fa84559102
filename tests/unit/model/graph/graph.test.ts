// What a graph holds of a configuration, and how calls are counted on it.
// Does not prove that gateways' logs are read rightly: tests/unit/model/access-log does.
import assert from "node:assert/strict";
import { callerText, ingressVerdicts } from "../../../../model/callers";
import { edgeFacts, graphOf, graphSummary, nodeFacts } from "../../../../model/graph";
import { exampleCalls, exampleConfig, nasty } from "./example";

const edgeOf = (graph: ReturnType<typeof graphOf>, from: string, to: string) => {
  const edge = graph.edges.find((each) => each.from === from && each.to === to);
  assert.ok(edge, `no edge from ${from} to ${to}`);
  return edge;
};

describe("a stack's graph", () => {
  const planned = graphOf(exampleConfig());
  const live = graphOf(exampleConfig(), exampleCalls());

  it("has an edge for each rule, through the destination's own gateway, with all that the rule says", () => {
    assert.equal(planned.edges.filter(({ rule }) => rule).length, exampleConfig().allow.length);
    assert.deepEqual(edgeOf(planned, "workload:test-app/app-a", "destination:github"), {
      id: "workload:test-app/app-a > gateway:egress-gateway > destination:github",
      kind: "allowed",
      from: "workload:test-app/app-a",
      to: "destination:github",
      gateway: "gateway:egress-gateway",
      via: "gateway",
      rule: {
        path: "istio-egress:allow[0]",
        owner: "team-a",
        reason: "fetches releases",
        expires: "2027-06-30",
      },
      protocols: ["http", "https"],
      calls: [],
    });
    const acquirer = edgeOf(planned, "workload:payments/checkout", "destination:acquirer");
    assert.deepEqual([acquirer.gateway, acquirer.protocols], ["gateway:payments-gateway", ["https"]]);
  });

  it("leads past the gateways to services beside the mesh, and says how", () => {
    const service = edgeOf(planned, "workload:test-app/app-a", "service:svc-foo");
    const bypass = edgeOf(planned, "workload:test-app/app-b", "service:svc-bar");
    assert.deepEqual(
      [service.gateway, service.via, bypass.gateway, bypass.via],
      [undefined, "service", undefined, "bypass"],
    );
    assert.deepEqual(bypass.protocols, ["http"]);
  });

  it("groups nodes as they are read, and leaves out groups that nothing is in", () => {
    const names = (graph: typeof planned) => graph.groups.map(({ name }) => name);
    const common = ["payments", "test-app"];
    const ingress = "Callers of guarded pods";
    const called = ["External hosts", "Beside the mesh", "Open to nobody", "Guarded pods"];
    assert.deepEqual(names(planned), [...common, ingress, "istio-egress", ...called]);
    assert.deepEqual(names(live), [...common, "Not of this stack", ingress, "istio-egress", ...called]);
    assert.deepEqual(
      planned.nodes.filter(({ group }) => group === "namespace:test-app").map(({ name }) => name),
      ["app-a", "app-b", "idle"],
    );
  });

  it("has an edge for each caller into guarded pods, on the ports on which it is let in, and why", () => {
    const into = planned.edges.filter(({ via }) => via === "ingress");
    assert.deepEqual(
      into.map(({ from, to, kind, protocols, ingress }) => [from, to, kind, protocols.join(), ingress]),
      [
        [
          "caller:10.128.9.0/28",
          "pods:test-app",
          "allowed",
          "every port",
          { path: "istio-egress:namespaces.test-app.ingress.from", reason: "calls a webhook" },
        ],
        ["caller:anybody", "pods:payments", "open", "every port", {}],
        [
          "caller:guarded namespaces",
          "pods:test-app",
          "allowed",
          "every port",
          { path: "istio-egress:namespaces.test-app.ingress" },
        ],
        [
          "caller:pods app=prometheus of monitoring",
          "pods:test-app",
          "allowed",
          "15020/tcp,15090/tcp",
          { path: "istio-egress:namespaces.test-app.ingress.from" },
        ],
      ],
    );
    const facts = (from: string, to: string) =>
      Object.fromEntries(edgeFacts(edgeOf(planned, from, to), planned).map(({ name, values }) => [name, values]));
    assert.deepEqual(facts("caller:10.128.9.0/28", "pods:test-app"), {
      Verdict: ["let in: may open connections"],
      From: ["10.128.9.0/28"],
      To: ["pods of test-app"],
      Way: ["to the pods, whose sidecars ask for the mesh's identity, but on their own ports 15020, 15021 and 15090"],
      Protocols: ["every port"],
      Reason: ["calls a webhook"],
      Rule: ["istio-egress:namespaces.test-app.ingress.from"],
    });
    assert.match(facts("caller:anybody", "pods:payments").Verdict![0]!, /^open: nothing closes the namespace/);
  });

  it("says the same of callers into guarded pods as the matrix", () => {
    const config = exampleConfig();
    const allowed = ingressVerdicts(config).flatMap(({ caller, into, ports, expected }) =>
      expected === "allow"
        ? [`${callerText(caller)} > ${into} > ${typeof ports === "number" ? `${ports}/tcp` : "every port"}`]
        : [],
    );
    const drawn = planned.edges
      .filter(({ via, kind }) => via === "ingress" && kind === "allowed")
      .flatMap(({ from, to, protocols }) =>
        protocols.map((ports) => `${from.slice("caller:".length)} > ${to.slice("pods:".length)} > ${ports}`),
      );
    const closed = allowed.filter((line) => !line.includes("> payments >"));
    assert.deepEqual(drawn.sort(), closed.sort());
    assert.ok(allowed.includes("anybody else > payments > every port"));
  });

  it("counts calls on the way that they took, by host and protocol", () => {
    const { counts, calls, kind } = edgeOf(live, "workload:test-app/app-a", "destination:github");
    assert.equal(kind, "allowed");
    assert.deepEqual(counts, { allowed: 13, denied: 0 });
    assert.deepEqual(calls, [
      { host: "api.github.com", protocol: "http", allowed: 1, denied: 0 },
      { host: "github.com", protocol: "https", allowed: 12, denied: 0 },
    ]);
    assert.deepEqual(edgeOf(live, "workload:payments/checkout", "destination:acquirer").counts, {
      allowed: 1,
      denied: 1,
    });
  });

  it("counts zero on a rule that was not used, and nothing where no gateway would see a call", () => {
    assert.deepEqual(edgeOf(live, "workload:test-app/app-b", "destination:google").counts, { allowed: 0, denied: 0 });
    assert.equal(edgeOf(live, "workload:test-app/app-a", "service:svc-foo").counts, undefined);
    assert.ok(planned.edges.every(({ counts }) => counts === undefined));
  });

  it("adds ways that no rule opens: refused ones, and apart from them those that went through", () => {
    assert.equal(edgeOf(live, "workload:test-app/app-a", "destination:google").kind, "refused");
    assert.equal(edgeOf(live, "workload:test-app/app-b", "denied").kind, "refused");
    assert.equal(edgeOf(live, "workload:test-app/app-b", "destination:github").kind, "unruled");
    const unnamed = edgeOf(live, "workload:test-app/idle", "unnamed");
    assert.deepEqual(
      unnamed.calls.map(({ host }) => host),
      ["(no host)", "elsewhere.example"],
    );
  });

  it("does not take a rule for the opening of another protocol", () => {
    const payment = exampleCalls().find(({ gateway }) => gateway === "payments-gateway")!;
    const kindOf = (protocol: "http" | "https") => {
      const graph = graphOf(exampleConfig(), [{ ...payment, protocol }]);
      return edgeOf(graph, "workload:payments/checkout", "destination:acquirer").kind;
    };
    assert.deepEqual([kindOf("https"), kindOf("http")], ["allowed", "unruled"]);
  });

  it("takes a refused call at another gateway than the destination's for a way of its own", () => {
    const [call] = exampleCalls();
    const graph = graphOf(exampleConfig(), [{ ...call!, gateway: "payments-gateway", allowed: false }]);
    const kinds = graph.edges
      .filter(({ from, to }) => from === "workload:test-app/app-a" && to === "destination:github")
      .map(({ kind, gateway, counts }) => [kind, gateway, counts?.denied]);
    assert.deepEqual(kinds, [
      ["allowed", "gateway:egress-gateway", 0],
      ["refused", "gateway:payments-gateway", 1],
    ]);
  });

  it("knows a stranger by identity, or by address whatever port a call came from", () => {
    const strangers = live.nodes.filter(({ kind }) => kind === "stranger").map(({ name }) => name);
    assert.deepEqual(strangers, ["10.4.7.9", "spiffe://other.example/ns/x/sa/y"]);
    assert.deepEqual(edgeOf(live, "stranger:10.4.7.9", "destination:github").counts, { allowed: 0, denied: 2 });
  });

  it("does not depend on the order of calls", () => {
    assert.deepEqual(graphOf(exampleConfig(), exampleCalls().reverse()), live);
  });

  it("says in a sentence what it shows, and of which time", () => {
    const stack =
      "4 workloads, 2 gateways, 3 destinations, 2 services beside the mesh and 5 rules, with 4 ways into guarded pods";
    assert.equal(graphSummary(planned), stack);
    assert.equal(
      graphSummary(live),
      `${stack}; the gateways saw 23 calls and refused 8, from 2026-11-22 11:10 to 2026-11-22 11:21 UTC`,
    );
    assert.equal(graphSummary(graphOf(exampleConfig(), [])), `${stack}; the gateways saw no call`);
  });

  it("tells all facts of an edge and of a node", () => {
    const facts = Object.fromEntries(
      edgeFacts(edgeOf(live, "workload:test-app/app-b", "destination:google"), live).map(({ name, values }) => [
        name,
        values,
      ]),
    );
    assert.deepEqual(facts, {
      Verdict: ["allowed"],
      From: ["test-app/app-b"],
      To: ["google"],
      Hosts: ["google.com"],
      Way: ["through the gateway egress-gateway"],
      Protocols: ["http", "https"],
      Owner: ["none"],
      Reason: [nasty],
      Expires: ["never"],
      Rule: ["istio-egress:allow[1]"],
      "Calls seen": ["none"],
    });
    const gateway = live.nodes.find(({ id }) => id === "gateway:payments-gateway")!;
    assert.deepEqual(nodeFacts(gateway, live), [
      { name: "Kind", values: ["egress gateway"] },
      { name: "In", values: ["namespace istio-egress"] },
      { name: "Calls seen", values: ["1 allowed, 1 denied"] },
    ]);
  });
});
