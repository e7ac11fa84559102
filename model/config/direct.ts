import { asRange, formatCidr, parseCidr } from "../ground/cidr";
import { DirectKind } from "../ground/direct";
import { serviceHost } from "../ground/names";
import { Protocol } from "../ground/protocols";
import { configPath, ConfigProblem } from "./problem";
import { ClusterConfig, OutsideConfig } from "./types";

/** A destination of one of these kinds. */
export interface DirectConfig {
  name: string;
  kind: DirectKind;
}

/** Addresses and ports that are opened together. */
export type Opened = Pick<OutsideConfig, "addresses" | "ports">;

/** What a kind is. */
export interface DirectTraits {
  /** In words, as `the cluster's API`. */
  what: string;
  /** The name that it has in the cluster. */
  host: string;
  /** Namespace that it is taken to be of. */
  namespace: string;
  /** What applications call it by. */
  ports: Partial<Record<Protocol, number>>;
  via: OutsideConfig["via"];
  /** Addresses that applications call, none where the cluster's facts are missing. */
  addresses: (cluster: ClusterConfig) => string[];
  /** What NetworkPolicies open: what is called, and where the cluster leads that to. */
  opened: (cluster: ClusterConfig) => Opened[];
  /** What else the way depends on, a clause for a reader each. */
  depends: (cluster: ClusterConfig) => string[];
  /** Whether pods that are made here mount a token of their ServiceAccount for it. */
  token: boolean;
  /** What keeps the cluster from having it; undefined for nothing. */
  problem: (cluster: ClusterConfig) => (Omit<ConfigProblem, "path"> & { at?: string }) | undefined;
}

/** Where clouds have their metadata servers. */
export const metadataServer = "169.254.169.254";

/**
 * Destinations that no gateway leads to, because they are the cluster's own: each kind is a row here, and what plans, tells
 * or draws services beside the mesh reads it from the row. They are opened by NetworkPolicy for the pods of each workload
 * that is granted them, and never for a whole namespace: nobody asks for an identity on the way.
 */
export const directTable: Readonly<Record<DirectKind, DirectTraits>> = {
  "kubernetes-api": {
    what: "the cluster's API",
    host: serviceHost("kubernetes", "default"),
    namespace: "default",
    ports: { https: 443 },
    via: "service",
    addresses: (cluster) => {
      const api = apiOf(cluster);
      return api === undefined ? [] : [api.service];
    },
    opened: (cluster) => {
      const api = apiOf(cluster);
      return api === undefined
        ? []
        : [
            { addresses: [api.service], ports: { https: 443 } },
            { addresses: api.endpoints, ports: { https: api.port } },
          ];
    },
    depends: () => ["the API server asks who it is by the token, and Kubernetes' own RBAC says what that may do"],
    token: true,
    problem: (cluster) =>
      apiOf(cluster) === undefined
        ? {
            at: configPath("cluster", "api"),
            problem: "Missing: nothing says at which addresses the cluster's API answers",
            allowed: "api: {service: 10.96.0.1, endpoints: [10.0.0.2], port: 6443}",
            fix: "add it, by `kubectl get service kubernetes` and `kubectl get endpointslices --selector kubernetes.io/service-name=kubernetes`, both in the namespace default",
          }
        : undefined,
  },
  // Source: Google's documentation, "Authenticate to Google Cloud APIs from GKE workloads", on clusters with network
  // policies: 169.254.169.252 on 988 and 987 with Calico, 169.254.169.254 on 80 and 8080 with Dataplane V2.
  "google-metadata": {
    what: "Workload Identity's metadata server",
    host: "metadata.google.internal",
    namespace: "kube-system",
    ports: { http: 80 },
    via: "bypass",
    addresses: () => [metadataServer],
    opened: () => [
      { addresses: [metadataServer], ports: { http: 80 } },
      { addresses: ["169.254.169.252"], ports: { http: 988 } },
    ],
    depends: () => ["it hands out tokens of the Google identity that the pod's ServiceAccount has, and of no other"],
    token: false,
    problem: (cluster) =>
      cluster.kind === "existing" && cluster.workloadIdentity !== true
        ? {
            problem:
              "On a node without GKE's metadata server the same address is the machine's own, which hands out the node's tokens",
            allowed: `with ${configPath("cluster", "kind")}: gke, or on a cluster that has Workload Identity on every node`,
            fix: `remove it, or say ${configPath("cluster", "workloadIdentity")}: true of a GKE cluster whose every pool has GKE_METADATA`,
          }
        : cluster.kind === "gke" && cluster.relax.exposedNodeMetadata !== undefined
          ? {
              problem: `${configPath("cluster", "relax", "exposedNodeMetadata")} has pods see the nodes' own metadata server at this address, with the nodes' tokens`,
              fix: "remove one of the two",
            }
          : undefined,
  },
};

/** Where the cluster's API answers pods. */
export interface ApiFacts {
  /** Address of its Service, `default/kubernetes`, on port 443. */
  service: string;
  /** Where that leads: addresses, or ranges that hold them. */
  endpoints: string[];
  port: number;
}

/** As it is told of a cluster; on GKE it follows from the network: the first of the Services' addresses is the API's. */
export function apiOf(cluster: ClusterConfig): ApiFacts | undefined {
  if (cluster.kind === "existing") {
    return cluster.api;
  }
  const { services, controlPlane } = cluster.network;
  const { first } = parseCidr(services)!;
  const service = formatCidr({ first: first + 1, prefix: 32, size: 1 }).replace("/32", "");
  return { service, endpoints: [asRange(controlPlane)], port: 443 };
}

/** A destination of such a kind in the words of a service beside the mesh. */
export function besideConfigOf({ name, kind }: DirectConfig, cluster: ClusterConfig): OutsideConfig {
  const { namespace, ports, via, addresses } = directTable[kind];
  return { name, namespace, addresses: addresses(cluster), ports, via, clientMtls: "disabled" };
}
