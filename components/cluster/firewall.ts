import { Firewall as FirewallRule } from "@pulumi/gcp/compute/firewall";
import * as pulumi from "@pulumi/pulumi";
import { GkePlan } from "../../model";
import { Network } from "./network";
import { NodeIdentities } from "./node-identities";

export interface FirewallArgs {
  plan: GkePlan["firewall"];
  network: Network;
  /** Service accounts by which rules tell the pools' nodes apart. */
  identities: NodeIdentities;
}

/** What may leave the network's nodes and what may come in: nothing leaves but egress that is granted. */
export class Firewall extends pulumi.ComponentResource {
  readonly rules: FirewallRule[];

  constructor(name: string, args: FirewallArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:Firewall", name, {}, opts);

    const { plan, network, identities } = args;
    this.rules = plan.map(
      ({ key, pools, ...rule }) =>
        new FirewallRule(
          `${name}/${key}`,
          {
            ...rule,
            network: network.network.id,
            ...(pools === undefined
              ? {}
              : { targetServiceAccounts: pools.map((pool) => identities.accounts[pool].email) }),
          },
          { parent: this },
        ),
    );
    this.registerOutputs({ rules: this.rules.map((rule) => rule.name) });
  }
}
