import type { z } from "zod";
import type { Ingress } from "../ground/ingress";
import type { DirectConfig } from "./direct";
import type { DestinationTraits } from "./traits";
import type { ExternalPort } from "../ground/ports";
import type { Protocol } from "../ground/protocols";
import type { Right, Who } from "../ground/rbac";
import type { Duration } from "../ground/timeouts";
import type { GkeConfig } from "../ground/gke/config";
import type { Preset } from "../ground/presets";
import type {
  admissionSchema,
  clusterSchema,
  denySchema,
  destinationSchema,
  dnsSchema,
  exemptionSchema,
  gatewaySchema,
  guards,
  modes,
  madeWorkloadSchema,
  meshSchemas,
  logsSchema,
  metricsSchema,
  namedGatewaySchema,
  namespaceSchema,
  outsideSchema,
  ownersSchema,
  ruleSchema,
} from "./schema";

export type { ExternalPort, PortText } from "../ground/ports";
export type { HttpRequest, Origination } from "../ground/origination";
export type { PortProtocol, Protocol } from "../ground/protocols";
export type { Duration, Timeouts } from "../ground/timeouts";

/**
 * The configuration of one stack after validation: defaults filled in, hosts in lower case,
 * every list sorted by its key, every reference resolved to something that exists.
 * Only `parseConfig` makes one. The shapes are those of ./schema, where each field is described.
 */
export interface StackConfig {
  cluster: ClusterConfig;
  mesh: MeshConfig;
  gateway: GatewayConfig;
  /** Gateways of certain destinations' own; all other destinations share one. */
  gateways: NamedGatewayConfig[];
  namespaces: NamespaceConfig[];
  workloads: WorkloadConfig[];
  destinations: DestinationConfig[];
  /** What of the cluster's own is named as a destination, and is reached without a gateway; sorted by name. */
  direct: DirectConfig[];
  /** Services beside the mesh, by their addresses. */
  outside: OutsideConfig[];
  /** The rules that hold today. */
  allow: AllowRule[];
  /** Rules whose last day is over, sorted as `allow`: nothing is planned from them, and nothing is allowed by them. */
  expired: ExpiredRule[];
  /** Hosts that nobody may be allowed: a destination that holds one is an error, and the matrix asks for them. */
  deny: DenyEntry[];
  /** What the API server is asked to refuse in guarded namespaces, and of whom. */
  admission: AdmissionConfig;
  /** Whom guarded pods ask for names. */
  dns: DnsConfig;
  /** Who is let do what with the stack's objects, beside whoever applies it. */
  rbac: RbacConfig;
  /** What is counted of calls, and made for those who watch. */
  metrics: MetricsConfig;
  /** Where the gateways' log goes, beside their standard output. */
  logs: LogsConfig;
  /** What is let take beside the stack's file. */
  breakGlass: BreakGlassConfig;
}

/** Access that is taken by `egress grant`, which ends by itself. */
export interface BreakGlassConfig {
  /** For how long at most. @default "8h" */
  longest: Duration;
}

/** The cluster that the stack is put on: one that exists, or one that it makes. */
export type ClusterConfig = ExistingClusterConfig | GkeConfig;

/** A cluster that exists already and is reached through a kubeconfig. */
export type ExistingClusterConfig = z.output<typeof clusterSchema> & { kind: "existing" };

/** The mesh: one that the stack installs, one that Google manages for it, or one that is there already. */
export type MeshConfig = IstioMeshConfig | CloudServiceMeshConfig | ExistingMeshConfig;

/** Istio, installed from its charts. */
export type IstioMeshConfig = z.output<(typeof meshSchemas)["istio"]>;

/** Google's managed Cloud Service Mesh, on a GKE cluster that the stack makes. It takes no EnvoyFilter. */
export type CloudServiceMeshConfig = z.output<(typeof meshSchemas)["cloud-service-mesh"]> & {
  /** The workload pool of the cluster's project: `PROJECT.svc.id.goog`. */
  trustDomain: string;
};

/** An Istio that somebody else installed; nothing of it is touched. */
export type ExistingMeshConfig = z.output<(typeof meshSchemas)["existing"]>;

/** The egress gateways' namespace, and what holds for each of them unless it says otherwise. */
export type GatewayConfig = Omit<z.output<typeof gatewaySchema>, "drain"> & Drain;

/** How many pods a gateway has, and how long it drains. */
export type GatewaySize = Omit<GatewayConfig, "namespace">;

/** A gateway that is there for certain destinations alone, under a ServiceAccount of its own. */
export type NamedGatewayConfig = Omit<Named<typeof namedGatewaySchema>, "drain"> & Drain;

interface Drain {
  /** How long connections go on that were opened under policies which have changed since. @default "45s" */
  drain?: Duration;
}

/** A namespace whose pods get a sidecar and whose egress is guarded. */
export type NamespaceConfig = Omit<Named<typeof namespaceSchema>, "ingress"> & {
  /** Who may open connections to its pods, beside pods of guarded namespaces. @default whoever reaches them */
  ingress?: Ingress;
};

/** How far the guard of a namespace of somebody else's goes. */
export type Guard = (typeof guards)[number];

/** What becomes of calls that no rule grants. */
export type Mode = (typeof modes)[number];

/** An identity, and the labels by which its pods are told from others of their namespace. */
export interface WorkloadConfig {
  /** Name in the configuration, and of the workload's Sidecar. */
  name: string;
  namespace: string;
  /** The pods' ServiceAccount; a workload that is made here has one of its own name. */
  serviceAccount: string;
  /** Labels that exactly the workload's pods have, one at least. */
  selector: Record<string, string>;
  /** What becomes of its calls that no rule grants. @default its namespace's */
  mode?: Mode;
  /** What is made of it here; undefined for one that exists already, whoever its pods belong to. */
  made?: MadeWorkload;
}

/** A workload that the stack makes. */
export type MadeWorkload = Omit<z.output<typeof madeWorkloadSchema>, "namespace" | "mode">;

/** External hosts that are allowed together. */
export type DestinationConfig = Omit<
  Named<typeof destinationSchema>,
  "hosts" | "addresses" | "preset" | "protocols" | "ports"
> & {
  /** Those of its preset among them, sorted; none only where there are `addresses`. */
  hosts: string[];
  /** The preset that it has hosts of; absent where it has none. */
  preset?: Preset;
  /** What is called without a name: addresses and ranges, sorted; absent where there are `hosts`. */
  addresses?: string[];
  /** What the hosts are called by on the protocols' own ports, sorted; none only where there are `ports`. */
  protocols: Protocol[];
  /** Other ports, in the order of their numbers. */
  ports: ExternalPort[];
} & DestinationTraits;

/** A service that is no part of the mesh and has no name of its own, only private addresses. */
export type OutsideConfig = Named<typeof outsideSchema>;

/** One edge: a workload, or every pod of a namespace, may reach every host of a destination, or a service beside the mesh. */
export type AllowRule = Omit<z.output<typeof ruleSchema>, "expires" | "mode"> & {
  /** Last day on which the rule holds, `YYYY-MM-DD`, or the moment at which it ends, `YYYY-MM-DDTHH:MM:SSZ`; in UTC. */
  expires?: string;
  /** That its calls are told as ones that would be denied. @default `enforce`, which is never spelled out here */
  mode?: "report";
  /** Where the rule stands in the stack's configuration, such as `istio-egress:allow[2]`. */
  path: string;
};

/** A host that nobody may be allowed, and every name below it unless it says otherwise. */
export type DenyEntry = z.output<typeof denySchema>;

/** A rule that holds no longer. */
export type ExpiredRule = AllowRule & { expires: string };

/** Admission policies, and who and what is let pass. */
export type AdmissionConfig = Omit<z.output<typeof admissionSchema>, "owners" | "exemptions"> & {
  /** Who makes a workload's pods, sorted by `namespace/workload`. */
  owners: (z.output<typeof ownersSchema> & { workload: string })[];
  /** Exemptions that hold today. */
  exemptions: Exemption[];
  /** Exemptions whose last day is over: nothing is let pass by them. */
  expired: Exemption[];
};

/** Who is let do what; a right that nobody has is absent. Lists are sorted. */
export interface RbacConfig extends Partial<Record<Exclude<Right, "deploy">, Who>> {
  /** Sorted by namespace. */
  deploy: (Who & { namespace: string })[];
}

/** Whom guarded pods ask for names. */
export type DnsConfig = z.output<typeof dnsSchema>;

/** What is counted of calls, and who may read it. */
export type MetricsConfig = z.output<typeof metricsSchema>;

/** Where the gateways' log goes, beside their standard output. */
export type LogsConfig = z.output<typeof logsSchema>;

/** Pods of one ServiceAccount, or one object, that a rule of admission lets pass. */
export type Exemption = Omit<z.output<typeof exemptionSchema>, "expires"> & {
  /** Last day on which it holds, `YYYY-MM-DD`, in UTC. */
  expires: string;
  /** Where it is in the stack's configuration, such as `istio-egress:admission.exemptions[0]`. */
  path: string;
};

/** An entry of a key that maps names to things. */
type Named<T extends z.ZodType> = z.output<T> & { name: string };
