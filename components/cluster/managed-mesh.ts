import { Feature } from "@pulumi/gcp/gkehub/feature";
import { FeatureMembership } from "@pulumi/gcp/gkehub/featureMembership";
import * as pulumi from "@pulumi/pulumi";
import { GkeConfig, GkePlan, meshTraits, MeshTraits, workloadPool } from "../../model";
import { JoinableMesh } from "../mesh";
import { ControlPlane } from "./control-plane";
import { NodePools } from "./node-pools";

export interface ManagedMeshArgs {
  gke: GkeConfig;
  plan: NonNullable<GkePlan["managedMesh"]>;
  /** A cluster that has joined the project's fleet. */
  controlPlane: ControlPlane;
  /** Where Google puts the mesh's parts on the cluster. */
  nodePools: NodePools;
  /** What must be there first: Google's APIs for fleets and meshes. */
  after: pulumi.Resource[];
}

/**
 * Google's managed Cloud Service Mesh on one cluster of a project's fleet. The feature is the fleet's: one stack of a
 * project can make it.
 */
export class ManagedMesh extends pulumi.ComponentResource implements JoinableMesh {
  /** What stands when Google has been told to manage the mesh. Its CRDs and its injector come some minutes later. */
  readonly ready: pulumi.Resource[];
  readonly traits: MeshTraits;

  constructor(name: string, args: ManagedMeshArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:ManagedMesh", name, {}, opts);

    const { gke, plan, controlPlane, nodePools, after } = args;
    const feature = new Feature(`${name}/feature`, plan.feature, { parent: this, dependsOn: after });
    const { id, fleet } = controlPlane.cluster;
    // The fleet has a name for the cluster as soon as there is the cluster.
    const joined = pulumi.all([id, fleet]).apply(([, membership]) => membership!);
    const membership = new FeatureMembership(
      `${name}/membership`,
      {
        ...plan.membership,
        feature: feature.name,
        membership: joined.membershipId,
        membershipLocation: joined.membershipLocation,
      },
      { parent: this, dependsOn: nodePools.pools },
    );

    this.ready = [membership];
    this.traits = meshTraits({ kind: "cloud-service-mesh", mtls: "STRICT", trustDomain: workloadPool(gke) });
    this.registerOutputs({ membership: membership.id });
  }
}
