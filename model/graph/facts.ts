import { Fact } from "./fact";
import { nameIn } from "./ids";
import { CallCounts, Graph, GraphEdge, GraphNode } from "./types";
import { groupTitle } from "./words";

/** The name of the fact that lists what is in a bundle. */
const membersFact = "In this bundle";

/** Everything that a graph knows of an edge, in the order in which it is read; what it knows nothing of is left out. */
export function edgeFacts(edge: GraphEdge, { nodes }: Graph): Fact[] {
  const target = nodes.find(({ id }) => id === edge.to)!;
  const { rule, ingress } = edge;
  return facts({
    Verdict: [
      rule?.mode !== undefined ? reportVerdict : edge.via === "ingress" ? letIn[edge.kind] : verdicts[edge.kind],
    ],
    From: [nameIn(edge.from)],
    To: [target.name],
    Hosts: edge.rule === undefined ? [] : target.hosts,
    Addresses: target.addresses ?? [],
    Way: [edge.gateway === undefined ? besideWays[edge.via] : `through the gateway ${nameIn(edge.gateway)}`],
    Protocols: edge.protocols,
    "TLS opened by the gateway, for": edge.requests ?? [],
    "leads into private ranges": edge.ranges ?? [],
    Owner: edge.bundle?.owners ? [edge.bundle.owners] : rule === undefined ? [] : [rule.owner ?? "none"],
    Reason: rule === undefined ? [ingress?.reason ?? []].flat() : [rule.reason ?? "none given"],
    Expires: rule === undefined ? [] : [rule.expires === undefined ? "never" : `after ${rule.expires}`],
    Rule: [rule?.path ?? ingress?.path ?? []].flat(),
    "Calls seen": edge.counts === undefined ? [] : [countsText(edge.counts)],
    [membersFact]: edge.bundle?.members ?? [],
    "By host": edge.calls.map(({ host, protocol, ...counts }) => `${host}, ${protocol}: ${countsText(counts)}`),
  });
}

/** Everything that a graph knows of a node, but for its edges. */
export function nodeFacts(node: GraphNode, { groups, edges }: Graph): Fact[] {
  const group = groups.find(({ id }) => id === node.group);
  const own = edges.filter(({ from, gateway, to }) => [from, gateway, to].includes(node.id));
  const counted = own.flatMap(({ counts }) => counts ?? []);
  const sum = (key: keyof CallCounts) => counted.reduce((total, counts) => total + counts[key], 0);
  return facts({
    Kind: [kinds[node.kind]],
    In: group === undefined ? [] : [groupTitle(group)],
    Hosts: node.hosts,
    [membersFact]: node.members ?? [],
    Addresses: node.addresses ?? [],
    "Calls seen": counted.length === 0 ? [] : [countsText({ allowed: sum("allowed"), denied: sum("denied") })],
  });
}

export function countsText({ allowed, denied }: CallCounts): string {
  return allowed + denied === 0 ? "none" : `${allowed} allowed, ${denied} denied`;
}

const verdicts: Record<GraphEdge["kind"], string> = {
  allowed: "allowed",
  open: "open: nothing closes the namespace, and whoever reaches its pods may call them",
  refused: "denied: no rule allows it",
  unruled: "calls went through that no rule of the configuration opens",
};

/** The same of connections into guarded pods. */
const letIn: Record<GraphEdge["kind"], string> = { ...verdicts, allowed: "let in: may open connections" };

const reportVerdict = "passes by a rule in report mode: would be denied without it";

const besideWays: Record<GraphEdge["via"], string> = {
  ingress: "to the pods, whose sidecars ask for the mesh's identity, but on their own ports 15020, 15021 and 15090",
  gateway: "through a gateway",
  service: "service: from the sidecar, without a gateway and without mutual TLS",
  bypass: "bypass: past the sidecar, without a gateway",
};

const kinds: Record<GraphNode["kind"], string> = {
  workload: "workload",
  stranger: "a caller that the stack does not know",
  callers: "callers, drawn as one",
  gateway: "egress gateway",
  destination: "destination",
  destinations: "destinations behind one gateway, drawn as one",
  service: "service beside the mesh",
  denied: "hosts that nobody may be allowed",
  unnamed: "hosts that were called, and that the stack does not name",
  caller: "who may call guarded pods",
  pods: "pods of guarded namespaces",
};

function facts(values: Record<string, string[]>): Fact[] {
  return Object.entries(values)
    .filter(([, lines]) => lines.length > 0)
    .map(([name, values]) => ({ name, values, ...(name === membersFact ? { searched: true } : {}) }));
}
