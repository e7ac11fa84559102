import { isPublic } from "../config/addresses";
import { StackConfig } from "../config/types";
import { DestinationTarget } from "../grants";
import { addressesName } from "../ground/addresses";
import { allowPolicyName } from "../ground/names";
import { serverFirst } from "../ground/ports";
import { addressesFilterName } from "../plan/addresses";
import { portsPolicyName } from "../plan/gateway-connect";
import { wayOutTo } from "../plan/gateway-parts";
import { sidecarOf } from "./around";
import { Step } from "./types";

interface Way {
  config: StackConfig;
  from: string;
  call: { host: string; port: number };
  target: DestinationTarget;
  listed: string;
  places: { home: string; identity: string; gateway: string };
  /** What is said of silent connections. */
  idle: string;
  /** What the host sees. */
  source: string;
}

/** The way of a call to an address without a name that is granted. */
export function addressWay({ config, from, call, target, listed, places, idle, source }: Way): Step[] {
  const { home, identity, gateway } = places;
  const { host, port } = call;
  const known = addressesName(target.name);
  const speaks = serverFirst[port];
  const out = isPublic(listed) ? portsPolicyName(target.gateway) : wayOutTo(target)!;
  return [
    {
      at: `the sidecar of ${from}`,
      what: `takes what is dialled in ${listed} for "${target.name}", and knows the gateway's way to it`,
      by: [
        sidecarOf(from),
        `EnvoyFilter/${home}/${addressesFilterName(target.name)}`,
        `ServiceEntry/${config.gateway.namespace}/${known}`,
      ],
    },
    {
      at: "from the sidecar to the gateway",
      what: `goes in mutual TLS as a request to CONNECT to ${host}:${port}, and then as bytes${idle}`,
      by: [`DestinationRule/${gateway}/${known}`, `NetworkPolicy/${home}/egress-to-gateway`],
    },
    {
      at: "the gateway",
      what: `lets ${identity} pass to this address and port`,
      by: [`AuthorizationPolicy/${gateway}/${allowPolicyName(target.name)}`],
    },
    {
      at: "from the gateway to the address",
      what:
        `connects to ${host}:${port}${source}, whoever has that address: there is no name to hold it to` +
        (speaks === undefined ? "" : `; as on ${speaks}'s port, a server may speak first`),
      by: [`EnvoyFilter/${gateway}/${target.gateway}`, `NetworkPolicy/${gateway}/${out}`],
    },
  ];
}
