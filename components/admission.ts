import * as pulumi from "@pulumi/pulumi";
import { setTimeout } from "node:timers/promises";
import { AdmissionArgs as PlannedArgs, planAdmission } from "../model";
import { manifestResource } from "./manifest-resource";
import type { Every } from "./known-arguments";
import { given, planned } from "./planned";

export type AdmissionArgs = PlannedArgs;

const everyArgument: Every<AdmissionArgs> = {
  mode: true,
  platform: true,
  gatewayNamespace: true,
  gateways: true,
  namespaces: true,
  mesh: true,
  workloads: true,
  registries: true,
  proxyImage: true,
  audiences: true,
  exec: true,
  exemptions: true,
};

/**
 * How long the API server may take to go by a policy that has changed. Milliseconds. It looks for changes each second
 * (`policyRefreshInterval` in k8s.io/apiserver, pkg/admission/plugin/policy/generic): a Deployment that comes before that
 * is refused by what its policy said until then, and a pod is let in that nothing judges yet.
 */
const inForceAfter = 2500;

/**
 * What the API server refuses in guarded namespaces, and elsewhere of what would touch them or the gateways, whoever may
 * deploy there: ValidatingAdmissionPolicies and their bindings, which every Kubernetes from 1.30 on has.
 *
 * `InjectedNamespace` takes it as `admission`: pods start when the policies are in force.
 */
export class Admission extends pulumi.ComponentResource {
  /** The policies and their bindings, each when the API server goes by all of them. */
  readonly policies: pulumi.Output<pulumi.Resource>[];

  constructor(name: string, args: AdmissionArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:Admission", name, {}, opts);

    const manifests = planned(`Admission "${name}"`, { of: { args, known: everyArgument } }, () =>
      planAdmission(given(args)),
    );
    const isPolicy = ({ kind }: { kind: string }) => kind === "ValidatingAdmissionPolicy";
    const policies = manifests.filter(isPolicy).map((manifest) => manifestResource(this, name, manifest));
    // A binding without its policy refuses nothing; and on the way down it goes first.
    const bindings = manifests
      .filter((manifest) => !isPolicy(manifest))
      .map((manifest) => manifestResource(this, name, manifest, { dependsOn: policies }));

    const all = [...policies, ...bindings];
    const wait = pulumi.runtime.hasEngine() && !pulumi.runtime.isDryRun() ? inForceAfter : 0;
    const inForce = pulumi.all(all.map(({ urn }) => urn)).apply(() => setTimeout(wait));
    this.policies = all.map((policy) => inForce.apply(() => policy));
    this.registerOutputs({});
  }
}
