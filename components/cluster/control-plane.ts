import { Cluster } from "@pulumi/gcp/container/cluster";
import * as pulumi from "@pulumi/pulumi";
import { GkeConfig, gcloudContext, GkePlan } from "../../model";
import { kubeconfig } from "../../model/gke/kubeconfig";
import { Network } from "./network";
import { NodeIdentities } from "./node-identities";

export interface ControlPlaneArgs {
  gke: GkeConfig;
  plan: GkePlan["controlPlane"];
  network: Network;
  identities: NodeIdentities;
  /** Key of Kubernetes Secrets. @default Google's own keys alone */
  secretsKey?: pulumi.Input<string>;
  /** Without what not even a first node could join: firewall, names of Google's APIs, roles. */
  after: pulumi.Resource[];
}

/** A GKE cluster without nodes, and the way to its API. */
export class ControlPlane extends pulumi.ComponentResource {
  readonly cluster: Cluster;
  /** A kubeconfig that asks gke-gcloud-auth-plugin for tokens. Secret. */
  readonly kubeconfig: pulumi.Output<string>;

  constructor(name: string, args: ControlPlaneArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:ControlPlane", name, {}, opts);

    const { gke, plan, network, identities, secretsKey, after } = args;
    this.cluster = new Cluster(
      `${name}/cluster`,
      {
        ...plan,
        network: network.network.id,
        subnetwork: network.subnetwork.id,
        nodeConfig: { ...plan.nodeConfig, serviceAccount: identities.accounts.work.email },
        databaseEncryption: {
          ...plan.databaseEncryption,
          ...(secretsKey === undefined ? {} : { keyName: secretsKey }),
        },
      },
      {
        parent: this,
        dependsOn: after,
        // The first pool is gone when the cluster stands; the pools that stay have settings of their own.
        ignoreChanges: ["nodeConfig", "initialNodeCount"],
        customTimeouts: { create: "60m", update: "120m", delete: "60m" },
      },
    );

    this.kubeconfig = pulumi.secret(this.endpoint(gke).apply(kubeconfig));
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }

  private endpoint(gke: GkeConfig) {
    const context = gcloudContext(gke);
    const { controlPlaneEndpointsConfig, endpoint, masterAuth } = this.cluster;
    return gke.relax.dnsEndpoint === undefined
      ? pulumi
          .all([endpoint, masterAuth])
          .apply(([host, { clusterCaCertificate: certificateAuthority }]) => ({ context, host, certificateAuthority }))
      : controlPlaneEndpointsConfig.apply(({ dnsEndpointConfig }) => ({
          context,
          host: dnsEndpointConfig.endpoint,
        }));
  }
}
