import type { GkeUse } from "../ground/gke/config";

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
