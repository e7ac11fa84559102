// A graph that is too large to be drawn way by way: what becomes one, and that nothing of it is lost.
// Does not prove how it looks, nor how long it takes: npm run bench measures that.
import assert from "node:assert/strict";
import { largeSettings } from "../../../../bench/large-stack";
import { formatOf } from "../../../../cli/graph/formats";
import { parseConfig } from "../../../../model";
import { Graph, graphOf, graphSummary, readable, SeenCall } from "../../../../model/graph";
import { now } from "../config/sound-config";
import { exampleCalls, exampleConfig, largeConfig } from "./example";

const wide = parseConfig(largeSettings({ workloads: 40, destinations: 20, hosts: 40, rules: 400 }), { now });
const vast = parseConfig(largeSettings({ workloads: 40, destinations: 60, hosts: 120, rules: 2000 }), { now });

/** Every rule's path, wherever it is drawn. */
function places({ edges }: Graph): string[] {
  return edges
    .filter(({ via }) => via !== "ingress")
    .flatMap(({ rule, bundle }) => [
      ...(rule === undefined ? [] : [rule.path.replace(/^.*:/, "")]),
      ...(bundle?.members.map((member) => member.slice(member.lastIndexOf(" ") + 1)) ?? []),
    ])
    .sort();
}

describe("a graph that can be read", () => {
  it("is left as it is", () => {
    for (const graph of [graphOf(exampleConfig(), exampleCalls()), graphOf(largeConfig())]) {
      assert.equal(readable(graph), graph);
    }
  });
});

describe("a graph that is too large", () => {
  it("has one caller for each namespace, and one edge from it to each destination", () => {
    const graph = readable(graphOf(wide));
    const count = (kind: string) => graph.nodes.filter((node) => node.kind === kind).length;
    assert.deepEqual([count("workload"), count("callers"), count("destination")], [0, 10, 20]);
    assert.equal(graph.nodes.find(({ id }) => id === "callers:domain-003")?.name, "domain-003: 4 workloads");
    const ends = graph.edges.map(({ from, to }) => `${from} ${to}`);
    assert.equal(new Set(ends).size, ends.length);
  });

  it("has one for all destinations of a gateway too, where namespaces are not enough", () => {
    const graph = readable(graphOf(vast));
    assert.deepEqual(
      graph.nodes.filter(({ kind }) => kind === "destinations").map(({ id, name }) => [id, name]),
      [["destinations:egress-gateway", "60 destinations, 120 hosts"]],
    );
    assert.equal(graph.edges.filter(({ via }) => via === "gateway").length, 10);
  });

  it("has one for the pods of all namespaces as well, and lists each way into them", () => {
    const { nodes, edges } = readable(graphOf(vast));
    assert.deepEqual(
      nodes.filter(({ kind }) => kind === "pods").map(({ name, members }) => [name, members?.length]),
      [["pods of 10 namespaces", 10]],
    );
    const into = edges.filter(({ via }) => via === "ingress");
    assert.deepEqual(
      into.map(({ kind, bundle }) => [kind, bundle?.title, bundle?.members.length, bundle?.members[0]]),
      [["open", "open: 10 ways in", 10, "anybody → domain-000: every port"]],
    );
  });

  for (const [title, config] of [
    ["by namespace", wide],
    ["by gateway", vast],
  ] as const) {
    it(`lists every rule once, and every workload and host: ${title}`, () => {
      const [whole, drawn] = [graphOf(config), readable(graphOf(config))];
      assert.deepEqual(places(drawn), places(whole));
      const listed = drawn.nodes.flatMap(({ members = [], hosts }) => [...members, ...hosts]).join("\n");
      for (const { kind, id, hosts } of whole.nodes) {
        const names = kind === "workload" ? [id.slice("workload:".length)] : hosts;
        names.forEach((name) => assert.ok(listed.includes(name), name));
      }
      const known = new Set(drawn.nodes.map(({ id }) => id));
      assert.ok(drawn.edges.every(({ from, to, gateway = to }) => [from, to, gateway].every((id) => known.has(id))));
      assert.equal(new Set(drawn.edges.map(({ id }) => id)).size, drawn.edges.length);
      assert.equal(graphSummary(drawn), `${graphSummary(whole)}; bundled, as they are many`);
    });
  }

  it("sums up calls, and keeps those that were refused apart from those that were allowed", () => {
    const call = (from: string, host: string, allowed: boolean): SeenCall => {
      const time = "2026-11-22T11:00:00.000Z";
      return { time, from, host, allowed, protocol: "https", gateway: "egress-gateway" };
    };
    const first = "api-000.partner-000.example";
    const seen = [
      call("domain-000/service-000", first, true),
      call("domain-000/service-000", first, true),
      call("domain-000/service-020", first, false),
      call("domain-000/service-030", "denied.example", false),
    ];
    const { edges } = readable(graphOf(vast, seen));
    const total = (kind: string) => {
      const counts = edges.filter((edge) => edge.kind === kind).map((edge) => edge.counts!);
      return [
        counts.reduce((sum, { allowed }) => sum + allowed, 0),
        counts.reduce((sum, { denied }) => sum + denied, 0),
      ];
    };
    const whole = graphOf(vast, seen).edges.filter(({ kind }) => kind === "refused").length;
    assert.ok(whole > 0);
    assert.equal(total("allowed")[0], 2);
    assert.equal(total("allowed")[1]! + total("refused")[1]!, 2);
    assert.ok(edges.some(({ kind, to }) => kind === "refused" && to === "denied"));
  });

  for (const ending of ["html", "svg", "mmd"]) {
    it(`is drawn bundled, and small: .${ending}`, async () => {
      const text = await formatOf(`x.${ending}`)!("Stack vast", graphOf(vast));
      assert.match(text, /60 destinations, 120 hosts/);
      assert.ok(text.length < 400_000, `${text.length} characters`);
      assert.equal(text.includes("allow[1999]"), ending === "html");
    });
  }
});
