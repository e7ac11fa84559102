import { isIP } from "node:net";
import { checkHost } from "../config/host";
import { serviceOfHost } from "../ground/names";
import { defaultPort, Protocol, protocolOfScheme } from "../ground/protocols";

/** What a workload would call. Path and query play no part: rules hold for a whole host. */
export interface Call {
  /** Scheme, host and port, without what goes without saying: `https://github.com`. */
  url: string;
  /** A name in lower case, or an IP address. */
  host: string;
  isAddress: boolean;
  protocol: Protocol;
  port: number;
}

export type CallCheck = { call: Call } | { problem: string; fix?: string };

/** Reads a URL, or says why nobody could be asked about it. `ws` and `wss` are `http` and `https`, as they begin so. */
export function readCall(written: string): CallCheck {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(written)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    return { problem: "A URL begins with its scheme, http:// or https://", ...writing(`https://${written}`) };
  }
  const protocol = protocolOfScheme(scheme);
  if (protocol === undefined) {
    return {
      problem: `Nothing but http and https leaves the mesh, and ${scheme} is neither`,
      fix: "ask for the https:// or http:// URL that the workload calls",
    };
  }
  if (!URL.canParse(written)) {
    return { problem: "No URL: its host or its port cannot be read", fix: "write it as https://github.com" };
  }
  const { hostname, port, username, password } = new URL(written);
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

function behind(port: string): string {
  return port === "" ? "" : `:${port}`;
}

/** The fix of a URL by another one; nothing where nobody could be asked about that either. */
function writing(url: string): { fix?: string } {
  return "call" in readCall(url) ? { fix: `write "${url}"` } : {};
}
