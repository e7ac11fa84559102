import { connectPorts } from "../../grants";
import { forwardingOf } from "../../ground/forwarding";
import { sortedNumbers } from "../../ground/order";
import { CalledBy, ExternalPort, portProblem } from "../../ground/ports";
import { portProtocols } from "../../ground/protocols";
import type { GatewayRef } from "../args";
import { both, Check, listOf, oneOf, onlyOf, optional, port, problemText } from "../check";
import { refOf, Need } from "./need";

export interface NeedsPorts {
  /**
   * Ports of external hosts, beside 80 and 443, that it dials for its destinations.
   * @default []
   * @example [5432]
   */
  ports?: number[];
}

/** Ports of destinations' own, which are asked for by CONNECT. */
export const ports: Need<number[]> = {
  check: listOf(
    (value) => port(value) ?? portProblem({ port: value as number, protocol: "tcp" }, { address: true })?.problem,
  ),
  needs: (granted) => sortedNumbers(granted.flatMap(connectPorts).map(({ port: number }) => number)),
  asked: {
    ports: ({ addresses, gateway }) => {
      const address = addresses !== undefined;
      const each: Check = (value) =>
        externalPort(value, { address }) ?? ofGateway((value as ExternalPort).port, refOf(gateway));
      return address ? both(listOf(each, { atLeast: 1 }), eachOnce) : optional(both(listOf(each), eachOnce));
    },
  },
};

/** A port, with what is spoken there. */
function externalPort(value: unknown, called: CalledBy): ReturnType<Check> {
  const found = onlyOf({ port, protocol: oneOf(...portProtocols) })(value);
  return found === undefined || found.length === 0 ? explained(portProblem(value as ExternalPort, called)) : found;
}

function explained(found: ReturnType<typeof portProblem>): string | undefined {
  return found === undefined ? undefined : problemText(found);
}

/** One number twice would be two protocols on one port. */
const eachOnce: Check = (value) => {
  const seen = new Set<number>();
  return (value as ExternalPort[]).flatMap(({ port: number }, index) => {
    const isTwice = seen.has(number);
    seen.add(number);
    return isTwice
      ? [{ argument: `[${index}]`, problem: `The port ${number} stands there already, and a port has one protocol` }]
      : [];
  });
};

function ofGateway(number: number, { mesh, ports: known = [] }: Partial<GatewayRef>): string | undefined {
  if (!forwardingOf(mesh).connects) {
    return "Gateways reach ports beside 80 and 443 by an EnvoyFilter, and this mesh takes none";
  }
  return known.includes(number)
    ? undefined
    : `The gateway has no port ${number}: give it to the gateway's ports as well`;
}
