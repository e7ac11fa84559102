import { maxPodsPerNode, PoolName, surgeNodes } from "../ground/gke/capacity";
import type { GkeConfig, PoolConfig } from "../ground/gke/config";
import { bootDiskType, parseMachineType } from "../ground/gke/machine-types";
import { gatewaysPool, poolLabel, rangeNames, workPool } from "../ground/gke/names";

/** A pool, which lacks the cluster and its nodes' service account alone. */
export type NodePoolPlan = ReturnType<typeof planNodePool>;

/** The pools of a cluster by what they are for. */
export function planNodePools(gke: GkeConfig): Record<PoolName, NodePoolPlan> {
  return { work: planNodePool(gke, "work"), gateways: planNodePool(gke, "gateways") };
}

function planNodePool(gke: GkeConfig, poolName: PoolName) {
  const pool = poolConfig(gke, poolName);
  const { min, max } = pool;
  const fixed = min === max;
  return {
    name: poolName === "work" ? workPool : gatewaysPool,
    location: gke.location,
    nodeLocations: pool.zones,
    nodeCount: fixed ? max : undefined,
    initialNodeCount: fixed ? undefined : min,
    autoscaling: fixed ? undefined : { minNodeCount: min, maxNodeCount: max, locationPolicy: "BALANCED" },
    version: gke.releaseChannel === undefined ? gke.version : undefined,
    maxPodsPerNode: maxPodsPerNode[poolName],
    networkConfig: {
      enablePrivateNodes: true,
      createPodRange: false,
      podRange: poolName === "work" ? rangeNames.pods : rangeNames.gatewayPods,
    },
    management: {
      autoRepair: gke.relax.manualRepair === undefined,
      autoUpgrade: gke.relax.manualUpgrades === undefined,
    },
    upgradeSettings: { strategy: "SURGE", maxSurge: surgeNodes, maxUnavailable: 0 },
    nodeConfig: nodeConfig(gke, poolName),
  };
}

/** What each node of a pool is; it lacks the service account. */
export function nodeConfig(gke: GkeConfig, poolName: PoolName) {
  const { machineType, spot, tags, diskSizeGb } = poolConfig(gke, poolName);
  const { relax } = gke;
  const shielded = relax.unshieldedNodes === undefined;
  return {
    machineType,
    imageType: relax.ubuntuNodes === undefined ? "COS_CONTAINERD" : "UBUNTU_CONTAINERD",
    diskSizeGb,
    diskType: bootDiskType(parseMachineType(machineType)!),
    spot,
    tags,
    // Scopes would only repeat what the service account's roles say, and less exactly.
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    labels: { [poolLabel]: poolName },
    taints: poolName === "gateways" ? [{ key: poolLabel, value: gatewaysPool, effect: "NO_SCHEDULE" }] : undefined,
    metadata: { "disable-legacy-endpoints": "true" },
    workloadMetadataConfig: { mode: relax.exposedNodeMetadata === undefined ? "GKE_METADATA" : "GCE_METADATA" },
    shieldedInstanceConfig: {
      enableSecureBoot: shielded && relax.noSecureBoot === undefined,
      enableIntegrityMonitoring: shielded && relax.noIntegrityMonitoring === undefined,
    },
    kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
  };
}

function poolConfig(gke: GkeConfig, poolName: PoolName): PoolConfig {
  return poolName === "work" ? gke.nodes : gke.gateways;
}
