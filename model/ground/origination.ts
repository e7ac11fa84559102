/**
 * TLS that a gateway opens for applications which speak plain HTTP to it. It sees their requests then, and holds them to
 * these.
 */
export interface Origination {
  /** @default any but CONNECT and TRACE */
  methods?: string[];
  /** Whole paths, and such that end with `/*` and stand for all below. @default any */
  paths?: string[];
  /** Certificates, PEM, of the authorities that sign the hosts' certificates. @default the gateway's own list of public ones */
  ca?: string;
  /**
   * Name of a Secret in the gateways' namespace, with `tls.crt` and `tls.key`: the certificate that the gateway shows to
   * hosts which ask for one. @default it shows none
   */
  clientCertificate?: string;
  /** Whether hosts are spoken to in HTTP/2, whatever the application speaks. @default as the application began */
  http2?: boolean;
}

/** What a client certificate is written by. */
export const secretForm = "the name of a Secret in the gateways' namespace with tls.crt and tls.key, as billing-client";

/** What of an origination is the gateway's way to the hosts, and not what it lets pass. */
export type OriginationWay = Pick<Origination, "ca" | "clientCertificate" | "http2">;

/** The same, of an origination that may have more; keys that say nothing are left out. */
export function wayOf({ ca, clientCertificate, http2 }: Origination): OriginationWay {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(clientCertificate === undefined ? {} : { clientCertificate }),
    ...(http2 === true ? { http2 } : {}),
  };
}

/** What an application asks of a host, without what plays no part. */
export interface HttpRequest {
  method: string;
  /** Without a query. */
  path: string;
}

/** Methods that may be granted: CONNECT and TRACE are no requests for a resource. */
export const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** Why a gateway refuses a request, as a clause without a full stop; undefined where it lets it pass. */
export function refusalOfRequest({ methods: granted, paths }: Origination, request: HttpRequest): string | undefined {
  const path = normalPath(request.path);
  if (path === undefined) {
    return `${request.path} can be read in several ways (encoded slashes, backslashes, dots behind which more stands)`;
  }
  if (granted !== undefined && !granted.includes(request.method)) {
    return `${request.method} is none of its methods, which are ${granted.join(", ")}`;
  }
  if (paths !== undefined && !paths.some((pattern) => matchesPath(pattern, path))) {
    return `${path} is none of its paths, which are ${paths.join(", ")}`;
  }
  return undefined;
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.endsWith("/*") ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}

/**
 * What servers might take for another path than it is, each in its own way: encoded slashes, dots and percent signs, and
 * dots behind which a parameter stands. In the syntax of RE2, which has no look-around.
 */
export const ambiguousPath = String.raw`(?i).*(%2f|%5c|%2e|%25|%00|\\|/\.\.?;).*`;

/** Stands in the log's `reason` where a gateway refused such a path. */
export const ambiguousPathName = "ambiguous-path";

const ambiguous = new RegExp(ambiguousPath.replace("(?i)", ""), "i");

/** A path as gateways hold it to policies and pass it on: without dots and double slashes; undefined for one that is refused. */
export function normalPath(path: string): string | undefined {
  const plain = path.replace(/[?#][^]*$/, "").replace(/%2e/gi, ".");
  if (ambiguous.test(plain)) {
    return undefined;
  }
  const { pathname } = new URL(`http://host${plain.replace(/\/{2,}/g, "/")}`);
  return pathname;
}

/** A request that is let pass and changes nothing at the host; undefined where there is none. */
export function harmlessRequest({ methods: granted, paths }: Origination): HttpRequest | undefined {
  const method = (["GET", "HEAD", "OPTIONS"] as const).find((safe) => granted === undefined || granted.includes(safe));
  const [pattern = "/"] = paths ?? [];
  return method === undefined ? undefined : { method, path: pattern.replace(/\*$/, "") };
}
