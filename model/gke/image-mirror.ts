import type { GkeConfig } from "../ground/gke/config";
import { scoped } from "../ground/gke/names";

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
