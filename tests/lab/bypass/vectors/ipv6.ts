import { echo6 } from "../../../../lab/outside/hosts";
import { network } from "../../../../lab/topology";
import { nodeLink6 } from "../../support/ipv6";
import { NetworkVector, Place, Probe } from "../vector";
import { quic } from "./other-protocols";
import { around, cnn, echo, get, granted, http, https, httpbin, inside, tcp } from "./shared";

// By IPv6, of which pods have addresses here as in a cluster with both families, while the mesh knows of IPv4 only: then no
// sidecar takes it. Its own attempts are those past it.

const cnn6 = "2001:db8::13";
const mapped = (address: string): string => `::ffff:${address}`;
const fromApp: [undefined, Place, Place] = [undefined, "free", "app-a"];

const routed: NetworkVector[] = [
  ...(
    [
      ["any host's IPv6 address, port 80", cnn6, 80],
      ["any host's IPv6 address, port 443", cnn6, 443],
      ["a granted host's IPv6 address, port 443", "2001:db8::10", 443],
      ["a server of its own by IPv6, on any port", echo6.address, echo6.port],
      ["an IPv4 host by its translated address (NAT64)", "64:ff9b::203.0.113.13", 80],
      ["a host of a private network by IPv6", "fd00:20::5", 443],
      ["Google's metadata server by IPv6", "fd20:ce::254", 80],
      ["Amazon's metadata server by IPv6", "fd00:ec2::254", 80],
      ["a resolver outside by IPv6, over TCP", network.outsideDns6, 53],
    ] as const
  ).map(([tries, address, port]) => around(tries, tcp(address, port))),
  around("a request to an IPv6 address, from the application itself", http(cnn6, get("cnn.com")), ...fromApp),
  around("TLS to an IPv6 address, from the application itself", https(cnn6, "cnn.com"), ...fromApp),
  around("a datagram by IPv6", { kind: "udp", ...echo6 }),
  around("the first packet of QUIC by IPv6", quic(cnn6, "cnn.com")),
  around("a ping by IPv6", { kind: "icmp", address: cnn6 }),
  around("data in a ping by IPv6, from the application itself", icmp(cnn6, "TOKEN"), ...fromApp),
  around("data in a name, to a resolver outside by IPv6", {
    ...{ kind: "dns", address: network.outsideDns6, name: "TOKEN.bulk.example" },
  }),
];

const near: NetworkVector[] = [
  around("a ping to the node by IPv6", icmp(network.lab.address6)),
  around("a ping to the node at its link-local address", icmp(nodeLink6)),
  // The gateway listens on IPv4 only, which shows that the probe finds it.
  ...[8443, 15021].map((port) =>
    around(`the gateway's port ${port} by IPv6`, tcp("@gateway6", port), tcp("@gateway", 8443), "past app-a"),
  ),
];

// An IPv4 address that is written as one of IPv6 goes as IPv4.
const written: NetworkVector[] = [
  around("an IPv4 address, written as one of IPv6", tcp(mapped(cnn), 443)),
  around("an IPv4 address, written as one of IPv6: a datagram", {
    kind: "udp",
    ...echo,
    address: mapped(echo.address),
  }),
  around("an IPv4 address, written as one of IPv6: the metadata server", tcp(mapped("169.254.169.254"), 80)),
  inside(
    "an IPv4 address, written as one of IPv6, through the sidecar",
    http(mapped(cnn), get("cnn.com")),
    http(mapped(httpbin), get("httpbin.org")),
  ),
  inside("an IPv6 address in Host, over http", http(httpbin, get("[2001:db8::13]")), granted),
  inside("an IPv4 address, written as one of IPv6, in Host", http(httpbin, get(`[${mapped(cnn)}]`)), granted),
];

function icmp(address: string, send?: string): Probe {
  return { kind: "icmp", address, ...(send === undefined ? {} : { send }) };
}

export const ipv6: NetworkVector[] = [...routed, ...near, ...written];
