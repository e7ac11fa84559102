import { ApiClient, UnreachableError } from "../kubernetes/client";
import { Discovery } from "../kubernetes/discovery";
import { connectionOf, loadKubeconfig } from "../kubernetes/kubeconfig";
import { Cluster, Settings, settingsOf } from "./cluster";
import { Change, changes } from "./diff/difference";
import { LabError } from "../errors";
import { HelmRelease } from "./helm/release";
import { JsonObject, text } from "../json";
import { KubernetesObjects } from "./objects/objects";
import { ObjectPatches } from "./patches/patches";
import { DeleteRequest, parseToken, patchedToken, releaseToken, ResourceType } from "./resource";
import { Log } from "./rpc/engine";

/** The provider behind its gRPC service: one cluster, and what kinds of resources it has. */
export class Provider {
  private cluster?: Cluster;
  private readonly stopping = new AbortController();

  constructor(private readonly log: Log) {}

  /** @throws LabError when the settings lead to no cluster */
  configure(inputs: JsonObject): void {
    const settings = settingsOf(inputs);
    const client = new ApiClient(connectionFor(settings));
    const { log } = this;
    this.cluster = { client, settings, log, discovery: new Discovery(client), signal: this.stopping.signal };
  }

  /** Ends every wait; what was applied stays in the engine's state. */
  cancel(): void {
    this.stopping.abort();
  }

  /**
   * @param inputs of the resource, by which a patch is told from a kind whose name ends so; none when it is imported
   * @throws LabError for a type that is no resource of this provider
   */
  resourceType(type: string, inputs: JsonObject): ResourceType {
    if (this.cluster === undefined) {
      throw new LabError("The provider was not configured.");
    }
    const token = parseToken(type);
    if (token === undefined) {
      throw new LabError(`${type} is not a resource of the kubernetes provider.`);
    }
    if (type === releaseToken) {
      return new HelmRelease(this.cluster);
    }
    const patched = patchedToken(token, text(inputs, "kind"));
    return patched === undefined
      ? new KubernetesObjects(this.cluster, token)
      : new ObjectPatches(this.cluster, patched);
  }

  /** Deletes a resource; one of a cluster that cannot be reached counts as deleted when the settings say so. */
  async delete(type: string, request: DeleteRequest): Promise<void> {
    try {
      await this.resourceType(type, request.inputs).delete(request);
    } catch (error) {
      if (!(error instanceof UnreachableError) || !this.cluster?.settings.deleteUnreachable) {
        throw error;
      }
      this.log.warning(request.urn, `${error.message}. It is taken out of the state, as deleteUnreachable says.`);
    }
  }
}

/**
 * What a change of the provider's own settings means: another cluster needs all resources anew.
 * Clusters are told apart by `clusterIdentifier`, or else by their servers' addresses.
 */
export function settingsDifference(olds: JsonObject, news: JsonObject): { changes: Change[]; otherCluster: boolean } {
  return { changes: changes(olds, news), otherCluster: clusterOf(olds) !== clusterOf(news) };
}

function clusterOf(inputs: JsonObject): string | undefined {
  const settings = settingsOf(inputs);
  try {
    return settings.clusterIdentifier ?? connectionFor(settings).server;
  } catch {
    return undefined;
  }
}

function connectionFor({ kubeconfig, context, cluster }: Settings): ReturnType<typeof connectionOf> {
  return connectionOf(loadKubeconfig(kubeconfig), context, cluster);
}
