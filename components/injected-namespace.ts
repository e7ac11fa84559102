import * as pulumi from "@pulumi/pulumi";
import { Guard, isWalled, planNamespace } from "../model";
import { EgressNamespace } from "./egress-namespace";
import { registerInOrder, registerNamespace, registerPatch } from "./ordered-manifests";
import { planned } from "./planned";

export interface InjectedNamespaceArgs {
  /** The namespace of the gateways through which the pods go out. */
  egress: EgressNamespace;
  /**
   * Name of the namespace; it is made here, unless it is an `existing` one.
   * @example "test-app"
   */
  namespace: string;
  /**
   * Labels beside those that injection needs, of a namespace that is made here.
   * @default {}
   * @example { team: "payments" }
   */
  labels?: Record<string, string>;
  /**
   * Whether the namespace is somebody else's: the label of injection is put on it and goes with this component, and
   * nothing else of it is touched.
   * @default false
   */
  existing?: boolean;
  /**
   * How far the guard of an existing namespace goes. `inject`: its label and what sidecars are told, which cuts no pod
   * that runs without a sidecar; `enforce`: NetworkPolicies and strict mutual TLS, too; `leave`: what sidecars are told.
   * @default "enforce"
   */
  guard?: Guard;
  /**
   * Guarded namespaces whose pods and this one's may call each other.
   * @default this one alone
   * @example ["test-app", "istio-workload"]
   */
  guardedNamespaces?: string[];
  /**
   * Namespaces that are not guarded, whose Services and pods this one's pods may call. A `Mesh` has them in `discovered`.
   * @default []
   * @example ["legacy-tools"]
   */
  peers?: string[];
  /**
   * External hosts that are granted to every ServiceAccount of the namespace: those of every `EgressDestination` that
   * names the whole namespace as a client. To name a host here grants nothing by itself.
   * @default []
   */
  hosts?: string[];
}

/**
 * A namespace whose pods get a sidecar and have no way out but the mesh, DNS and the egress gateway: the Namespace
 * with its injection label, NetworkPolicies, and a Sidecar that knows no external host for workloads without their own.
 *
 * Name this component in the `dependsOn` of whatever runs pods there, as `Workload` does: they are guarded then.
 *
 * Errors: the engine fails the Namespace if there is one of that name, and the patch of an `existing` one if there is
 * none, or if its label of injection is set to something else by others.
 */
export class InjectedNamespace extends pulumi.ComponentResource {
  /** Name of the namespace, once its pods get sidecars. */
  readonly namespace: pulumi.Output<string>;
  /** The same name, known from the start: what other components plan with. */
  readonly namespaceName: string;
  /** The Namespace, or what is put on an existing one, for what others put into it: one, or none for one that is left. */
  readonly namespaceResources: pulumi.Resource[];
  /** What stands when the namespace is guarded: its NetworkPolicies and its Sidecar. */
  readonly guards: pulumi.Resource[];
  /** Whether NetworkPolicies hold its pods. */
  readonly walled: boolean;
  /** The namespace of the gateways through which the pods go out. */
  readonly egress: EgressNamespace;
  /** Guarded namespaces whose pods and this one's may call each other. */
  readonly guardedNamespaces: string[];
  /** Namespaces that are not guarded, whose Services and pods this one's pods may call. */
  readonly peers: string[];

  constructor(name: string, args: InjectedNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:InjectedNamespace", name, {}, opts);

    const { egress, namespace, existing = false, guard = "enforce", peers = [] } = args;
    const { labels = {}, hosts = [], guardedNamespaces = [namespace] } = args;
    const manifests = planned(`InjectedNamespace "${name}"`, { name: "namespace" }, () =>
      planNamespace({
        name: namespace,
        labels,
        existing,
        guard,
        mesh: egress.mesh.traits,
        guardedNamespaces,
        peers,
        hosts,
        gatewayNamespace: egress.namespaceName,
        resolvers: egress.resolvers,
        dnsPort: egress.dnsPort,
      }),
    );

    this.egress = egress;
    this.guardedNamespaces = guardedNamespaces;
    this.peers = peers;
    this.walled = isWalled({ existing, guard });
    this.namespaceName = namespace;
    const made = existing ? [] : [registerNamespace(this, name, manifests)];
    this.guards = registerInOrder(this, name, manifests, { mesh: egress.mesh.ready, namespaces: made });
    this.namespaceResources = existing ? registerPatch(this, name, manifests, this.guards) : made;

    this.namespace = pulumi.all(this.namespaceResources.map(({ urn }) => urn)).apply(() => namespace);
    this.registerOutputs({ namespace: this.namespace });
  }
}
