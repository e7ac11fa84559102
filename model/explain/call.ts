import { isIP } from "node:net";
import { checkHost } from "../config/host";
import { clusterDomain, serviceOfHost } from "../ground/names";
import { HttpRequest } from "../ground/origination";
import { defaultPort, PortProtocol, protocolOfScheme } from "../ground/protocols";

/** What a workload would call. A query plays no part, and method and path only where the gateway opens TLS itself. */
export interface Call {
  /** Scheme, host and port, without what goes without saying: `https://github.com`. */
  url: string;
  /** A name in lower case, or an IP address. */
  host: string;
  isAddress: boolean;
  /** `tcp` is any other protocol, or one that is not told. */
  protocol: PortProtocol;
  port: number;
  /** What is asked of the host, where that is told. */
  request?: HttpRequest;
}

export type CallCheck = { call: Call } | { problem: string; fix?: string };

/**
 * Reads a URL, or says why nobody could be asked about it. `ws` and `wss` are `http` and `https`, as they begin so. A port
 * that is called by anything else is `tcp://db.example:5432`, or `db.example:5432` in short.
 */
export function readCall(written: string): CallCheck {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(written)?.[1]?.toLowerCase();
  if (scheme === "tcp") {
    return readTcp(written.slice(scheme.length + 3));
  }
  if (scheme === undefined && /^[^/?#@]+:\d+$/.test(written)) {
    return readTcp(written);
  }
  if (scheme === undefined) {
    return {
      problem: "A URL begins with its scheme: http://, https://, or tcp:// of any other port",
      fix: "write what the workload calls, as https://github.com or tcp://db.example:5432",
      ...(written.includes(".") ? writing(`https://${written}`) : {}),
    };
  }
  const protocol = protocolOfScheme(scheme);
  if (protocol === undefined) {
    return {
      problem: `${scheme} is neither http nor https: what else leaves the mesh does so by its port`,
      fix: "ask for tcp://HOST:PORT, with the port that the workload calls",
      ...writing(
        `tcp://${written
          .slice(scheme.length + 3)
          .replace(/[/?#].*$/s, "")
          .replace(/^.*@/s, "")}`,
      ),
    };
  }
  if (!URL.canParse(written)) {
    return { problem: "No URL: its host or its port cannot be read", fix: "write it as https://github.com" };
  }
  const { hostname: named, port, username, password } = new URL(written);
  const hostname = inFull(named);
  if (username !== "" || password !== "") {
    // Not repeated in the answer, as it may be a password; and what stands before an @ is easily taken for the host.
    return {
      problem: `A user name stands before the host, which is ${hostname}`,
      ...writing(`${scheme}://${hostname}${behind(port)}`),
    };
  }
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const isAddress = isIP(host) !== 0;
  const check = isAddress || serviceOfHost(host) !== undefined ? { host } : checkHost(host);
  if ("problem" in check) {
    const { problem, name, advice } = check;
    return { problem, ...(name === undefined ? { fix: advice } : writing(`${scheme}://${name}${behind(port)}`)) };
  }
  const url = `${scheme}://${hostname}${behind(port)}`;
  return { call: { url, host, isAddress, protocol, port: port === "" ? defaultPort(protocol) : Number(port) } };
}

function readTcp(place: string): CallCheck {
  const [, name = "", digits = ""] = /^(.*):(\d{1,5})$/.exec(place) ?? [];
  const port = Number(digits);
  if (port < 1 || port > 65535) {
    return {
      problem: "No host and port of it, of which every call by TCP has one",
      fix: "write it as tcp://db.example:5432",
    };
  }
  // Names are read as in every other URL.
  const check = readCall(`http://${name}:1`);
  if ("problem" in check) {
    const { problem } = check;
    return { problem, fix: "write it as tcp://db.example:5432" };
  }
  const { host, isAddress } = check.call;
  return {
    call: { url: `tcp://${host.includes(":") ? `[${host}]` : host}:${port}`, host, isAddress, protocol: "tcp", port },
  };
}

/** The full name of what is in the cluster, where clients call it by a shorter one: `kubernetes.default.svc`. */
function inFull(host: string): string {
  const full = `${host}${host.endsWith(".svc") ? "" : ".svc"}.${clusterDomain}`;
  return (host.endsWith(".svc") && serviceOfHost(full) !== undefined) || host === "kubernetes.default" ? full : host;
}

function behind(port: string): string {
  return port === "" ? "" : `:${port}`;
}

/** The fix of a URL by another one; nothing where nobody could be asked about that either. */
function writing(url: string): { fix?: string } {
  return "call" in readCall(url) ? { fix: `write "${url}"` } : {};
}
