import { network } from "../topology";

/**
 * How a host answers a request:
 * - `describe`: as JSON, what reached the host, by which name and from whom;
 * - `apache`: as the internal load balancer of the walkthrough does, naming the pod behind it.
 */
export type Behaviour = "describe" | "apache";

/** Where a name sends its callers on, by the scheme they came by: an origin, which the request's path is added to. */
export type Redirect = Partial<Record<"http" | "https", string>>;

/** A server of the outside world: one address, and everything that is served there. */
export interface OutsideHost {
  address: string;
  /** Addresses where the same is served; no name leads there. @default none */
  moreAddresses?: string[];
  /** Exact names, or `*.` and a domain for every name below it, however deep. Without names it answers to any. */
  names: string[];
  behaviour: Behaviour;
  /** Names that answer by 301 instead, in the schemes that are given. @default none */
  redirects?: Record<string, Redirect>;
  /** Ports that speak plain HTTP, WebSockets too. */
  httpPorts: number[];
  /** Ports that speak HTTPS, WebSockets too. */
  httpsPorts: number[];
  /** Ports that speak gRPC, over HTTP/2 and nothing else: in plain text from the first byte, or in TLS. @default none */
  grpcPorts?: Record<number, "plain" | "tls">;
  /** What is wrong with its certificates: they have expired, or are for another name. @default nothing */
  certificate?: "expired" | "of-another";
  /** That callers over HTTPS show a certificate which the outside's authority has signed, or are turned away. @default false */
  asksClients?: boolean;
  /** Closes each connection after its answer, so that the next request comes on a new one. @default false */
  closes?: boolean;
  /**
   * Ports that speak lines of text over plain TCP, and who begins: the client, as with a database, or the server, with a
   * greeting, as with mail. @default none
   */
  linePorts?: Record<number, "client" | "server">;
  /** Ports of a proxy, which is asked by CONNECT. @default none */
  proxyPorts?: number[];
  /** UDP ports that answer QUIC, as far as its first packet. @default none */
  quicPorts?: number[];
}

const web = { behaviour: "describe", httpPorts: [80], httpsPorts: [443] } satisfies Partial<OutsideHost>;

/** The hosts of the walkthroughs, which redirect as the real ones do, and families of names that only tests use. */
export const outsideHosts: readonly OutsideHost[] = [
  // 8080: a port that no rule opens, on a host that rules do open.
  {
    ...web,
    address: "203.0.113.10",
    moreAddresses: ["2001:db8::10"],
    quicPorts: [443],
    names: ["github.com", "www.github.com", "api.github.com"],
    redirects: {
      "github.com": { http: "https://github.com" },
      "www.github.com": { http: "https://github.com", https: "https://github.com" },
      "api.github.com": { http: "https://api.github.com" },
    },
    httpPorts: [80, 8080],
  },
  { ...web, address: "203.0.113.11", names: ["httpbin.org"] },
  {
    ...web,
    address: "203.0.113.12",
    names: ["google.com", "www.google.com"],
    redirects: { "google.com": { http: "http://www.google.com", https: "https://www.google.com" } },
  },
  // By IPv6 too, and by what a translator between both (NAT64) makes of its IPv4 address.
  {
    ...web,
    address: "203.0.113.13",
    moreAddresses: ["2001:db8::13", "64:ff9b::203.0.113.13"],
    quicPorts: [443],
    names: ["cnn.com", "www.cnn.com"],
    redirects: {
      "cnn.com": { http: "https://www.cnn.com", https: "https://www.cnn.com" },
      "www.cnn.com": { http: "https://www.cnn.com" },
    },
  },
  { ...web, address: "203.0.113.14", names: ["example.com", "www.example.com"] },
  { ...web, address: "203.0.113.15", names: ["example.org", "www.example.org"] },
  { ...web, address: "203.0.113.16", names: ["partner.example"] },
  { ...web, address: "203.0.113.17", names: ["api.partner.example"] },
  { ...web, address: "203.0.113.18", names: ["*.wild.example"] },
  { ...web, address: "203.0.113.19", names: ["*.bulk.example"] },
  // Two databases on one port, and a mail server: each has more than one port.
  {
    ...web,
    address: "203.0.113.30",
    names: ["db.partner.example"],
    httpPorts: [80, 8080],
    httpsPorts: [443, 8443],
    linePorts: { 5432: "client", 5433: "client" },
  },
  { ...web, address: "203.0.113.31", names: ["db.other.example"], linePorts: { 5432: "client" } },
  {
    ...web,
    address: "203.0.113.32",
    names: ["mail.partner.example"],
    linePorts: { 25: "server", 587: "server", 5432: "client" },
  },
  {
    behaviour: "describe",
    address: "203.0.113.40",
    names: ["grpc.partner.example"],
    httpPorts: [],
    httpsPorts: [],
    grpcPorts: { 80: "plain", 443: "tls" },
  },
  // A payment service, and two that a careful caller turns away from.
  { ...web, address: "203.0.113.41", names: ["billing.partner.example"] },
  // A store whose names change with the region.
  { ...web, address: "203.0.113.44", names: ["*.storage.example"] },
  { ...web, address: "203.0.113.42", names: ["expired.partner.example"], certificate: "expired" },
  { ...web, address: "203.0.113.43", names: ["renamed.partner.example"], certificate: "of-another" },
  // It knows its customers by their certificates.
  {
    ...web,
    address: "203.0.113.45",
    names: ["certified.partner.example", "uncertified.partner.example"],
    asksClients: true,
    // Who shows another certificate does so on a new connection.
    closes: true,
  },
  // A public name that leads to a private address, as whoever owns a name can make it do at any time.
  { ...web, address: "172.16.0.9", names: ["rebound.example"] },
  { ...web, address: "10.10.0.4", names: [], behaviour: "apache" },
  // What answers there on the machines of a cloud, and on GKE is Workload Identity's.
  {
    behaviour: "describe",
    address: "169.254.169.254",
    // Google's and Amazon's by IPv6.
    moreAddresses: ["fd20:ce::254", "fd00:ec2::254"],
    names: [],
    httpPorts: [80],
    httpsPorts: [],
  },
  // Two proxies: one on the internet, and one in a company's network.
  {
    behaviour: "describe",
    address: "203.0.113.60",
    names: ["proxy.partner.example"],
    httpPorts: [],
    httpsPorts: [],
    proxyPorts: [3128],
  },
  {
    behaviour: "describe",
    address: "10.20.0.7",
    names: ["proxy.corp.example"],
    httpPorts: [],
    httpsPorts: [],
    proxyPorts: [3128],
  },
  // A company's private network, and another one that is not its.
  {
    ...web,
    address: "10.20.0.5",
    moreAddresses: ["fd00:20::5"],
    names: ["wiki.corp.example"],
    linePorts: { 5432: "server" },
  },
  { ...web, address: "10.20.0.6", names: ["ledger.corp.example"] },
  { ...web, address: "10.30.0.5", names: ["other.corp.example"], linePorts: { 5432: "server" } },
];

/** Sends back what it gets, over TCP and over UDP, for tests that try to leave by something else than HTTP. */
export const echo = { address: "203.0.113.99", port: 9999 } as const;
export const echo6 = { address: "2001:db8::99", port: 9999 } as const;

/** Addresses that the outside's network namespace must hold before its server and its resolver start. */
export function outsideAddresses(): string[] {
  return [
    ...outsideHosts.flatMap(({ address, moreAddresses = [] }) => [address, ...moreAddresses]),
    ...[network.outsideDns, network.outsideDns6, echo.address, echo6.address],
  ];
}
