import { ManagedZone } from "@pulumi/gcp/dns/managedZone";
import { RecordSet } from "@pulumi/gcp/dns/recordSet";
import * as pulumi from "@pulumi/pulumi";
import { GkePlan } from "../../model";
import { Network } from "./network";

export interface GoogleApisArgs {
  plan: GkePlan["googleApis"];
  network: Network;
}

/** Google's names, at addresses that the network reaches without a way out. */
export class GoogleApis extends pulumi.ComponentResource {
  readonly records: RecordSet[];

  constructor(name: string, args: GoogleApisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:GoogleApis", name, {}, opts);

    const { plan, network } = args;
    this.records = plan.flatMap(({ domain, zone, records }) => {
      const managedZone = new ManagedZone(
        `${name}/${domain}`,
        { ...zone, privateVisibilityConfig: { networks: [{ networkUrl: network.network.id }] } },
        { parent: this },
      );
      return records.map(
        ({ key, ...record }) =>
          new RecordSet(`${name}/${domain}/${key}`, { ...record, managedZone: managedZone.name }, { parent: this }),
      );
    });
    this.registerOutputs({ zones: plan.map(({ domain }) => domain) });
  }
}
