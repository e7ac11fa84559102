import { network } from "../../../../lab/topology";
import { clientInitial } from "../quic";
import { NetworkVector, Probe } from "../vector";
import { around, cnn, echo, github, tcp } from "./shared";

// What is neither TCP nor DNS: no sidecar takes it, so an application's own attempts go the same way as those past it.

const ping = (address: string, rest: { send?: string; size?: number } = {}): Probe => ({
  kind: "icmp",
  address,
  ...rest,
});
const datagram = (address: string, port: number): Probe => ({ kind: "udp", address, port });
export const quic = (address: string, host: string, port = 443): Probe => ({
  ...{ kind: "udp", address, port, hex: clientInitial(host).toString("hex") },
});

const icmp: NetworkVector[] = [
  around("a ping to any host's address", ping(cnn)),
  around("a ping to a granted host's address", ping(github)),
  around("a ping to a host's address, from the application itself", ping(cnn), undefined, "free", "app-a"),
  around("data in a ping, and in its answer: ICMP as a tunnel", ping(cnn, { send: "TOKEN", size: 1400 })),
  around("a ping in fragments", ping(cnn, { size: 4000 })),
  around("a ping to a host of a private network", ping("10.20.0.5")),
  around("a ping to the cloud's metadata server", ping("169.254.169.254")),
  around("a ping to the node", ping(network.lab.address)),
  around("a ping to a resolver outside", ping(network.outsideDns)),
];

const udp: NetworkVector[] = [
  around("the first packet of QUIC to a granted host's address", quic(github, "github.com")),
  around("the first packet of QUIC to any host's address", quic(cnn, "cnn.com")),
  around(
    "the first packet of QUIC to a granted host, from the application itself",
    quic(github, "github.com"),
    undefined,
    "free",
    "app-a",
  ),
  around(
    "the first packet of QUIC with a granted name, at another host's address",
    quic(cnn, "github.com"),
    undefined,
    "free",
    "app-a",
  ),
  // Nothing of the gateway's speaks QUIC; its ports of TCP show that the probe finds it.
  ...[443, 8443].map((port) =>
    around(
      `the first packet of QUIC to the gateway, UDP port ${port}`,
      quic("@gateway", "github.com", port),
      tcp("@gateway", 8443),
      "past app-a",
    ),
  ),
  around("a datagram from the application itself", datagram(echo.address, echo.port), undefined, "free", "app-a"),
  around("a datagram in fragments", { ...datagram(echo.address, echo.port), size: 4000 } as Probe),
];

export const otherProtocols: NetworkVector[] = [...icmp, ...udp];
