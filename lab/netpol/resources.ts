/** The parts of Kubernetes objects that decide what a NetworkPolicy allows. */
import { parseAddress } from "./addresses";
import { LabelSelector, Labels } from "../../model/ground/label-selector";

export type Protocol = "TCP" | "UDP" | "SCTP";

export interface NamedPort {
  name: string;
  protocol: Protocol;
  port: number;
}

export interface Pod {
  namespace: string;
  name: string;
  labels: Labels;
  /** Absent as long as no address is this pod's own: not given yet, the node's (host network), or given back (finished). */
  address?: number;
  /** In the order in which Kubernetes looks a name up: containers first, then sidecar containers. */
  namedPorts: NamedPort[];
}

export interface Namespace {
  name: string;
  labels: Labels;
}

/** A NetworkPolicy of networking.k8s.io/v1, fields as the API server gives them. */
export interface NetworkPolicy {
  metadata: { namespace: string; name: string };
  spec: NetworkPolicySpec;
}

export interface NetworkPolicySpec {
  podSelector?: LabelSelector;
  policyTypes?: ("Ingress" | "Egress")[];
  ingress?: { from?: PolicyPeer[]; ports?: PolicyPort[] }[];
  egress?: { to?: PolicyPeer[]; ports?: PolicyPort[] }[];
}

export interface PolicyPeer {
  podSelector?: LabelSelector;
  namespaceSelector?: LabelSelector;
  ipBlock?: { cidr: string; except?: string[] };
}

export interface PolicyPort {
  /** @default "TCP" */
  protocol?: Protocol;
  /** A number, or the name of a container port of the pod that is called. @default every port of the protocol */
  port?: number | string;
  /** Last port of a range that starts at `port`, which is then a number. */
  endPort?: number;
}

/** An object as the API server sends it; `namespace` is absent on objects that have none. */
export interface ApiObject {
  metadata: { name: string; namespace?: string; labels?: Labels };
}

interface ApiContainer {
  ports?: { name?: string; containerPort: number; protocol?: Protocol }[];
  restartPolicy?: string;
}

interface ApiPod extends ApiObject {
  spec?: { hostNetwork?: boolean; containers?: ApiContainer[]; initContainers?: ApiContainer[] };
  status?: { phase?: string; podIP?: string; podIPs?: { ip: string }[] };
}

export function decodePod(object: ApiObject): Pod {
  const { metadata, spec, status } = object as ApiPod;
  const sidecars = (spec?.initContainers ?? []).filter((container) => container.restartPolicy === "Always");
  const namedPorts = [...(spec?.containers ?? []), ...sidecars]
    .flatMap((container) => container.ports ?? [])
    .flatMap(({ name, containerPort, protocol }) =>
      name === undefined ? [] : [{ name, protocol: protocol ?? "TCP", port: containerPort }],
    );
  const ownsAddress = spec?.hostNetwork !== true && status?.phase !== "Succeeded" && status?.phase !== "Failed";
  const addresses = [status?.podIP ?? "", ...(status?.podIPs ?? []).map(({ ip }) => ip)];
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    labels: metadata.labels ?? {},
    address: ownsAddress ? addresses.map(parseAddress).find((address) => address !== undefined) : undefined,
    namedPorts,
  };
}

export function decodeNamespace({ metadata }: ApiObject): Namespace {
  return { name: metadata.name, labels: metadata.labels ?? {} };
}

export function decodePolicy(object: ApiObject): NetworkPolicy {
  const { metadata, spec } = object as ApiObject & { spec?: NetworkPolicySpec };
  return { metadata: { namespace: metadata.namespace ?? "", name: metadata.name }, spec: spec ?? {} };
}
