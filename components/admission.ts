import * as pulumi from "@pulumi/pulumi";
import { AdmissionArgs as PlannedArgs, planAdmission } from "../model";
import { manifestResource } from "./manifest-resource";
import { given, planned } from "./planned";

export type AdmissionArgs = PlannedArgs;

/**
 * What the API server refuses in guarded namespaces, and elsewhere of what would touch them or the gateways, whoever may
 * deploy there: ValidatingAdmissionPolicies and their bindings, which every Kubernetes from 1.30 on has.
 *
 * `InjectedNamespace` takes it as `admission`: pods start when the policies stand.
 */
export class Admission extends pulumi.ComponentResource {
  /** The policies and their bindings. */
  readonly policies: pulumi.Resource[];

  constructor(name: string, args: AdmissionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:Admission", name, {}, opts);

    const manifests = planned(`Admission "${name}"`, {}, () => planAdmission(given(args)));
    const isPolicy = ({ kind }: { kind: string }) => kind === "ValidatingAdmissionPolicy";
    const policies = manifests.filter(isPolicy).map((manifest) => manifestResource(this, name, manifest));
    // A binding without its policy refuses nothing; and on the way down it goes first.
    const bindings = manifests
      .filter((manifest) => !isPolicy(manifest))
      .map((manifest) => manifestResource(this, name, manifest, { dependsOn: policies }));

    this.policies = [...policies, ...bindings];
    this.registerOutputs({});
  }
}
