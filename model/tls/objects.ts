import { Manifest } from "../ground/manifest";

/** What is read of Istio's and Kubernetes' objects here, be they planned or a cluster's. */
export interface PeerAuthentication {
  /** `creationTimestamp` is a cluster's, in RFC 3339: the oldest of several policies for one scope counts. */
  metadata: { name: string; namespace?: string; creationTimestamp?: string };
  spec?: {
    selector?: { matchLabels?: Record<string, string> };
    mtls?: MtlsMode;
    /** By the pods' port. */
    portLevelMtls?: Record<string, MtlsMode>;
  };
}

export interface MtlsMode {
  /** @default what the next wider policy says */
  mode?: "UNSET" | "DISABLE" | "PERMISSIVE" | "STRICT";
}

export interface DestinationRule extends Manifest {
  spec: {
    host: string;
    exportTo?: string[];
    trafficPolicy?: { tls?: { mode: "DISABLE" | "SIMPLE" | "MUTUAL" | "ISTIO_MUTUAL" } };
  };
}

export interface ServiceEntry extends Manifest {
  spec: {
    hosts: string[];
    exportTo?: string[];
    ports: { name: string; number: number; targetPort?: number }[];
    /** Ports by the names that `ports` have for them. */
    endpoints?: { address: string; ports?: Record<string, number> }[];
    workloadSelector?: { labels: Record<string, string> };
  };
}

export interface Service extends Manifest {
  spec: { selector?: Record<string, string>; ports: { port: number; targetPort?: number }[] };
}

export interface Sidecar extends Manifest {
  spec: { egress: { hosts: string[] }[] };
}

interface Kinds {
  DestinationRule: DestinationRule;
  PeerAuthentication: PeerAuthentication;
  Service: Service;
  ServiceEntry: ServiceEntry;
  Sidecar: Sidecar;
}

/** The objects of one kind among a plan's manifests, whose shape is the planner's own. */
export function ofKind<Kind extends keyof Kinds>(manifests: Manifest[], kind: Kind): Kinds[Kind][] {
  return manifests.filter((manifest) => manifest.kind === kind) as Manifest[] & Kinds[Kind][];
}

/** `name/namespace`, the form in which the table names an object. */
export function objectName({ metadata }: Pick<Manifest, "metadata">): string {
  return `${metadata.name}/${metadata.namespace}`;
}
