import { NodePool } from "@pulumi/gcp/container/nodePool";
import * as pulumi from "@pulumi/pulumi";
import { GkePlan } from "../../model";
import { ControlPlane } from "./control-plane";
import { NodeIdentities } from "./node-identities";

export interface NodePoolsArgs {
  plan: GkePlan["nodePools"];
  controlPlane: ControlPlane;
  identities: NodeIdentities;
}

/** The nodes: one pool for work, and one, tainted, for the egress gateway. */
export class NodePools extends pulumi.ComponentResource {
  readonly pools: NodePool[];

  constructor(name: string, args: NodePoolsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:NodePools", name, {}, opts);

    const { plan, controlPlane, identities } = args;
    this.pools = (["gateways", "work"] as const).map((pool) => {
      const { nodeConfig, ...rest } = plan[pool];
      return new NodePool(
        `${name}/${pool}`,
        {
          ...rest,
          cluster: controlPlane.cluster.id,
          nodeConfig: { ...nodeConfig, serviceAccount: identities.accounts[pool].email },
        },
        {
          parent: this,
          // What the autoscaler has made of it since is its own affair.
          ignoreChanges: ["initialNodeCount"],
          customTimeouts: { create: "45m", update: "120m", delete: "45m" },
        },
      );
    });
    this.registerOutputs({ pools: this.pools.map((pool) => pool.name) });
  }
}
