/** One thing that reached the outside, as it is written to the log: one JSON object a line. */
export interface OutsideRequest {
  /** ISO 8601, UTC. */
  time: string;
  /** The caller's `address:port`; nothing is translated on the way, so for a pod it is the pod's own. */
  from: string;
  /** The outside's address that was called. */
  address: string;
  port: number;
  scheme: "http" | "https" | "tcp" | "udp" | "quic" | "proxy";
  /** The Host header as it came; of a proxy host and port that it is asked for. @default absent for tcp and udp, and when TLS was refused */
  host?: string;
  /** The name in the TLS handshake. @default absent without TLS or without a name */
  sni?: string | undefined;
  method?: string;
  path?: string;
  /** Of what a proxy is asked, the names of the request's headers, sorted. @default absent elsewhere */
  headers?: string[];
  /** Status of the answer. @default absent for tcp and udp, and when TLS was refused */
  status?: number;
}

export type RequestLog = (request: OutsideRequest) => void;
