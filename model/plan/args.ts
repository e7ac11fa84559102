import type { DestinationTraits } from "../config/traits";
import type { DatedRule } from "../config/expired";
import type { Guard } from "../config/types";
import type { ObjectRule, PodRule } from "../ground/admission";
import { PodArgs } from "../ground/pods/template";
import { Collector } from "../ground/collector";
import { Ingress } from "../ground/ingress";
import { Who } from "../ground/rbac";
import { GatewayPlacement } from "../ground/placement";
import { MeshTraits } from "../ground/mesh-traits";
import { ExternalPort } from "../ground/ports";
import { Protocol } from "../ground/protocols";
import type { Duration } from "../ground/timeouts";
import type { GatewayNeeds } from "./needs";

export { type Collector } from "../ground/collector";
export { type GatewayPlacement } from "../ground/placement";
export { type MeshTraits } from "../ground/mesh-traits";
export type * from "./needs";

/** What is installed of Istio: its CRDs (`base`), its control plane (`istiod`) and mesh-wide strict mTLS. */
export interface MeshArgs {
  /** Istio's version, which is also the charts'. */
  version: string;
  /** A chart repository's URL, or a folder that holds `base` and `istio-control/istio-discovery`. */
  charts: string;
  /** Values for the istiod chart, merged deeply over our own: objects key by key, lists and scalars as a whole. */
  values: Record<string, unknown>;
  /** Whether sidecars speak mutual TLS with every name under `*.local`, those without a sidecar too. @default false */
  forceClientMtls?: boolean;
  /** Namespaces that istiod looks at although nothing on them asks for it: those of others that join, and peers. @default [] */
  discovered?: string[];
  /** The stack's resolver, and the namespaces whose pods are told of it when they are injected. @default they are not */
  resolver?: { address: string; namespaces: NamespaceAsking[] };
}

/** A namespace whose pods ask the stack's resolver. */
export interface NamespaceAsking {
  name: string;
  /** Labels of its pods that do not. @default [] */
  except?: Record<string, string>[];
}

/** The namespace that the egress gateways have to themselves, and its walls. */
export interface EgressNamespaceArgs {
  name: string;
  /** @default Istio's own defaults */
  mesh?: MeshTraits;
  /** Namespaces whose pods may open a connection to a gateway; sorted here. */
  guardedNamespaces: string[];
  /** Addresses of resolvers beside kube-dns. @default [] */
  resolvers?: string[];
  /** Port that kube-dns' pods listen on. @default 53 */
  dnsPort?: number;
  /**
   * Services of the cluster's own that sidecars of some namespaces are told of by their addresses, each under a name: what each
   * workload's `hosts` and `beside` open of them is another matter. @default none
   */
  known?: KnownService[];
}

/** A Service that sidecars call by its address, as bytes, without mutual TLS. */
export interface KnownService extends Pick<OutsideArgs, "addresses" | "ports"> {
  /** Its full name, as `kubernetes.default.svc.cluster.local`. */
  host: string;
  /** Namespaces whose sidecars may know it, one at least. */
  namespaces: string[];
}

/** An egress gateway. */
export interface GatewayArgs extends GatewayNeeds {
  /** Name of its Deployment and ServiceAccount, and value of its pods' `istio` label. */
  name: string;
  namespace: string;
  /** @default Istio's own defaults */
  mesh?: MeshTraits;
  /** Pods, 2 at least. */
  replicas: number;
  /** Pods at most; more than `replicas` makes the number follow the load. @default replicas */
  maxReplicas?: number;
  /** How long connections go on that were opened under policies which have changed since. @default "45s" */
  drain?: Duration;
  /** Nodes that the pods are kept to. @default any */
  placement?: GatewayPlacement;
  /**
   * Whom it observes: it lets pass and logs whatever these call that no rule grants, and is no way for anybody else, nor for
   * any destination; one at least. @default it observes nobody, and lets pass what destinations grant
   */
  observed?: Client[];
  /** Access that ends by itself, to destinations behind it; not where gateways list their hosts. @default [] */
  ends?: EndingAccess[];
  /**
   * Destinations behind it whose names its counters tell; a gateway that observes has none, and an empty list. Not where
   * gateways list their hosts. @default it counts no calls
   */
  counts?: CountedDestination[];
  /** Where each line of its log goes as well. Not where gateways list their hosts. @default nowhere else */
  collector?: Collector;
}

/** A destination, as a gateway's counters tell it. */
export interface CountedDestination {
  /** Its name, which is a label's value. */
  destination: string;
  /** Its hosts, wildcards among them, or addresses and ranges without a name. */
  hosts: string[];
  /** What they are called by on ports 80 and 443. */
  protocols: Protocol[];
  /** Other ports on which they are called. @default [] */
  ports?: number[];
  /**
   * Whose rules are in report mode, so that their calls are counted as ones that would be denied; `but` are ServiceAccounts
   * of a namespace as a whole whose own rules are not. @default []
   */
  reported?: (Client & { but?: string[] })[];
}

/** Clients whose access to a destination ends at one moment, without anybody's update. */
export interface EndingAccess {
  /** Name of the destination. */
  destination: string;
  /** Its hosts, wildcards among them. */
  hosts: string[];
  /** Names below its wildcards that are not meant. @default [] */
  except?: string[];
  /** One at least; `but` are ServiceAccounts of a namespace as a whole whose access goes on. */
  clients: (Client & { but?: string[] })[];
  /** From this moment on the gateway refuses them: in UTC, as `2027-07-01T00:00:00Z`. */
  until: string;
}

/** The resolver that guarded pods ask, which knows what is granted and nothing else. */
export interface ResolverArgs {
  /** The gateways' namespace. */
  namespace: string;
  /** Address of its Service, within the cluster's range for Services. */
  address: string;
  /** CoreDNS, with the plugins of its own build. */
  image: string;
  /** Pods, 2 at least. */
  replicas: number;
  /** Namespaces whose pods may ask it. */
  askers: string[];
  /** Namespaces whose Services it knows: those that guarded pods may call, one at least. */
  zones: string[];
  /** What is granted to somebody: hosts and wildcards. */
  hosts: string[];
  /** Names below the wildcards that are granted to nobody; `*.` for all below. @default [] */
  except?: string[];
  /** What is granted of the cluster's own: each name with its real address, as no sidecar knows another. @default [] */
  own?: { host: string; address: string }[];
}

/** A namespace whose pods get a sidecar and have no way out but the mesh, DNS and the gateways. */
export interface NamespaceArgs {
  name: string;
  /** @default Istio's own defaults */
  mesh?: MeshTraits;
  /** Labels beside those that injection needs. @default {} */
  labels?: Record<string, string>;
  /** Whether it is somebody else's: then it is patched, and not made. @default false */
  existing?: boolean;
  /** How far the guard of an existing namespace goes. @default "enforce" */
  guard?: Guard;
  /** Every guarded namespace, this one included: calls between them stay open. */
  guardedNamespaces: string[];
  /** Namespaces that are not guarded, whose Services and pods this one's pods may call. @default [] */
  peers?: string[];
  /** Who may open connections to its pods, beside pods of guarded namespaces. @default whoever reaches them */
  ingress?: Ingress;
  gatewayNamespace: string;
  /** Names that some rule grants to every ServiceAccount of the namespace. @default [] */
  hosts?: string[];
  /**
   * Who of the namespace is refused nothing and observed: nobody, workloads that say so of themselves, or every pod.
   * @default "nobody"
   */
  observed?: "nobody" | "workloads" | "all";
  /** Addresses of resolvers beside kube-dns. @default [] */
  resolvers?: string[];
  /** Port that kube-dns' pods listen on. @default 53 */
  dnsPort?: number;
  /** Whether its pods ask the stack's resolver, which knows what is granted, and no other. @default false */
  allowedNames?: boolean;
  /** Workloads that ask the cluster's own resolver all the same, as they are observed, by their pods' labels. @default [] */
  askingFreely?: { workload: string; selector: Record<string, string> }[];
  /** Whether its sidecars count what they refuse; not where the mesh takes no EnvoyFilters. @default false */
  counts?: boolean;
}

/** A workload with an identity of its own and a sidecar that knows the hosts it is granted, and no others. */
export interface WorkloadArgs {
  /** Name of the Sidecar; of one that is made, of the Deployment, the Service and the ServiceAccount, too. */
  name: string;
  namespace: string;
  /** @default Istio's own defaults */
  mesh?: MeshTraits;
  /** The pods' ServiceAccount. @default the workload's name */
  serviceAccount?: string;
  /** Labels that exactly the workload's pods have. @default { app: <name> } */
  selector?: Record<string, string>;
  /** What is made of it; undefined for a workload that exists, of which only its Sidecar is. */
  made?: MadeArgs;
  /** External hosts that some rule grants to this workload, services beside the mesh too; empty means none. */
  hosts: string[];
  /** Private addresses, or ranges of them, that some rule lets it call past its sidecar. @default [] */
  bypassed?: string[];
  /**
   * Services beside the mesh that a NetworkPolicy of its own opens for its pods, whatever labels they have. Those of a
   * workload that is made here are opened with the service. @default []
   */
  beside?: WaysBesideArgs["services"];
  /**
   * Whether some rule grants it another port than 80 and 443: then its sidecars answer DNS, so that hosts on one port are
   * told apart. @default false
   */
  tunnels?: boolean;
  /** Whether nothing is refused to it, and what no rule grants is observed. @default false */
  observed?: boolean;
  /** Address of the stack's resolver, where the pods that are made ask it and no other. @default they ask the cluster's */
  resolver?: string;
  /** Every guarded namespace: their services stay within reach. */
  guardedNamespaces: string[];
  /** Namespaces that are not guarded, whose Services the pods may call. @default [] */
  peers?: string[];
  gatewayNamespace: string;
}

/** The Deployment of a workload that is made, its ServiceAccount, and its Service if it has a port. */
export interface MadeArgs extends Omit<PodArgs, "name"> {
  /** Pods; `auto` leaves their number to others, and it is never sent. @default 1 */
  replicas?: number | "auto";
  /** Annotations of the ServiceAccount. @default {} */
  serviceAccountAnnotations?: Record<string, string>;
}

/** An identity that hosts are granted to: a ServiceAccount, as its pods' certificates name it, or a namespace's every one. */
export type Client = { namespace: string; serviceAccount: string } | { namespace: string; everyServiceAccount: true };

/**
 * External hosts that are granted together, and to whom. What it says of its hosts (`DestinationTraits`) the gateway must
 * know of, by what it is told (`GatewayNeeds`).
 */
export interface DestinationArgs extends DestinationTraits {
  name: string;
  /** Host names in lower case, one at least unless there are `addresses`; `*.cnn.com` is every name below cnn.com, of however many labels. */
  hosts: string[];
  /**
   * What is called without a name, in the place of hosts: addresses and ranges, on `ports`. The gateway must know of them, and
   * of private ones by its `privateHosts`. No two destinations of a client's namespace hold one address. @default none
   */
  addresses?: string[];
  /**
   * Names below the wildcards that are not the destination's: those that others list, and what is denied to everybody;
   * `*.` for all below. @default []
   */
  except?: string[];
  /** What they are called by on ports 80 and 443; none only where there are `ports`. */
  protocols: Protocol[];
  /** Other ports on which they are called; the gateway must have them too. @default [] */
  ports?: ExternalPort[];
  /** Workloads that some rule grants this destination, one at least. */
  clients: Client[];
  /** The gateway that lets them through. */
  gateway: GatewayRef;
}

/** A gateway, to those that are led to it. */
export interface GatewayRef extends GatewayNeeds {
  name: string;
  namespace: string;
  /** @default Istio's own defaults */
  mesh?: MeshTraits;
}

/** A service beside the mesh, and who may call it. */
export interface OutsideArgs {
  /** Name of its Service. */
  name: string;
  /** The guarded namespace of its Service and of its clients. */
  namespace: string;
  /** IPv4 addresses; with `via: bypass` ranges too. */
  addresses: string[];
  /** Ports by what is spoken on them. */
  ports: Partial<Record<Protocol, number>>;
  via: "service" | "bypass";
  /** With `via: service`: `disabled`, or as the mesh has it for all of its Services. @default "disabled" */
  clientMtls?: "disabled" | "mesh";
  /** Names of the workloads made here that some rule grants it, one at least. @default its clients have ways of their own */
  clients?: string[];
  /** Whether the namespace is walled in, and a NetworkPolicy has to open the way. @default true */
  walled?: boolean;
  gatewayNamespace: string;
}

/** The way of one workload's pods to services beside the mesh, in a namespace that is walled in. */
export interface WaysBesideArgs {
  /** Name of the workload. */
  name: string;
  namespace: string;
  /** Labels that exactly its pods have. */
  selector: Record<string, string>;
  /** The services, each by its addresses and ports. */
  services: Pick<OutsideArgs, "addresses" | "ports">[];
}

/** What the API server is asked to refuse, and of whom. */
export interface AdmissionArgs {
  /** `warn` lets everything pass, and says what `deny` would refuse. */
  mode: "warn" | "deny";
  /** Whoever applies the stack: user names and groups, as the API server knows them; at least one. */
  platform: { users: string[]; groups: string[] };
  gatewayNamespace: string;
  /** Names of the gateways, one at least. */
  gateways: string[];
  /** Namespaces that are guarded and walled in. */
  namespaces: string[];
  /** @default Istio's own defaults */
  mesh?: MeshTraits;
  /** Identities of the namespaces. */
  workloads: AdmittedWorkload[];
  /** Registries, or parts of one, that images may be of. @default any */
  registries?: string[];
  /** Name of the image that sidecars are made from, without its tag. @default any */
  proxyImage?: string;
  /** Audiences that anybody may have a token of a guarded namespace for, beside the API server. @default [] */
  audiences?: string[];
  /** Whether exec, attach, port-forward and ephemeral containers are the platform's only. @default false */
  exec?: boolean;
  /** What is let pass: pods of a ServiceAccount, or an object by its kind and name as `Service/web`. @default [] */
  exemptions?: { rule: PodRule | ObjectRule; namespace: string; serviceAccount?: string; object?: string }[];
}

/** What is made for those who watch what gateways and sidecars count. */
export interface MetricsArgs {
  /** The gateways' namespace, where all of it is. */
  namespace: string;
  /** Names of the gateways, one at least. */
  gateways: string[];
  /** Namespaces whose sidecars count what they refuse. */
  namespaces: string[];
  /** The pods that may scrape the gateways: their namespace, and labels, one at least. */
  prometheus: { namespace: string; selector: Record<string, string> };
  /** Whether PodMonitors, PrometheusRules and a dashboard are made; the Prometheus Operator's kinds have to be there. @default false */
  operator?: boolean;
  /** Labels by which a Prometheus chooses them. @default {} */
  labels?: Record<string, string>;
  /** Rules that end, or are due for review. @default [] */
  dates?: DatedRule[];
}

/** An identity, to admission. */
export interface AdmittedWorkload {
  /** Name of the workload in the stack's configuration. */
  name: string;
  namespace: string;
  serviceAccount: string;
  /** Labels that exactly its pods have. */
  selector: Record<string, string>;
  /** Whether something is granted to it: then only its owners make its pods. */
  granted: boolean;
  /** Who makes its pods, beside the platform. */
  owners: { users: string[]; groups: string[] };
  /** Private addresses that it calls past its sidecar. @default [] */
  bypassed?: string[];
}

/** Who is let do what with a stack's objects, and what they are. */
export interface RolesArgs {
  gatewayNamespace: string;
  /** Names of the gateways, one at least. */
  gateways: string[];
  /** Namespaces of the stack, beside the gateways'. */
  namespaces: string[];
  /** Workloads that are made here. */
  made: { namespace: string; name: string }[];
  /** @default Istio's own defaults */
  mesh?: MeshTraits;
  /** Whether the stack has admission policies. @default false */
  admission?: boolean;
  /** Whether it has a resolver of its own. @default false */
  resolver?: boolean;
  /** Whether it has objects of the Prometheus Operator's. @default false */
  monitored?: boolean;
  /** Namespace of the collector that gateways send their log to. @default there is none */
  collectorNamespace?: string;
  /** Whoever may change what the allowlist is made into. @default nobody */
  change?: Who;
  /** Whoever may deploy into a namespace, without what opens the guard. @default nobody */
  deploy?: (Who & { namespace: string })[];
  /** Whoever may read objects and logs. @default nobody */
  look?: Who;
  /** Whoever may run commands in guarded pods. @default nobody */
  probe?: Who;
}

/** The arguments of every component of one stack: what `planStack` plans and what the program instantiates. */
export interface StackArgs {
  /** Absent where the mesh is somebody else's. */
  mesh?: MeshArgs;
  egress: EgressNamespaceArgs;
  /** Sorted by name. */
  gateways: GatewayArgs[];
  /** Sorted by name. */
  namespaces: NamespaceArgs[];
  /** Sorted by namespace, then name. */
  workloads: WorkloadArgs[];
  /** Only destinations that a rule grants to somebody, sorted by name. */
  destinations: DestinationArgs[];
  /** Only services that a rule grants to somebody, sorted by name. */
  outside: OutsideArgs[];
  /** Absent where admission is off. */
  admission?: AdmissionArgs;
  /** Absent where guarded pods ask the cluster's resolver. */
  dns?: ResolverArgs;
  /** Absent where nobody is let do anything beside whoever applies the stack. */
  roles?: RolesArgs;
  /** Absent where nothing is counted. */
  metrics?: MetricsArgs;
}
