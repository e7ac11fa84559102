import { defaultPort, PortProtocol, portProtocols, protocols } from "./protocols";
import { nearestName } from "./suggest";

/** A port of external hosts other than the protocols' own, and what is spoken on it. */
export interface ExternalPort {
  port: number;
  protocol: PortProtocol;
}

/** A port as configurations have it: `5432/tcp`. */
export type PortText = `${number}/${PortProtocol}`;

export function portText({ port, protocol }: ExternalPort): PortText {
  return `${port}/${protocol}`;
}

/** What is wrong with a port, and what to do about it. */
export interface PortProblem {
  problem: string;
  allowed?: string;
  fix?: string;
}

const form = `PORT/PROTOCOL, with ${portProtocols.join(", ")} for the protocol, as 5432/tcp`;

/** Reads `5432/tcp`, or says why no host of a destination can be called so. */
export function checkPort(written: string, called: CalledBy = {}): { port: ExternalPort } | PortProblem {
  const [, digits, name] = /^(\d+)\/([^/]*)$/.exec(written) ?? [];
  if (digits === undefined || name === undefined) {
    const problem = /^\s*(\d+\s*-\s*\d+|\*)(\/|$)/.test(written)
      ? "Not a port and what is spoken on it: there are no ranges of ports"
      : "Not a port and what is spoken on it";
    return (
      offering(formOf(written), called, (text) => ({ problem, allowed: form, fix: `write "${text}"` })) ?? {
        problem,
        allowed: form,
        fix: "write each port that is called, one by one",
      }
    );
  }
  const protocol = portProtocols.find((known) => known === name);
  if (protocol === undefined && /^(udp|quic|sctp)$/i.test(name)) {
    return {
      problem: `Nothing but TCP leaves the mesh, and ${name} is not carried by it`,
      allowed: form,
      fix: "remove it",
    };
  }
  if (protocol === undefined) {
    const near = nearestName(name, portProtocols);
    const text = `${Number(digits)}/${near ?? "tcp"}`;
    return offering(text, called, () => ({
      problem: `No protocol "${name}": what is neither plain HTTP nor TLS from the first byte is tcp`,
      allowed: portProtocols.join(", "),
      fix: near === undefined ? `write "${text}"` : `did you mean "${text}"?`,
    }))!;
  }
  const port = Number(digits);
  return portProblem({ port, protocol }, called) ?? { port: { port, protocol } };
}

/** How what is called on a port is known. */
export interface CalledBy {
  /** Whether it is by its address, and has no name that anybody could look at. @default false */
  address?: boolean;
}

/** Why a port cannot be opened by its number; undefined where it can. */
export function portProblem(
  { port, protocol }: ExternalPort,
  { address = false }: CalledBy = {},
): PortProblem | undefined {
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    return { problem: "No such port", allowed: "1 to 65535", fix: "write the port that the hosts listen on" };
  }
  if (port >= firstOfIstio && port <= lastOfIstio) {
    return {
      problem: `Istio keeps the ports ${firstOfIstio} to ${lastOfIstio} for itself: a sidecar does not lead them on`,
      allowed: "any other port",
      fix: "remove it; what the hosts serve there is to be had from no workload with a sidecar, so ask for another port of theirs",
    };
  }
  const owner = protocols.find((own) => defaultPort(own) === port);
  if (owner !== undefined && address) {
    return protocol === "tcp"
      ? undefined
      : {
          problem: `What is called by its address has no name, which is what ${protocol} is held to: it goes as bytes`,
          fix: `write "${port}/tcp"`,
        };
  }
  if (owner !== undefined) {
    return protocol === owner
      ? { problem: `The port is ${owner}'s own`, fix: `remove it, and have ${owner} among the protocols` }
      : {
          problem: `Sidecars take what is sent to port ${port} for ${owner}, and would not let ${protocol} pass`,
          allowed: `protocols: [${owner}]`,
          fix: `remove it, and have ${owner} among the protocols if that is what the hosts speak there`,
        };
  }
  if (port === dns) {
    return {
      problem: "Sidecars answer what is sent to port 53 themselves: names are asked of the cluster's resolver",
      fix: "remove it",
    };
  }
  const speaks = serverFirst[port];
  return speaks !== undefined && protocol !== "tcp"
    ? {
        problem: `Port ${port} is that of ${speaks}, where the server speaks first and in plain text: it is not ${protocol}`,
        fix: `write "${port}/tcp"`,
      }
    : undefined;
}

/** Source: Istio's documentation, "Application Requirements: Ports used by Istio". */
const [firstOfIstio, lastOfIstio] = [15000, 15090];

const dns = 53;

/**
 * Protocols in which the server speaks first, by their usual ports.
 *
 * Source: IANA's registry of service names and port numbers; the protocols' own documents.
 */
export const serverFirst: Readonly<Record<number, string>> = {
  21: "FTP",
  22: "SSH",
  23: "Telnet",
  24: "LMTP",
  25: "SMTP",
  110: "POP3",
  119: "NNTP",
  143: "IMAP",
  587: "SMTP",
  2525: "SMTP",
  3306: "MySQL",
  4190: "ManageSieve",
  5900: "VNC",
};

/** What is meant by a port in another form. */
function formOf(written: string): string | undefined {
  const [, first, second] = /^\s*(\d{1,5}|[a-z]+)\s*[/: -]?\s*(\d{1,5}|[a-z]*)\s*$/i.exec(written) ?? [];
  const port = [first, second].find((part) => part !== undefined && /^\d+$/.test(part));
  const word = [first, second].find((part) => part !== undefined && /^[a-z]+$/i.test(part))?.toLowerCase();
  const protocol = word === undefined ? "tcp" : portProtocols.find((known) => known === word);
  return port === undefined || protocol === undefined ? undefined : `${Number(port)}/${protocol}`;
}

/** A problem that offers a port or, where that cannot be opened either, why it cannot. */
function offering(
  text: string | undefined,
  called: CalledBy,
  problem: (text: string) => PortProblem,
): PortProblem | undefined {
  if (text === undefined) {
    return undefined;
  }
  const check = checkPort(text, called);
  return "problem" in check ? check : problem(text);
}

/** Ports that stand in one list, each number once, and what is wrong with the others. */
export interface PortList {
  /** In the order of their numbers. */
  ports: ExternalPort[];
  problems: (PortProblem & { index: number })[];
}

/** Reads the ports of one destination. @param at what the place of one is called */
export function checkPorts(written: readonly string[], at: (index: number) => string, called: CalledBy = {}): PortList {
  const first = new Map<number, { port: ExternalPort; index: number }>();
  const problems: PortList["problems"] = [];
  written.forEach((text, index) => {
    const check = checkPort(text, called);
    if ("problem" in check) {
      problems.push({ index, ...check });
      return;
    }
    const { port } = check;
    const earlier = first.get(port.port);
    if (earlier === undefined) {
      first.set(port.port, { port, index });
    } else if (earlier.port.protocol === port.protocol) {
      problems.push({
        index,
        problem: `The port stands at ${at(earlier.index)} already`,
        fix: "remove one of the two",
      });
    } else {
      problems.push({
        index,
        problem: `${at(earlier.index)} says ${earlier.port.protocol} of the same port, and a port has one protocol`,
        fix: `remove one of the two; ${port.port}/tcp lets pass whatever is spoken there`,
      });
    }
  });
  return { ports: sortedPorts([...first.values()].map(({ port }) => port)), problems };
}

/** In the order of their numbers. */
export function sortedPorts<T extends { port: number }>(ports: Iterable<T>): T[] {
  return [...ports].sort((a, b) => a.port - b.port);
}

/** Whether a call by this protocol on this port goes as bytes, by CONNECT, and not on a protocol's own way. */
export function isConnect({ protocol, port }: { protocol: PortProtocol; port: number }): boolean {
  return protocol === "tcp" || defaultPort(protocol) !== port;
}

/** Whether a gateway sees a call by this protocol on this port as a request: of all others it sees bytes. */
export function isRequest(call: { protocol: PortProtocol; port: number }): boolean {
  return call.protocol === "http" && !isConnect(call);
}
