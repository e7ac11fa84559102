import { Namespace } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { planNamespace } from "../model";
import { EgressNamespace } from "./egress-namespace";
import { registerInOrder, registerNamespace } from "./ordered-manifests";

export interface InjectedNamespaceArgs {
  /** The namespace of the gateways through which the pods go out. */
  egress: EgressNamespace;
  /**
   * Name of the namespace; it is made here.
   * @example "test-app"
   */
  namespace: string;
  /**
   * Labels beside those that injection needs.
   * @default {}
   * @example { team: "payments" }
   */
  labels?: Record<string, string>;
  /**
   * Guarded namespaces whose pods and this one's may call each other.
   * @default this one alone
   * @example ["test-app", "istio-workload"]
   */
  guardedNamespaces?: string[];
}

/**
 * A namespace whose pods get a sidecar and have no way out but the mesh, DNS and the egress gateway: the Namespace
 * with its injection label, NetworkPolicies, and a Sidecar that knows no outside host for workloads without their own.
 *
 * Name this component in the `dependsOn` of whatever runs pods there, as `Workload` does: they are guarded then.
 */
export class InjectedNamespace extends pulumi.ComponentResource {
  /** Name of the namespace, once that exists. */
  readonly namespace: pulumi.Output<string>;
  /** The same name, known from the start: what other components plan with. */
  readonly namespaceName: string;
  /** The Namespace, for what other components put into it. */
  readonly namespaceResource: Namespace;
  /** What stands when the namespace is guarded: its NetworkPolicies and its Sidecar. */
  readonly guards: pulumi.Resource[];
  /** The namespace of the gateways through which the pods go out. */
  readonly egress: EgressNamespace;
  /** Guarded namespaces whose pods and this one's may call each other. */
  readonly guardedNamespaces: string[];

  constructor(name: string, args: InjectedNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:InjectedNamespace", name, {}, opts);

    const { egress, namespace, labels = {}, guardedNamespaces = [namespace] } = args;
    const manifests = planNamespace({
      name: namespace,
      labels,
      mesh: egress.mesh.traits,
      guardedNamespaces,
      gatewayNamespace: egress.namespaceName,
      resolvers: egress.resolvers,
    });

    this.egress = egress;
    this.guardedNamespaces = guardedNamespaces;
    this.namespaceName = namespace;
    this.namespaceResource = registerNamespace(this, name, manifests);
    this.guards = registerInOrder(this, name, manifests, {
      mesh: egress.mesh.ready,
      namespaces: [this.namespaceResource],
    });

    this.namespace = this.namespaceResource.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }
}
