import { Namespace } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { GatewayPlacement, planGateway } from "../model";
import { Mesh } from "./mesh";
import { registerInOrder, registerNamespace } from "./ordered-manifests";

export interface EgressGatewayArgs {
  /** The mesh that the gateway's pods join. */
  mesh: Mesh;
  /**
   * Namespace that the gateway has to itself; it is made here.
   * @default "istio-egress"
   */
  namespace?: string;
  /**
   * Pods, two at least, so that a node can be drained.
   * @default 2
   */
  replicas?: number;
  /**
   * Pods at most; with more than `replicas` a HorizontalPodAutoscaler makes the number follow the load.
   * @default replicas
   */
  maxReplicas?: number;
  /**
   * Nodes of the gateway's own, which its pods are kept to.
   * @default any node
   */
  placement?: GatewayPlacement;
  /**
   * Namespaces whose pods may open a connection to the gateway.
   * @example ["test-app", "istio-workload"]
   */
  guardedNamespaces: string[];
  /**
   * Addresses of resolvers beside kube-dns, such as NodeLocal DNSCache's; the guarded namespaces' pods may ask them too.
   * @default []
   * @example ["169.254.20.10"]
   */
  resolvers?: string[];
}

/**
 * The one way out of the mesh: a Deployment in a namespace and under a ServiceAccount of its own. It forwards by the
 * name that it was asked for, after an AuthorizationPolicy has allowed that name to the caller's identity; with no
 * `EgressDestination` it refuses everybody.
 */
export class EgressGateway extends pulumi.ComponentResource {
  /** Name of the gateway's namespace, once that exists. */
  readonly namespace: pulumi.Output<string>;
  /** The same name, known from the start: what other components plan with. */
  readonly namespaceName: string;
  /** The gateway's Namespace, for what other components put into it. */
  readonly namespaceResource: Namespace;
  /** The mesh that the gateway belongs to. */
  readonly mesh: Mesh;
  /** Addresses of resolvers beside kube-dns. */
  readonly resolvers: string[];

  constructor(name: string, args: EgressGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:EgressGateway", name, {}, opts);

    const { mesh, namespace = "istio-egress", replicas = 2, resolvers = [], ...rest } = args;
    const manifests = planGateway({ ...rest, namespace, replicas, resolvers });

    this.mesh = mesh;
    this.resolvers = resolvers;
    this.namespaceName = namespace;
    this.namespaceResource = registerNamespace(this, name, manifests);
    registerInOrder(this, name, manifests, { mesh: mesh.ready, namespaces: [this.namespaceResource] });

    this.namespace = this.namespaceResource.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }
}
