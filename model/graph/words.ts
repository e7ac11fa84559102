import { placeOfRule } from "../config/problem";
import { sortedUnique } from "../ground/order";
import { CallCounts, Graph, GraphEdge, GraphGroup, GraphNode, SeenPeriod } from "./types";

/** What is said of a way by a rule in report mode. */
export const reportWords = "mode: report, would be denied";

/** What stands over the ways into guarded pods. */
export const intoTitle = "Into guarded pods";

/** What a picture says about an edge, in words; without the gateway, which it shows. */
export interface EdgeWords {
  /** The owner, or what stands in the place of a rule. */
  title: string;
  /** The reason, or which hosts were called without a rule. */
  detail: string;
  /** How: protocols, the way past the gateways, the last day. */
  how: string;
}

export function edgeWords({
  kind,
  observed,
  rule,
  via,
  protocols,
  requests,
  ranges,
  calls,
  bundle,
  ingress,
}: GraphEdge): EdgeWords {
  const how = [
    ...(via === "gateway" || via === "ingress" ? [] : [via]),
    protocols
      .map((each) => (requests !== undefined && each === "http" ? "http with TLS from the gateway" : each))
      .join(" + "),
    ...(ranges === undefined ? [] : [`into ${ranges.join(", ")}`]),
    ...(rule?.expires === undefined ? [] : [`until ${rule.expires}`]),
    ...(rule?.mode === undefined ? [] : [reportWords]),
  ].join(" · ");
  if (ingress !== undefined) {
    const title = kind === "open" ? "open" : "let in";
    return { title: bundle?.title ?? title, detail: ingress.reason ?? ingressDetail(kind, ingress), how };
  }
  if (bundle?.owners) {
    return { title: bundle.title, detail: bundle.owners, how };
  }
  if (rule !== undefined) {
    return { title: rule.owner ?? "no owner", detail: rule.reason ?? "no reason given", how };
  }
  const hosts = atMost(3, sortedUnique(calls.map(({ host }) => host))).join(", ");
  const passed = observed === true ? "observed: would be denied" : "went through without a rule";
  return { title: kind === "refused" ? "refused" : passed, detail: hosts, how };
}

/** What stands in the place of a reason, where it says who may call guarded pods. */
function ingressDetail(kind: GraphEdge["kind"], { path }: NonNullable<GraphEdge["ingress"]>): string {
  return kind === "open" ? "nothing closes the namespace" : path === undefined ? "" : placeOfRule(path);
}

/** What a group's name is the name of; undefined where the name says all. */
export function groupWord({ kind }: GraphGroup): string | undefined {
  return kind === "namespace" || kind === "gateways" ? "namespace" : undefined;
}

export function groupTitle(group: GraphGroup): string {
  return [groupWord(group), groupName(group)].filter((part) => part !== undefined).join(" ");
}

/** A group's name, and what is to be known of it. */
export function groupName({ name, note }: GraphGroup): string {
  return note === undefined ? name : `${name}, ${note}`;
}

/** The lines, or of too many the first ones and how many there are beside them. */
export function atMost(most: number, lines: readonly string[]): string[] {
  const shown = lines.length <= most ? lines.length : most - 1;
  return [...lines.slice(0, shown), ...(shown === lines.length ? [] : [`and ${lines.length - shown} more`])];
}

/** What a graph shows, as the end of a sentence: `3 workloads, 1 gateway, 3 destinations and 3 rules`. */
export function graphSummary({ nodes, edges, seen, summary }: Graph): string {
  if (summary !== undefined) {
    return summary;
  }
  const count = (kind: GraphNode["kind"]) => nodes.filter((node) => node.kind === kind).length;
  const services = count("service");
  const parts = [
    counted(count("workload"), "workload"),
    counted(count("gateway"), "gateway"),
    counted(count("destination"), "destination"),
    ...(services === 0 ? [] : [counted(services, "service") + " beside the mesh"]),
  ];
  const rules = edges.filter(({ rule }) => rule !== undefined).length;
  const ways = edges.filter(({ via }) => via === "ingress").length;
  const into = ways === 0 ? "" : `, with ${counted(ways, "way")} into guarded pods`;
  const shown = `${parts.join(", ")} and ${counted(rules, "rule")}${into}`;
  return seen === undefined ? shown : `${shown}; ${callSummary(edges, seen)}`;
}

function callSummary(edges: readonly GraphEdge[], { first, last }: SeenPeriod): string {
  if (first === undefined || last === undefined) {
    return "the gateways saw no call";
  }
  const sum = (key: keyof CallCounts) => edges.reduce((total, { counts }) => total + (counts?.[key] ?? 0), 0);
  const [allowed, denied] = [sum("allowed"), sum("denied")];
  const period = `from ${minute(first)} to ${minute(last)} UTC`;
  return `the gateways saw ${counted(allowed + denied, "call")} and refused ${denied}, ${period}`;
}

/** `2026-11-22 12:30` */
function minute(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
