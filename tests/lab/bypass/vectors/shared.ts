import { NetworkVector, Place, Probe } from "../vector";

export const [github, httpbin, google, cnn, bulk] = [
  "203.0.113.10",
  "203.0.113.11",
  "203.0.113.12",
  "203.0.113.13",
  "203.0.113.19",
] as const;
export const echo = { address: "203.0.113.99", port: 9999 };

/** A request, with the token in its path and what else it has in its head. */
export const get = (host: string, { path = "/TOKEN", method = "GET", more = "" } = {}): string =>
  `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n`;
export const kept = (host: string): string => `GET /kept HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

export const tcp = (address: string, port: number, send?: string): Probe => ({
  ...{ kind: "tcp", address, port },
  ...(send === undefined ? {} : { send }),
});
export const http = (address: string, raw: string | string[], port = 80, answers = 1): Probe => ({
  ...{ kind: "http", address, port, answers },
  raw: [raw].flat(),
});
export const https = (address: string, sni: string | undefined, host = sni ?? "httpbin.org", port = 443): Probe => ({
  ...{ kind: "https", address, port, raw: [get(host)] },
  ...(sni === undefined ? {} : { sni }),
});

export const granted = http(httpbin, get("httpbin.org"));
// By its name: with DNS captured for CONNECT's sake, a sidecar knows names of TLS at addresses of its own.
export const grantedTls = https("httpbin.org", "httpbin.org");

/** Past the sidecar, as its own user, or by what no sidecar takes: the network's layer is the only one. */
export const around = (
  tries: string,
  probe: Probe,
  twin: Probe = probe,
  twinFrom: Place = "free",
  from: Place = "past app-a",
): NetworkVector => ({
  ...{ tries, group: "container", layer: "network", from, probe, twin, twinFrom },
});

/** What an application tries in its own container, through its sidecar. */
export const inside = (tries: string, probe: Probe, twin: Probe, rest: Partial<NetworkVector> = {}): NetworkVector => ({
  ...{ tries, group: "container", layer: "sidecar", from: "app-a", probe, twin },
  ...rest,
});
