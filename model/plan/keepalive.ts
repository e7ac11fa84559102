/**
 * Asked for after so many seconds of silence, so often, until so many go unanswered: well before NATs and firewalls
 * forget a connection (Cloud NAT after 20 minutes), and a peer that is gone is noticed within two and a half minutes.
 */
export const keepalive = { time: 60, interval: 30, probes: 3 };

/** The same, as a DestinationRule says it. */
export const tcpKeepalive = {
  time: `${keepalive.time}s`,
  interval: `${keepalive.interval}s`,
  probes: keepalive.probes,
};
