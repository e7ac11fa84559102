import { Network as VpcNetwork } from "@pulumi/gcp/compute/network";
import { Subnetwork } from "@pulumi/gcp/compute/subnetwork";
import * as pulumi from "@pulumi/pulumi";
import { GkePlan } from "../../model";

export interface NetworkArgs {
  /** Names and ranges, as `planGke` gives them. */
  plan: GkePlan["network"];
  /** What must be there first: Google's API for networks. */
  after: pulumi.Resource[];
}

/** A VPC network with one subnet: nodes, pods, gateways' pods and Services, Private Google Access, flow logs. */
export class Network extends pulumi.ComponentResource {
  readonly network: VpcNetwork;
  readonly subnetwork: Subnetwork;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:Network", name, {}, opts);

    const { plan, after } = args;
    this.network = new VpcNetwork(`${name}/network`, plan.network, { parent: this, dependsOn: after });
    this.subnetwork = new Subnetwork(
      `${name}/subnetwork`,
      { ...plan.subnetwork, network: this.network.id },
      { parent: this },
    );
    this.registerOutputs({ network: this.network.id, subnetwork: this.subnetwork.id });
  }
}
