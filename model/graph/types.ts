import { OutsideConfig, PortProtocol } from "../config/types";

/** Who may reach what through which gateway, and what was seen of it, as nodes in groups and edges between them. */
export interface Graph {
  groups: GraphGroup[];
  nodes: GraphNode[];
  edges: GraphEdge[];
  /** Of the calls that were looked at; absent where none were, and then no edge has any. */
  seen?: SeenPeriod;
  /** What the whole shows, where some of it is bundled. */
  summary?: string;
}

/** When the first and the last of the calls began, ISO 8601 in UTC; absent where there was no call. */
export interface SeenPeriod {
  first?: string;
  last?: string;
}

/** What nodes are drawn together in; sorted as they are read: callers, gateways, what is called. */
export interface GraphGroup {
  id: string;
  kind:
    /** A namespace of workloads. */
    | "namespace"
    /** Callers that the stack does not know. */
    | "strangers"
    /** Who may call guarded pods. */
    | "outside"
    /** The gateways' namespace. */
    | "gateways"
    /** Hosts that a rule may open. */
    | "external"
    /** Services beside the mesh, which no gateway stands before. */
    | "beside"
    /** Hosts that no rule opens. */
    | "closed"
    /** Pods of guarded namespaces, as others call them. */
    | "guarded";
  name: string;
  /** What is to be known of it, as a few words. */
  note?: string;
}

export interface GraphNode {
  /** Its kind and its name, as `workload:test-app/app-a`. */
  id: string;
  kind:
    | "workload"
    /** A caller that the stack does not know, by its identity or its address. */
    | "stranger"
    /** Who may call guarded pods, and is no workload of the stack's by itself. */
    | "caller"
    /** All callers of a group. */
    | "callers"
    | "gateway"
    | "destination"
    /** All destinations behind a gateway. */
    | "destinations"
    /** A service beside the mesh. */
    | "service"
    /** The hosts that nobody may be allowed. */
    | "denied"
    /** Hosts that were called and that the stack does not name. */
    | "unnamed"
    /** Pods of a guarded namespace, or of all of them. */
    | "pods";
  name: string;
  /** A group's id. */
  group: string;
  /** Names under which it is called, sorted. */
  hosts: string[];
  /** Of a service beside the mesh, where it is. */
  addresses?: string[];
  /** What is in a bundle, a line for each. */
  members?: string[];
}

/** A way from a caller to what it calls: one that a rule opens, or one that was tried. */
export interface GraphEdge {
  id: string;
  kind:
    /** A rule opens it; into guarded pods, their namespace lets it in. */
    | "allowed"
    /** Whoever reaches guarded pods may call them, as nothing closes their namespace. */
    | "open"
    /** No rule opens it, and calls were refused. */
    | "refused"
    /** Calls went through that no rule of the configuration opens: what is applied differs from it. */
    | "unruled";
  /** Ids of nodes. */
  from: string;
  to: string;
  /** Id of the gateway on the way; absent for a service beside the mesh, and into guarded pods. */
  gateway?: string;
  /** `ingress` is into guarded pods. */
  via: "gateway" | OutsideConfig["via"] | "ingress";
  /** Whether calls go through as their callers are observed, and no rule opens them. */
  observed?: true;
  rule?: { path: string; owner?: string; reason?: string; expires?: string; mode?: "report" };
  /** Into guarded pods: what lets it in, absent where nothing has to, and why. */
  ingress?: { path?: string; reason?: string };
  /** Of several ways that are drawn as one: what is said of them, and a line for each. */
  bundle?: { title: string; owners: string; members: string[] };
  /** What the rule opens; without a rule, what was tried: `http`, `https`, and other ports as `5432/tcp`; or `every port`. */
  protocols: string[];
  /** Methods and paths that pass, where the gateway opens TLS for what is called by http. */
  requests?: string[];
  /** Private ranges that the hosts lead into, where they lead to no public addresses. */
  ranges?: string[];
  /** All calls that were seen. Absent where none were looked for: no gateway sees those of a service beside the mesh. */
  counts?: CallCounts;
  /** The same, by host and protocol, sorted; hosts without a call are left out. */
  calls: (CallCounts & { host: string; protocol: string })[];
}

export interface CallCounts {
  allowed: number;
  denied: number;
}

/** What a gateway decided about one call, as far as a graph needs to know. */
export interface SeenCall {
  /** When it began: ISO 8601, in UTC. */
  time: string;
  /** `namespace/workload`; or a stranger's identity, or the address of one without. */
  from: string;
  /** The host that was asked for; empty where none was. */
  host: string;
  /** With `tcp` the host has its port. */
  protocol: PortProtocol;
  allowed: boolean;
  /** Name of the gateway. */
  gateway: string;
}
