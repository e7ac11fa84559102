import type { DestinationTarget } from "../grants";
import type { Manifest } from "../ground/manifest";
import type { GatewayArgs, GatewayNeeds } from "./args";
import { connectPart } from "./gateway-connect";
import { originationPart } from "./gateway-origination";
import { GatewayPart, HandedOn, OpenedRanges, Piece, Routes, TlsChain } from "./gateway-part";
import { lookupsPart } from "./gateway-private-hosts";
import { proxiesPart } from "./gateway-proxy";

/**
 * Every part that destinations add to a gateway that forwards by name. Where they meet, they do so in this order: in Envoy
 * the first route that matches is taken.
 */
const parts: readonly GatewayPart[] = [lookupsPart, proxiesPart, connectPart, originationPart];

/** Patches that add their clusters. */
export function clustersOfParts(of: GatewayArgs): Piece[] {
  return parts.flatMap(({ clusters }) => clusters?.(of) ?? []);
}

/** Ways of TLS for certain names. */
export function tlsChainsOfParts(of: GatewayArgs): TlsChain[] {
  return parts.flatMap(({ tlsChains }) => tlsChains?.(of) ?? []);
}

/** Routes of certain hosts, which come before those for all. */
export function routesOfParts(of: GatewayArgs, on: Routes): Piece[] {
  return parts.flatMap(({ routes }) => routes?.(of, on) ?? []);
}

/** The ports of a gateway's servers beside those of the protocols; its Service has them under the same numbers. */
export function furtherPorts(of: GatewayArgs): NonNullable<ReturnType<NonNullable<GatewayPart["port"]>>>[] {
  const handedOn = handedOnBy(of);
  return parts.flatMap(({ port }) => port?.(of, handedOn) ?? []);
}

/** Requests to CONNECT that do not end at the gateway. */
export function handedOnBy(of: GatewayArgs): HandedOn[] {
  return parts.flatMap(({ handsOn }) => handsOn?.(of) ?? []);
}

/** Objects beside those that every gateway has. */
export function objectsOfParts(of: GatewayArgs): Manifest[] {
  return parts.flatMap(({ objects }) => objects?.(of) ?? []);
}

/** What of private networks a gateway's NetworkPolicies open, and for which destination. */
export function openedBy(of: Pick<GatewayArgs, "name"> & GatewayNeeds): OpenedRanges[] {
  return parts.flatMap(({ opens }) => opens?.(of) ?? []);
}

/** Name of the NetworkPolicy by which gateways reach a destination that is not, or not all, at public addresses. */
export function wayOutTo(target: DestinationTarget): string | undefined {
  return parts.map(({ wayOut }) => wayOut?.(target)).find((name) => name !== undefined);
}
