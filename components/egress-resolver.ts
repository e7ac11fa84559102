import * as pulumi from "@pulumi/pulumi";
import { planResolver, ResolverArgs as PlannedArgs } from "../model";
import { EgressNamespace } from "./egress-namespace";
import type { Every } from "./known-arguments";
import { registerInOrder } from "./ordered-manifests";
import { given, planned } from "./planned";

export interface EgressResolverArgs extends Omit<PlannedArgs, "namespace" | "askers"> {
  /** The namespace of the gateways: the resolver is there, too. */
  egress: EgressNamespace;
}

const everyArgument: Every<EgressResolverArgs> = {
  egress: true,
  address: true,
  image: true,
  replicas: true,
  zones: true,
  hosts: true,
  except: true,
  own: true,
};

/**
 * The resolver that guarded pods ask, and no other, so that no name they make up leaves the cluster: CoreDNS, which answers
 * the `hosts`, asks the cluster's resolver for Services of the `zones`, refuses every other name and logs it.
 *
 * `InjectedNamespace` takes it as `resolver`, and `Mesh` for pods that others make. What is granted by methods is not known
 * here: `hosts` lists it.
 *
 * Errors: the engine fails the Service if another one has its address or that is not of the cluster's range, and the
 * Deployment when its pods are not ready after five minutes.
 */
export class EgressResolver extends pulumi.ComponentResource {
  /** Address that pods ask. */
  readonly address: string;
  /** What stands when it answers. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: EgressResolverArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:EgressResolver", name, {}, opts);

    const { egress, ...own } = given(args);
    const parts = { egress: { what: "an EgressNamespace", given: egress, by: "namespaceResource" } };
    const manifests = planned(
      `EgressResolver "${name}"`,
      { names: { namespace: "egress", askers: "egress" }, parts, of: { args, known: everyArgument } },
      () => planResolver({ ...own, namespace: egress?.namespaceName, askers: egress?.guardedNamespaces }),
    );
    const { objects, deployments } = registerInOrder(this, name, manifests, {
      mesh: [],
      namespaces: [egress.namespaceResource],
      guards: egress.guards,
    });

    this.address = own.address;
    this.ready = [...objects, ...deployments];
    this.registerOutputs({});
  }
}
