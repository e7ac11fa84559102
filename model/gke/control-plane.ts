import { maxPodsPerNode } from "../ground/gke/capacity";
import type { GkeConfig, GkeUse } from "../ground/gke/config";
import { rangeNames, workloadPool } from "../ground/gke/names";
import { nodeConfig } from "./node-pools";

/** The cluster without its nodes; it lacks the network, the subnet and the key of Secrets alone. */
export type ControlPlanePlan = ReturnType<typeof planControlPlane>;

/** GKE as the hardening wants it; what `relax` opens is open, and what is undefined is left to GKE. */
export function planControlPlane(gke: GkeConfig, { managedMesh }: Pick<GkeUse, "managedMesh">) {
  const { name, location, zones, project, network, relax, dataplane } = gke;
  const hasIdentities = relax.exposedNodeMetadata === undefined;
  return {
    name,
    location,
    // A zonal cluster has its own zone anyway, and refuses to have it listed.
    nodeLocations: zones.filter((zone) => zone !== location),
    deletionProtection: gke.deletionProtection,
    releaseChannel: { channel: gke.releaseChannel?.toUpperCase() ?? "UNSPECIFIED" },
    minMasterVersion: gke.version,

    networkingMode: "VPC_NATIVE",
    ipAllocationPolicy: {
      clusterSecondaryRangeName: rangeNames.pods,
      servicesSecondaryRangeName: rangeNames.services,
    },
    defaultMaxPodsPerNode: maxPodsPerNode.work,
    // Pods keep their own address on the way out, which is what Cloud NAT tells the gateway's by.
    defaultSnatStatus: { disabled: true },
    datapathProvider: dataplane === "v2" ? "ADVANCED_DATAPATH" : "LEGACY_DATAPATH",
    networkPolicy: dataplane === "v2" ? undefined : { enabled: true, provider: "CALICO" },
    enableIntranodeVisibility: relax.noIntranodeVisibility === undefined,

    privateClusterConfig: {
      enablePrivateNodes: true,
      enablePrivateEndpoint: relax.publicEndpoint === undefined,
      masterIpv4CidrBlock: network.controlPlane,
    },
    masterAuthorizedNetworksConfig: authorizedNetworks(gke),
    controlPlaneEndpointsConfig: { dnsEndpointConfig: { allowExternalTraffic: relax.dnsEndpoint !== undefined } },
    enableLegacyAbac: false,
    // A Service with them takes the whole cluster's packets to these addresses, the gateways' too (CVE-2020-8554).
    serviceExternalIpsConfig: { enabled: false },
    // A managed mesh is a feature of a fleet, which the cluster joins as it is made.
    fleet: managedMesh === true ? { project } : undefined,
    masterAuth: { clientCertificateConfig: { issueClientCertificate: false } },
    workloadIdentityConfig: hasIdentities ? { workloadPool: workloadPool(gke) } : undefined,

    databaseEncryption: { state: relax.unencryptedSecrets === undefined ? "ENCRYPTED" : "DECRYPTED" },
    binaryAuthorization: {
      evaluationMode: relax.unverifiedImages === undefined ? "PROJECT_SINGLETON_POLICY_ENFORCE" : "DISABLED",
    },
    securityPostureConfig: { mode: relax.noSecurityPosture === undefined ? "BASIC" : "DISABLED" },
    enableShieldedNodes: relax.unshieldedNodes === undefined,
    enableKubernetesAlpha: false,

    addonsConfig: {
      httpLoadBalancing: { disabled: !gke.httpLoadBalancing },
      dnsCacheConfig: { enabled: true },
      gcePersistentDiskCsiDriverConfig: { enabled: true },
      networkPolicyConfig: { disabled: dataplane === "v2" },
    },
    loggingConfig: {
      enableComponents: ["SYSTEM_COMPONENTS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER", "WORKLOADS"],
    },
    monitoringConfig: { enableComponents: ["SYSTEM_COMPONENTS"], managedPrometheus: { enabled: true } },

    // GKE makes a first pool in any case, under an identity that many projects have taken away. Ours replace it.
    removeDefaultNodePool: true,
    initialNodeCount: 1,
    nodeConfig: nodeConfig(gke, "work"),
  };
}

/** Who may reach the control plane beside its own network's nodes; an empty list lets nobody else in. */
function authorizedNetworks({ authorizedNetworks: networks, relax }: GkeConfig) {
  return relax.unlistedNetworks === undefined
    ? {
        cidrBlocks: Object.entries(networks).map(([displayName, cidrBlock]) => ({ displayName, cidrBlock })),
        gcpPublicCidrsAccessEnabled: false,
      }
    : undefined;
}
