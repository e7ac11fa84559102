import { Address } from "@pulumi/gcp/compute/address";
import { Router } from "@pulumi/gcp/compute/router";
import { RouterNat } from "@pulumi/gcp/compute/routerNat";
import * as pulumi from "@pulumi/pulumi";
import { GkePlan } from "../../model";
import { Network } from "./network";

export interface EgressAddressesArgs {
  plan: GkePlan["egressAddresses"];
  network: Network;
  /** What must be there first: Google's API for addresses. */
  after: pulumi.Resource[];
}

/** Reserved addresses, and the Cloud NAT by which the gateways' pods, and nobody else, leave from them. */
export class EgressAddresses extends pulumi.ComponentResource {
  /** The addresses that external hosts see: what partners put on their lists. */
  readonly addresses: pulumi.Output<string[]>;
  /** What stands when there is a way out. */
  readonly nat: RouterNat;

  constructor(name: string, args: EgressAddressesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:EgressAddresses", name, {}, opts);

    const { plan, network, after } = args;
    const reserved = plan.addresses.map(
      (address) => new Address(`${name}/${address.name}`, address, { parent: this, dependsOn: after }),
    );
    const router = new Router(`${name}/router`, { ...plan.router, network: network.network.id }, { parent: this });
    this.nat = new RouterNat(
      `${name}/nat`,
      {
        ...plan.nat,
        router: router.name,
        natIps: reserved.map((address) => address.selfLink),
        subnetworks: [{ name: network.subnetwork.id, ...plan.natRanges }],
      },
      { parent: this },
    );

    this.addresses = pulumi.all(reserved.map((address) => address.address));
    this.registerOutputs({ addresses: this.addresses });
  }
}
