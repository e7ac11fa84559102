import { GatewaySize, StackConfig } from "./types";
import { sortedBy } from "../ground/order";
import { gatewayName } from "../ground/names";

/** A gateway of the stack. */
export interface StackGateway extends GatewaySize {
  name: string;
}

/**
 * The gateways of a stack, sorted by name: those of certain destinations' own, and the one that the others share,
 * which is there as long as there are others or no gateway at all.
 */
export function gatewaysOf(config: Pick<StackConfig, "gateway" | "gateways" | "destinations">): StackGateway[] {
  const { namespace: _, ...size } = config.gateway;
  const named = config.gateways.map(({ destinations: __, ...gateway }) => ({ ...size, ...gateway }));
  const gatewayOf = gatewayNames(config);
  const shares = config.destinations.some(({ name }) => gatewayOf(name) === gatewayName);
  return sortedBy(
    shares || named.length === 0 ? [...named, { ...size, name: gatewayName }] : named,
    ({ name }) => name,
  );
}

/** Tells the name of the gateway that a destination, by its name, is reached through. */
export function gatewayNames({ gateways }: Pick<StackConfig, "gateways">): (destination: string) => string {
  const own = new Map(gateways.flatMap(({ name, destinations }) => destinations.map((each) => [each, name] as const)));
  return (destination) => own.get(destination) ?? gatewayName;
}
