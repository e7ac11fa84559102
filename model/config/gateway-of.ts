import { DestinationConfig, GatewaySize, StackConfig } from "./types";
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
export function gatewaysOf(config: StackConfig): StackGateway[] {
  const { namespace: _, ...size } = config.gateway;
  const named = config.gateways.map(({ destinations: __, ...gateway }) => ({ ...size, ...gateway }));
  const shares = config.destinations.some((destination) => gatewayOf(config, destination) === gatewayName);
  return sortedBy(
    shares || named.length === 0 ? [...named, { ...size, name: gatewayName }] : named,
    ({ name }) => name,
  );
}

/** Name of the gateway that a destination is reached through. */
export function gatewayOf(
  { gateways }: Pick<StackConfig, "gateways">,
  { name }: Pick<DestinationConfig, "name">,
): string {
  return gateways.find(({ destinations }) => destinations.includes(name))?.name ?? gatewayName;
}
