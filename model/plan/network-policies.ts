import { asRange, insideRanges } from "../ground/cidr";
import { Manifest } from "../ground/manifest";
import { forwardingOf } from "../ground/forwarding";
import { Ingress, IngressSource } from "../ground/ingress";
import { MeshTraits } from "./args";
import { statsPort } from "./call-counters";
import { resolverPort, resolverSelector } from "../ground/dns";
import { commonLabels } from "./metadata";
import { gatewayPodLabelKey, gatewaySelector, meshNamespace, observerName } from "../ground/names";
import { connect, observe, originate, protocols, protocolTable } from "../ground/protocols";

type Peers = Record<string, unknown>[];

/** Every IPv4 address but those inside. */
const externalAddresses = { ipBlock: { cidr: "0.0.0.0/0", except: insideRanges } };
type Ports = { protocol: "TCP" | "UDP"; port: number }[];

/**
 * What every pod of the mesh needs: the cluster's DNS, and its certificate and configuration from the control plane.
 *
 * @param dns.resolvers addresses of resolvers on the node and beyond it, which no label selects
 * @param dns.dnsPort port of kube-dns' pods @default 53
 */
export function egressToControlPlane(
  namespace: string,
  mesh: MeshTraits,
  dns: { resolvers?: string[]; dnsPort?: number } = {},
): Manifest[] {
  return [egressToDns(namespace, dns), egressToMeshControl(namespace, mesh)];
}

/** The same for pods that ask the stack's own resolver, and no other. */
export function egressToControlPlaneAndResolver(
  namespace: string,
  mesh: MeshTraits,
  gatewayNamespace: string,
): Manifest[] {
  const to = [podsOf(gatewayNamespace, resolverSelector)];
  return [egressPolicy("egress-to-dns", namespace, to, onPort(resolverPort)), egressToMeshControl(namespace, mesh)];
}

/** Who may ask the stack's resolver; its own way to the cluster's is that of all pods of the gateways' namespace. */
export function ingressToResolver(namespace: string, from: string[]): Manifest {
  return networkPolicy("ingress-to-dns", namespace, {
    podSelector: { matchLabels: resolverSelector },
    policyTypes: ["Ingress"],
    ingress: from.length === 0 ? [] : [{ from: [podsIn(from)], ports: onPort(resolverPort) }],
  });
}

/** The port that every resolver answers on but those behind a Service, which may have another. */
const dnsService = 53;

/** The way to the cluster's own resolver, for all pods of a namespace unless some are selected. */
export function egressToDns(
  namespace: string,
  { resolvers = [], dnsPort = dnsService }: { resolvers?: string[]; dnsPort?: number },
  { name, podSelector }: { name: string; podSelector: Record<string, unknown> } = {
    name: "egress-to-dns",
    podSelector: {},
  },
): Manifest {
  const pods = [podsOf("kube-system", { "k8s-app": "kube-dns" })];
  const others = nodeResolvers(resolvers);
  return networkPolicy(name, namespace, {
    podSelector,
    policyTypes: ["Egress"],
    egress:
      dnsPort === dnsService
        ? [{ to: [...pods, ...others], ports: onPort(dnsService) }]
        : [
            { to: pods, ports: onPort(dnsPort) },
            ...(others.length === 0 ? [] : [{ to: others, ports: onPort(dnsService) }]),
          ],
  });
}

function egressToMeshControl(namespace: string, { managed, controlPlane = {} }: MeshTraits): Manifest {
  const ranges = managed === undefined ? controlPlane.ranges : [managed.range];
  return ranges === undefined
    ? egressPolicy(
        "egress-to-istiod",
        namespace,
        [podsOf(controlPlane.namespace ?? meshNamespace, { app: "istiod" })],
        tcp(15012),
      )
    : egressPolicy(
        "egress-to-managed-control-plane",
        namespace,
        ranges.map((range) => ({ ipBlock: { cidr: asRange(range) } })),
        tcp(443),
      );
}

/** The way to pods of the guarded namespaces, on any port: mTLS and their own policies hold there. */
export function egressToMesh(namespace: string, guardedNamespaces: string[]): Manifest {
  return egressPolicy("egress-to-mesh", namespace, [podsIn(guardedNamespaces)]);
}

/** The way to pods of namespaces that are not guarded, on any port; none without such. */
export function egressToPeers(namespace: string, peers: string[]): Manifest[] {
  return peers.length === 0 ? [] : [egressPolicy("egress-to-peers", namespace, [podsIn(peers)])];
}

/** The way to the gateways, which have their namespace to themselves. */
export function egressToGateway(namespace: string, gatewayNamespace: string, mesh?: MeshTraits): Manifest {
  return egressPolicy("egress-to-gateway", namespace, [podsIn([gatewayNamespace])], gatewayTcp(mesh));
}

/** The way to the gateway of what is observed, which asks for identities as every other. */
export function egressToObserver(namespace: string, gatewayNamespace: string): Manifest {
  const to = { ...podsIn([gatewayNamespace]), podSelector: { matchLabels: gatewaySelector(observerName) } };
  return egressPolicy("egress-to-observer", namespace, [to], tcp(observe.gateway.port));
}

/** The observer's two sides: pods of some namespaces on its port, and every port of public addresses. */
export function aroundObserver(name: string, namespace: string, from: string[]): Manifest[] {
  const podSelector = { matchLabels: gatewaySelector(name) };
  return [
    networkPolicy(`${name}-from-observed`, namespace, {
      podSelector,
      policyTypes: ["Ingress"],
      ingress: [{ from: [podsIn(from)], ports: tcp(observe.gateway.port) }],
    }),
    networkPolicy(`${name}-to-every-port`, namespace, {
      podSelector,
      policyTypes: ["Egress"],
      egress: [{ to: [externalAddresses], ports: [{ protocol: "TCP", port: 1, endPort: 65535 }] }],
    }),
  ];
}

/** The gateway's way out. Only IPv4: an IPv6 address is out of reach, as the gateway never asks for one. */
export function egressToExternalHosts(namespace: string): Manifest {
  return egressPolicy(
    "egress-to-outside",
    namespace,
    [externalAddresses],
    tcp(...protocols.map((protocol) => protocolTable[protocol].port)),
  );
}

/** The same for some pods, on ports of their own. */
export function egressToExternalPorts(
  name: string,
  { namespace, podSelector, ports }: { namespace: string; podSelector: Record<string, unknown>; ports: number[] },
): Manifest {
  return networkPolicy(name, namespace, {
    podSelector,
    policyTypes: ["Egress"],
    egress: [{ to: [externalAddresses], ports: tcp(...ports) }],
  });
}

/** Who may open a connection to the gateway at all; what it may then ask for is an AuthorizationPolicy's matter. */
export function ingressFromMesh(namespace: string, guardedNamespaces: string[], mesh?: MeshTraits): Manifest {
  return networkPolicy("ingress-from-mesh", namespace, {
    podSelector: {},
    policyTypes: ["Ingress"],
    // A rule with an empty list of peers would let everybody in.
    ingress: guardedNamespaces.length === 0 ? [] : [{ from: [podsIn(guardedNamespaces)], ports: gatewayTcp(mesh) }],
  });
}

/**
 * Who may open a connection to the pods of a guarded namespace: pods of guarded namespaces, and whoever else is named. The
 * node's own traffic, as the kubelet's probes, is let in by whatever enforces NetworkPolicies.
 */
export function ingressToPods(namespace: string, guardedNamespaces: string[], { from }: Ingress): Manifest[] {
  const policy = (name: string, ingress: Record<string, unknown>[]) =>
    networkPolicy(name, namespace, { podSelector: {}, policyTypes: ["Ingress"], ingress });
  return [
    policy("ingress-from-mesh", [{ from: [podsIn(guardedNamespaces)] }]),
    ...(from.length === 0 ? [] : [policy("ingress-from-others", from.map(ingressRule))]),
  ];
}

function ingressRule({ namespace, selector, addresses = [], ports }: IngressSource): Record<string, unknown> {
  const from =
    namespace === undefined
      ? addresses.map((address) => ({ ipBlock: { cidr: asRange(address) } }))
      : [{ ...podsIn([namespace]), ...(selector === undefined ? {} : { podSelector: { matchLabels: selector } }) }];
  return { from, ...(ports === undefined ? {} : { ports: tcp(...ports) }) };
}

/** Who may read what the gateways count. */
export function ingressFromPrometheus(
  namespace: string,
  prometheus: { namespace: string; selector: Record<string, string> },
): Manifest {
  return networkPolicy("ingress-from-prometheus", namespace, {
    podSelector: { matchExpressions: [{ key: gatewayPodLabelKey, operator: "Exists" }] },
    policyTypes: ["Ingress"],
    ingress: [{ from: [podsOf(prometheus.namespace, prometheus.selector)], ports: tcp(statsPort.number) }],
  });
}

/** The way of a gateway's pods to the collector that their log goes to: its namespace's pods, on that port only. */
export function egressToCollector(
  gateway: string,
  { namespace, to, podPort }: { namespace: string; to: string; podPort: number },
): Manifest {
  return networkPolicy(`${gateway}-to-collector`, namespace, {
    podSelector: { matchLabels: gatewaySelector(gateway) },
    policyTypes: ["Egress"],
    egress: [{ to: [podsIn([to])], ports: tcp(podPort) }],
  });
}

/** The way of certain pods to private addresses: to services beside the mesh, or, of a gateway, to hosts of destinations. */
export function egressToAddresses(
  name: string,
  args: {
    namespace: string;
    podSelector: Record<string, unknown>;
    services: { ranges: string[]; ports: number[] }[];
  },
): Manifest {
  return networkPolicy(name, args.namespace, {
    podSelector: args.podSelector,
    policyTypes: ["Egress"],
    egress: args.services.map(({ ranges, ports }) => ({
      to: ranges.map((cidr) => ({ ipBlock: { cidr } })),
      ports: tcp(...ports),
    })),
  });
}

/** A cache on the node is met at its address, or, where the dataplane redirects to it, as a pod. */
function nodeResolvers(resolvers: string[]): Peers {
  return resolvers.length === 0
    ? []
    : [
        podsOf("kube-system", { "k8s-app": "node-local-dns" }),
        ...resolvers.map((address) => ({ ipBlock: { cidr: `${address}/32` } })),
      ];
}

function egressPolicy(name: string, namespace: string, to: Peers, ports?: Ports): Manifest {
  return networkPolicy(name, namespace, {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [ports === undefined ? { to } : { to, ports }],
  });
}

function networkPolicy(name: string, namespace: string, spec: Record<string, unknown>): Manifest {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace, labels: commonLabels() },
    spec,
  };
}

/** Namespaces by the label that the API server itself sets, and that nobody can move to another namespace. */
function podsIn(namespaces: string[]): Record<string, unknown> {
  return {
    namespaceSelector: {
      matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: namespaces }],
    },
  };
}

function podsOf(namespace: string, labels: Record<string, string>): Record<string, unknown> {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: { matchLabels: labels },
  };
}

function gatewayTcp(mesh: MeshTraits | undefined): Ports {
  const ports = protocols.map((protocol) => protocolTable[protocol].gateway.port);
  return tcp(...ports, ...(forwardingOf(mesh).connects ? [connect.gateway.port, originate.gateway.port] : []));
}

/** A port of a resolver, which is asked by either protocol. */
function onPort(port: number): Ports {
  return [
    { protocol: "UDP", port },
    { protocol: "TCP", port },
  ];
}

function tcp(...ports: number[]): Ports {
  return ports.map((port) => ({ protocol: "TCP", port }));
}
