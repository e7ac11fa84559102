import type { DestinationTarget } from "../grants";
import type { Manifest } from "../ground/manifest";
import type { GatewayArgs, GatewayNeeds } from "./args";

/** A patch of an EnvoyFilter, or a route of a VirtualService, as Istio has it. */
export type Piece = Record<string, unknown>;

/** What a route has in common with others of its kind: of requests in plain http, and of those to CONNECT. */
export type Routes = Record<"http" | "connect", Piece>;

/** A way of TLS for certain names: where connections lead that ask for one of them. */
export interface TlsChain {
  /** Name of the destination whose names they are. */
  destination: string;
  names: string[];
  /** Filters that look the name up. @default nobody looks it up here */
  lookup?: Piece[];
  /** Name of the cluster that is connected to. */
  cluster: string;
  /** What the cluster's own proxy is asked for. @default the cluster is connected to, and nothing asked of it */
  tunnel?: string;
}

/** A port of a gateway's Service, and of its Gateway's server. */
export interface ServerPort {
  number: number;
  name: string;
  protocol: string;
}

/** Private ranges that a NetworkPolicy opens to a gateway's pods. */
export interface OpenedRanges {
  /** Name of the destination that needs them. */
  destination: string;
  /** In CIDR notation. */
  ranges: readonly string[];
  /** Name of the NetworkPolicy, in the gateway's namespace. */
  policy: string;
  /** Where the destination says it in a stack's configuration, below its name. */
  key: string;
}

/** What one kind of destination adds to a gateway, beside what all of them share. Each is asked with all that the gateway has. */
export interface GatewayPart {
  /** Patches that add clusters of its own. */
  clusters?: (of: GatewayArgs) => Piece[];
  /** Ways of its own behind the check of the application's own SNI. */
  tlsChains?: (of: GatewayArgs) => TlsChain[];
  /** Routes of its own hosts on ports of all hosts: they come before those for all. */
  routes?: (of: GatewayArgs, on: Routes) => Piece[];
  /** A port of its own, where something needs it: its server, its routes. */
  port?: (
    of: GatewayArgs,
    handedOn: readonly HandedOn[],
  ) => { server: ServerPort; routes: (on: Routes) => Piece[] } | undefined;
  /** Requests to CONNECT that do not end at the gateway: names of their routes, and the patches that hand them on. */
  handsOn?: (of: GatewayArgs) => HandedOn[];
  /** Objects beside the EnvoyFilter, the Gateway and its routes: the way out, and what may be read for it. */
  objects?: (of: GatewayArgs) => Manifest[];
  /** What of private networks these objects open. */
  opens?: (of: Pick<GatewayArgs, "name"> & GatewayNeeds) => OpenedRanges[];
  /** Name of the NetworkPolicy by which a gateway reaches a destination; undefined where it is another part's. */
  wayOut?: (target: DestinationTarget) => string | undefined;
}

/** Requests to CONNECT that are handed on to a cluster, as they came. */
export interface HandedOn {
  /** Name of their route. */
  route: string;
  cluster: string;
}
