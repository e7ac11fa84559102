/** What the mesh's authentication policy asks of callers: mutual TLS, either, or none. */
export type ServerTls = "mTLS" | "HTTP/mTLS" | "HTTP";

/**
 * What a sidecar puts around its application's calls: the mesh's mutual TLS, TLS that a DestinationRule originates, or
 * nothing. On a port for TLS, `HTTP` too means nothing: the application's own TLS passes as it is.
 */
export type ClientTls = "mTLS" | "TLS" | "HTTP";

/** The two sides of a call, and who decides on each. Null where there is nothing to say. */
export interface TlsSides {
  /** `OK` where the callers speak what is asked of them, as `istioctl authn tls-check` had it. */
  status: "OK" | "CONFLICT" | null;
  server: ServerTls | null;
  client: ClientTls | null;
  /** `name/namespace` of the PeerAuthentication in force; null where there is none, which asks for nothing. */
  authnPolicy: string | null;
  /** `name/namespace` of the DestinationRule in force; null where auto mTLS decides. */
  destinationRule: string | null;
}

/** A name with a port that some workload of the stack may call. */
export interface TlsRow extends TlsSides {
  host: string;
  port: number;
  /**
   * Who is called: a `service` of the mesh, an external host by way of a `gateway`, or a service `beside` the mesh, with
   * the caller's sidecar on the way or past it (`bypass`).
   */
  way: "service" | "gateway" | "beside" | "bypass";
  /** `namespace/workload`, sorted, one at least. */
  callers: string[];
  /** Whose authentication policy counts; undefined where calls go past the sidecar, and nobody's does. */
  behind?: Behind;
}

/** What stands behind a name, to the mesh's authentication policies. */
export interface Behind {
  namespace: string;
  /** Labels of its pods; undefined where there are none, and policies count by the name's namespace alone. */
  labels?: Record<string, string>;
  /** Port on which the pods take the call. */
  port?: number;
}
