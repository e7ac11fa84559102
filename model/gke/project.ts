import type { GkeConfig, GkeUse } from "../ground/gke/config";
import { scoped } from "../ground/gke/names";

/** Google's APIs that a project must have turned on before anything of the cluster can be made. */
const clusterServices = [
  "artifactregistry.googleapis.com",
  "binaryauthorization.googleapis.com",
  "cloudkms.googleapis.com",
  "compute.googleapis.com",
  "container.googleapis.com",
  "containersecurity.googleapis.com",
  "dns.googleapis.com",
  "iam.googleapis.com",
  "iamcredentials.googleapis.com",
  "logging.googleapis.com",
  "monitoring.googleapis.com",
];

/** The same for a mesh that Google manages: fleets, and the mesh itself, which turns on what it needs. */
const meshServices = ["gkehub.googleapis.com", "mesh.googleapis.com"];

export function planServices({ managedMesh }: Pick<GkeUse, "managedMesh">): string[] {
  return [...clusterServices, ...(managedMesh === true ? meshServices : [])].sort();
}

export interface SecretsKeyPlan {
  ring: { name: string; location: string };
  /** Lacks the ring alone. */
  key: { name: string; purpose: string; rotationPeriod: string };
}

/** Role that GKE's own service agent needs to wrap Secrets. */
export const secretsKeyRole = "roles/cloudkms.cryptoKeyEncrypterDecrypter";

/** Ninety days. */
const rotationPeriod = "7776000s";

/** The key that Kubernetes Secrets are wrapped in; undefined where the stack names one, or goes without. */
export function planSecretsKey(gke: GkeConfig): SecretsKeyPlan | undefined {
  if (gke.secretsKey !== undefined || gke.relax.unencryptedSecrets !== undefined) {
    return undefined;
  }
  return {
    ring: { name: scoped(gke, "secrets"), location: gke.region },
    key: { name: "secrets", purpose: "ENCRYPT_DECRYPT", rotationPeriod },
  };
}

export interface ImageMirrorPlan {
  repositoryId: string;
  location: string;
  format: string;
  mode: string;
  description: string;
  remoteRepositoryConfig: { description: string; dockerRepository: { publicRepository: string } };
}

/** A repository that fetches Docker Hub's images for nodes that have no way out: Istio's are there. */
export function planImageMirror(gke: GkeConfig): ImageMirrorPlan {
  return {
    repositoryId: scoped(gke, "docker-hub"),
    location: gke.region,
    format: "DOCKER",
    mode: "REMOTE_REPOSITORY",
    description: `Docker Hub's images, for the nodes of ${gke.name}`,
    remoteRepositoryConfig: { description: "Docker Hub", dockerRepository: { publicRepository: "DOCKER_HUB" } },
  };
}

export interface ManagedMeshPlan {
  /** What the fleet, which is the project's one, has for all of its clusters. */
  feature: { name: string; location: string; project: string };
  /** What this cluster has of it; it lacks the cluster's own name in the fleet. */
  membership: { location: string; project: string; mesh: { management: string } };
}

/**
 * Cloud Service Mesh, whose control plane Google runs, and whose parts on the cluster Google keeps up to date in the
 * cluster's release channel.
 *
 * Source: Google's documentation, "Provision a managed Cloud Service Mesh control plane on GKE".
 */
export function planManagedMesh({ project }: Pick<GkeConfig, "project">): ManagedMeshPlan {
  const location = "global";
  return {
    feature: { name: "servicemesh", location, project },
    membership: { location, project, mesh: { management: "MANAGEMENT_AUTOMATIC" } },
  };
}
