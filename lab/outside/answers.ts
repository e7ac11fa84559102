import { Behaviour, OutsideHost } from "./hosts";
import { answersTo, canonicalName } from "./names";

/** A request as a host of the outside sees it. */
export interface ReceivedRequest {
  scheme: "http" | "https";
  method: string;
  /** Path and query as they were sent. */
  path: string;
  /** The Host header as it was sent; empty without one. */
  host: string;
  /** The name in the TLS handshake. @default absent without TLS or without a name */
  sni?: string | undefined;
  /** The common name in the certificate that the caller has shown. @default absent without one */
  client?: string | undefined;
  /** The caller's `address:port`. */
  from: string;
  headers: Record<string, string | string[] | undefined>;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
  /** Milliseconds to wait before answering. */
  delay: number;
}

const longestDelay = 10_000;

/**
 * What a host answers to a request: 421 when the request asks for a name that is not the host's, 301 when that name
 * sends its callers on, else what the host's behaviour is.
 */
export function answer(host: OutsideHost, request: ReceivedRequest): Answer {
  const name = canonicalName(request.host);
  if (!answersTo(host, name)) {
    const error = `${host.address} serves ${host.names.join(", ")}; the request asks for ${request.host || "no host"}`;
    return json(host.address, 421, { error });
  }
  const origin = host.redirects?.[name]?.[request.scheme];
  return origin === undefined ? behaviours[host.behaviour](name, request) : redirect(name, `${origin}${request.path}`);
}

const behaviours: Record<Behaviour, (name: string, request: ReceivedRequest) => Answer> = {
  describe,
  apache: () => ({
    status: 200,
    headers: {
      Server: "Apache/2.4.25 (Debian)",
      "X-Powered-By": "PHP/7.2.8",
      "Content-Type": "text/html; charset=UTF-8",
    },
    body: "host => php-apache-dep-6c5475744d-xmthn\n",
    delay: 0,
  }),
};

/** `/status/CODE` answers with that code, `/delay/MS` late, `/headers` with the headers alone, the rest at once. */
function describe(name: string, request: ReceivedRequest): Answer {
  const [, command, argument = ""] = request.path.replace(/\?.*/, "").split("/");
  switch (command) {
    case "headers":
      return json(name, 200, request.headers);
    case "status":
      if (!/^[2-5]\d\d$/.test(argument)) return refuse(name, "/status/CODE takes 200 to 599", argument);
      return json(name, Number(argument), request);
    case "delay":
      if (!/^\d{1,5}$/.test(argument) || Number(argument) > longestDelay) {
        return refuse(name, `/delay/MS takes 0 to ${longestDelay} milliseconds`, argument);
      }
      return { ...json(name, 200, request), delay: Number(argument) };
    default:
      return json(name, 200, request);
  }
}

function redirect(server: string, location: string): Answer {
  return { status: 301, headers: { server, location }, body: "", delay: 0 };
}

function refuse(name: string, allowed: string, argument: string): Answer {
  return json(name, 400, { error: `${allowed}, not "${argument}"` });
}

function json(server: string, status: number, content: unknown): Answer {
  return {
    status,
    headers: { server, "content-type": "application/json" },
    body: `${JSON.stringify(content, null, 2)}\n`,
    delay: 0,
  };
}
