/**
 * A way around the guard, as data: what it tries, by which probe, what should stop it, and a twin that is allowed on the same
 * way, so that a probe that does not work is not taken for one that was stopped.
 */

export const groups = {
  container: "From inside a container",
  names: "Through names",
  gateway: "Through the gateway",
  deploying: "By deploying",
  objects: "By writing Istio's or network objects",
  node: "Through the node",
  time: "In time",
} as const;
export type Group = keyof typeof groups;

export const layers = {
  sidecar: "the workload's Sidecar",
  network: "NetworkPolicies",
  mtls: "the gateway's mutual TLS",
  policy: "the gateway's policies",
  forwarding: "the gateway's forwarding by name",
  drain: "the gateway, which drains connections of old policies",
  resolver: "the stack's resolver",
  admission: "admission",
  doctor: "egress doctor, which finds it",
} as const;
export type Layer = keyof typeof layers;

/** Layers that a run takes away, one at a time, to see what the others still stop. */
export const removable = ["sidecar", "network", "policy", "resolver", "admission"] as const;
export type Removable = (typeof removable)[number];

/**
 * Where a probe runs. `past` is the sidecar's own container, whose user nothing redirects; `thief-…` holds its identity's real
 * certificate there, as files; `labelled` has app-a's labels under another identity; `free` is in a namespace that nobody guards.
 */
export type Place =
  "app-a" | "app-b" | "hammer" | "past app-a" | "past app-b" | "thief-a" | "thief-b" | "labelled" | "free";

/** Addresses that are known once the cluster is there. */
export type Known = "@gateway" | "@istiod" | "@kube-dns" | "@resolver" | "@app-b" | "@free" | "@gateway6";

/** In every text, TOKEN stands for a word that is made for one try and that tells it from all others, in logs of the outside. */
export type Probe =
  | { kind: "tcp"; address: string; port: number; send?: string }
  /** A datagram of so many bytes, or of these. @default 4 */
  | { kind: "udp"; address: string; port: number; size?: number; hex?: string }
  /** An echo with data, filled up to so many bytes, which is to come back. */
  | { kind: "icmp"; address: string; send?: string; size?: number }
  | {
      kind: "dns";
      address: string;
      name: string;
      type?: "A" | "AAAA" | "TXT" | "MX" | "SRV" | "NULL" | "PTR" | "ANY" | "HTTPS" | "NS" | "CNAME";
      over?: "tcp";
      class?: number;
    }
  /** Bytes of one connection, in parts; `answers` is how many are waited for. */
  | { kind: "http"; address: string; port: number; raw: string[]; answers?: number }
  | { kind: "https"; address: string; port: number; sni?: string; raw: string[]; answers?: number }
  /** To a gateway in its mutual TLS; with `inner`, the application's own TLS inside of it, for that name. */
  | {
      kind: "mtls";
      address: string;
      port: number;
      sni: string;
      certificate?: "own" | "none" | "forged";
      inner?: string;
      raw: string[];
    }
  | { kind: "curl"; args: string[] };

export interface NetworkVector {
  /** What it tries, as a sentence goes on after "it tries". */
  tries: string;
  group: Group;
  /** What should stop it. */
  layer: Layer;
  from: Place;
  probe: Probe;
  /** Allowed on the same way. */
  twin: Probe;
  /** @default where the probe is */
  twinFrom?: Place;
  /** Why it is let pass, where that is known and stays so. */
  open?: string;
}

/** What a probe came to: what it was answered, what of it reached the outside, and how often its name was looked up there. */
export interface Outcome {
  answer: string;
  arrived: Arrival[];
  lookUps: number;
}

/** Something that reached the outside. */
export interface Arrival {
  address: string;
  scheme: string;
  host?: string;
  sni?: string;
  method?: string;
  path?: string;
}
