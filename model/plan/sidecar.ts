import { Manifest } from "../ground/manifest";
import { sortedUnique } from "../ground/order";
import { commonLabels } from "./metadata";
import { MeshTraits } from "./args";
import { forwardingOf } from "../ground/forwarding";
import { serviceHost, serviceOfHost } from "../ground/names";
import { observerHost, observerKeyPort } from "./observer";

/** istiod's cache of routes does not tell one egressProxy from another: it is this one host, everywhere. */
const toObserver = { mode: "ALLOW_ANY", egressProxy: { host: observerHost, port: { number: observerKeyPort } } };

export interface SidecarArgs {
  name: string;
  namespace: string;
  /** Labels of the pods whose sidecars are configured. @default every pod that no other Sidecar selects */
  selector?: Record<string, string>;
  /** External hosts that the sidecar knows, services beside the mesh too. */
  hosts: string[];
  /** @default Istio's own defaults */
  mesh?: MeshTraits;
  guardedNamespaces: string[];
  /** Namespaces that are not guarded, whose Services the sidecar knows as well. @default [] */
  peers?: string[];
  gatewayNamespace: string;
  /** Whether what it does not know goes to the observer, and is not refused. @default false */
  observed?: boolean;
}

/**
 * What a sidecar knows: the Services of guarded namespaces and of peers, and the external hosts it is granted, by name, so that it
 * answers 502, or resets TLS, for any other, and so that hosts of other workloads cost it nothing. Of one that is
 * observed, any other goes to the observer.
 */
export function planSidecar(args: SidecarArgs): Manifest {
  const { name, namespace, selector, hosts, guardedNamespaces, peers = [], observed = false } = args;
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Sidecar",
    metadata: { name, namespace, labels: commonLabels() },
    spec: {
      ...(selector === undefined ? {} : { workloadSelector: { labels: selector } }),
      outboundTrafficPolicy: observed ? toObserver : { mode: "REGISTRY_ONLY" },
      egress: [
        {
          hosts: [
            ...sortedUnique([...guardedNamespaces, ...peers]).map((inside) => `${inside}/${serviceHost("*", inside)}`),
            ...sortedUnique(hosts).map((host) => `${homeOf(host, args)}/${host}`),
            ...(observed ? [`${args.gatewayNamespace}/${observerHost}`] : []),
          ],
        },
      ],
    },
  };
}

/** The namespace of the ServiceEntry by which the sidecar knows a host. */
function homeOf(host: string, { namespace, mesh, gatewayNamespace }: SidecarArgs): string {
  return forwardingOf(mesh).hostsKnownIn === "caller" && serviceOfHost(host) === undefined
    ? namespace
    : gatewayNamespace;
}
