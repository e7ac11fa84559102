import { noTunnels } from "../config/sections/wildcards";
import { writtenIn } from "../config/traits";
import { isWildcard } from "../ground/hosts";
import { isConnect, isRequest } from "../ground/ports";
import type { PortProtocol } from "../ground/protocols";
import type { DestinationTarget } from "./targets";

/** How something is called. */
interface Called {
  protocol: PortProtocol;
  port: number;
}

/** Why a destination could not be called in one way more, whatever a stack says, as a clause; undefined where it could. */
export function whyNoWay({ name, hosts, config }: DestinationTarget, way: Called): string | undefined {
  const wildcard = isConnect(way) ? hosts.find(isWildcard) : undefined;
  if (wildcard !== undefined) {
    return `"${name}" holds ${wildcard}, and ${noTunnels}`;
  }
  const against = writtenIn(config).find(({ noHttp }) => noHttp === true);
  return against !== undefined && isRequest(way)
    ? `"${name}" has ${against.key}, and plain http has no way there`
    : undefined;
}

/** Whether a way leads past the TLS that a gateway opens to a destination's hosts, where it sees neither methods nor paths. */
export function isPastOrigination({ config }: DestinationTarget, way: Called): boolean {
  return writtenIn(config).some(({ opensTls }) => opensTls === true) && !isRequest(way);
}
