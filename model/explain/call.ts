import { isIP } from "node:net";
import { checkHost } from "../config/host";
import { Protocol } from "../config/types";
import { outsidePorts } from "../ground/names";

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

export type CallCheck = { call: Call } | { problem: string; fix: string };

/** The ports on which each protocol leaves the mesh. */
export const portOf: Record<Protocol, number> = { http: outsidePorts.http, https: outsidePorts.tls };

/**
 * Reads a URL, or says why nobody could be asked about it.
 *
 * @param services names inside the cluster that may be asked about all the same: those of services beside the mesh
 */
export function readCall(written: string, services: string[] = []): CallCheck {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(written)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    return { problem: "A URL begins with its scheme, http:// or https://", fix: `write "https://${written}"` };
  }
  if (scheme !== "http" && scheme !== "https") {
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
      fix: `write "${scheme}://${hostname}"`,
    };
  }
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  const isAddress = isIP(host) !== 0;
  const check = isAddress || services.includes(host) ? { host } : checkHost(host);
  if ("problem" in check) {
    return check;
  }
  const number = port === "" ? portOf[scheme] : Number(port);
  const url = `${scheme}://${hostname}${port === "" ? "" : `:${port}`}`;
  return { call: { url, host, isAddress, protocol: scheme, port: number } };
}
