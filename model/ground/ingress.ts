/** Who may open connections to the pods of a guarded namespace, beside pods of guarded namespaces. */
export interface Ingress {
  /** Nobody else, where it is empty. */
  from: IngressSource[];
}

/** Pods of a namespace that is not guarded, or addresses that are no pods'; one of the two. */
export interface IngressSource {
  /** Name of the namespace. */
  namespace?: string;
  /** Labels that its callers have, one at least. @default every pod of it */
  selector?: Record<string, string>;
  /** Ranges of IPv4 addresses, in CIDR notation, one at least. */
  addresses?: string[];
  /** TCP ports of the pods that are called, one at least. @default every port of every protocol */
  ports?: number[];
  /** Why addresses are let in, of which no identity is asked. */
  reason?: string;
}

/** A source in words: `pods app=prometheus of monitoring, port 15020`. */
export function sourceText({ namespace, selector = {}, addresses = [], ports }: IngressSource): string {
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  const whose = namespace === undefined ? addresses.join(", ") : `pods ${[...labels, "of", namespace].join(" ")}`;
  return ports === undefined ? whose : `${whose}, ${portsText(ports)}`;
}

/** `port 8080`, `ports 80, 8080` */
export function portsText(ports: readonly number[]): string {
  return `port${ports.length === 1 ? "" : "s"} ${ports.join(", ")}`;
}
