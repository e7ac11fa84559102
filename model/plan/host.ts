import { Protocol } from "../config/types";
import { Manifest } from "../ground/manifest";
import { commonLabels } from "./metadata";
import { GatewayRef } from "./args";
import { sidecarPort } from "./ports";
import { gatewaySelector, spiffeId } from "../ground/names";

export interface HostArgs {
  host: string;
  /** In the order of the table of protocols. */
  protocols: Protocol[];
  /** Namespaces that may know of the host: those with a workload that is granted it. Never the gateway's own. */
  clientNamespaces: string[];
  gateway: GatewayRef;
}

/**
 * The way from sidecars to the gateway for one outside host, where the gateway forwards by name: the name's only
 * endpoints are the gateway's pods, reached under mTLS with the name as SNI, so that the gateway knows over TLS too
 * which host is meant.
 *
 * Both objects stand in the gateway's namespace and are exported to the clients' namespaces, which makes one of each
 * per host, whatever the number of namespaces. The gateway itself must not see them: for it the name is the real host.
 */
export function planHost(args: HostArgs): Manifest[] {
  const { host, clientNamespaces, gateway } = args;
  return [
    {
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: { name: host, namespace: gateway.namespace, labels: commonLabels() },
      spec: { hosts: [host], exportTo: clientNamespaces, location: "MESH_EXTERNAL", ...throughGateway(args) },
    },
    {
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: { name: host, namespace: gateway.namespace, labels: commonLabels() },
      spec: { host, exportTo: clientNamespaces, ...mutualTls(host) },
    },
  ];
}

/** Connections to the host go in mutual TLS with the host as SNI, whatever the mesh does elsewhere. */
export function mutualTls(host: string): Record<string, unknown> {
  return { trafficPolicy: { tls: { mode: "ISTIO_MUTUAL", sni: host } } };
}

/**
 * The endpoints are the gateway's pods themselves, told to sidecars by istiod as they become ready and go. By the name
 * of the gateway's Service instead, a sidecar that asks before a gateway pod is ready keeps "no such host" for a whole
 * minute (Istio's dnsRefreshRate), and pods that are gone for as long as the answer lives.
 */
function throughGateway({ protocols, gateway }: HostArgs): Record<string, unknown> {
  return {
    ports: protocols.map(sidecarPort),
    resolution: "STATIC",
    workloadSelector: { labels: gatewaySelector(gateway.name) },
    subjectAltNames: [spiffeId(gateway.mesh, gateway.namespace, gateway.name)],
  };
}
