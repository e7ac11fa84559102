import { Namespace } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { EgressNamespaceArgs as PlannedNamespace, KnownService, planEgressNamespace } from "../model";
import { JoinableMesh } from "./mesh";
import { registerInOrder, registerNamespace } from "./ordered-manifests";
import type { Every } from "./known-arguments";
import { given } from "./planned";
import { plannedWhenKnown } from "./values";

export interface EgressNamespaceArgs {
  /** The mesh that the gateways' pods join. */
  mesh: JoinableMesh;
  /**
   * Name of the namespace; it is made here.
   * @default "istio-egress"
   */
  namespace?: string;
  /**
   * Namespaces whose pods may open a connection to a gateway.
   * @example ["test-app", "istio-workload"]
   */
  guardedNamespaces: string[];
  /**
   * Addresses of resolvers beside kube-dns, such as NodeLocal DNSCache's; the guarded namespaces' pods may ask them too.
   * @default []
   * @example ["169.254.20.10"]
   */
  resolvers?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Port that kube-dns' pods listen on, behind port 53 of their Service; for the guarded namespaces too.
   * @default 53
   */
  dnsPort?: pulumi.Input<number>;
  /**
   * Services of the cluster's own that sidecars are told of by their addresses, such as the API server's: a `Workload` that may
   * call one has its name among its `hosts`, and its addresses in `beside`.
   * @default []
   * @example [{ host: "kubernetes.default.svc.cluster.local", addresses: ["10.96.0.1"], ports: { https: 443 }, namespaces: ["shop"] }]
   */
  known?: KnownService[];
}

/** How pods ask for names, as planners are told. */
export type Dns = Required<Pick<PlannedNamespace, "resolvers" | "dnsPort">>;

/** A sound one, while the real one is not known. */
export const dnsStandIn: Dns = { resolvers: ["169.254.20.10"], dnsPort: 53 };

const everyArgument: Every<EgressNamespaceArgs> = {
  mesh: true,
  namespace: true,
  guardedNamespaces: true,
  resolvers: true,
  dnsPort: true,
  known: true,
};

/**
 * The namespace that the egress gateways have to themselves: the only one from which there is a way out to public
 * addresses, on ports 80 and 443, and which nobody but pods of guarded namespaces may call.
 */
export class EgressNamespace extends pulumi.ComponentResource {
  /** Name of the namespace, once that exists. */
  readonly namespace: pulumi.Output<string>;
  /** The same name, known from the start: what other components plan with. */
  readonly namespaceName: string;
  /** The Namespace, for what other components put into it. */
  readonly namespaceResource: Namespace;
  /** What stands when the namespace is walled in. */
  readonly guards: pulumi.Resource[];
  /** Namespaces whose pods may open a connection to a gateway. */
  readonly guardedNamespaces: string[];
  /** The mesh that the gateways belong to. */
  readonly mesh: JoinableMesh;
  /** Addresses of resolvers beside kube-dns. */
  readonly resolvers: pulumi.Input<pulumi.Input<string>[]>;
  /** Port that kube-dns' pods listen on. */
  readonly dnsPort: pulumi.Input<number>;
  /** What it is called among the program's resources. */
  readonly resourceName: string;

  constructor(name: string, args: EgressNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:EgressNamespace", name, {}, opts);

    const { mesh, namespace = "istio-egress", guardedNamespaces, resolvers = [], dnsPort = 53, known } = given(args);
    const parts = { mesh: { what: "a Mesh, or what existingMesh gives", given: mesh, by: "traits" } };
    const manifests = plannedWhenKnown(
      `EgressNamespace "${name}"`,
      { names: { name: "namespace" }, parts, of: { args, known: everyArgument } },
      { resolvers, dnsPort },
      dnsStandIn,
      (dns: Dns) =>
        planEgressNamespace({
          ...{ name: namespace, mesh: mesh?.traits, guardedNamespaces, ...dns },
          ...(known === undefined ? {} : { known }),
        }),
    );

    this.resourceName = name;
    this.mesh = mesh;
    this.guardedNamespaces = guardedNamespaces;
    this.resolvers = resolvers;
    this.dnsPort = dnsPort;
    this.namespaceName = namespace;
    this.namespaceResource = registerNamespace(this, name, manifests);
    const after = { mesh: mesh.ready, namespaces: [this.namespaceResource] };
    this.guards = registerInOrder(this, name, manifests, after).objects;

    this.namespace = this.namespaceResource.metadata.name;
    this.registerOutputs({ namespace: this.namespace });
  }
}
