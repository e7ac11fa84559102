import * as pulumi from "@pulumi/pulumi";
import { Client, Guard, Ingress, isWalled, NamespaceArgs, planNamespace } from "../model";
import type { Admission } from "./admission";
import { dnsStandIn, EgressNamespace } from "./egress-namespace";
import type { EgressResolver } from "./egress-resolver";
import { Grantee, Reach } from "./grants";
import type { Every } from "./known-arguments";
import { registerInOrder, registerNamespace, registerPatch } from "./ordered-manifests";
import { given, withMore } from "./planned";
import { laterContent, plannedWhenKnown } from "./values";

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
  labels?: Record<string, pulumi.Input<string>>;
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
   * Who may open connections to the pods, beside pods of guarded namespaces and the kubelet: pods of namespaces that are not
   * guarded, or, with a `reason`, addresses; each on every port or on some. `{ from: [] }` is nobody else.
   * @default whoever reaches the pods
   * @example { from: [{ namespace: "istio-ingress", selector: { istio: "ingressgateway" }, ports: [8080] }] }
   */
  ingress?: Ingress;
  /**
   * External hosts that are granted to every ServiceAccount of the namespace by an `EgressDestination` that lists its
   * `clients`; what `grant` gives it need not be here. To name a host here grants nothing by itself.
   * @default []
   */
  hosts?: string[];
  /**
   * Who is refused nothing: what is not granted goes out by an `EgressGateway` that has them in `observed`, and is logged.
   * `workloads`: those that say so of themselves; `all`: every pod, those of a `Workload` only if it says so, too.
   * @default "nobody"
   */
  observed?: "nobody" | "workloads" | "all";
  /**
   * What is refused in the namespace, whoever may deploy there: no pod starts before its policies stand.
   * @default nothing is
   */
  admission?: Admission;
  /**
   * Whom the pods ask for names, and nobody else. No pod starts before it answers.
   * @default the cluster's resolver, which looks every name up
   */
  resolver?: EgressResolver;
  /**
   * Workloads that ask the cluster's resolver all the same, as they are observed, by their pods' labels.
   * @default []
   * @example [{ workload: "legacy", selector: { app: "legacy" } }]
   */
  askingFreely?: { workload: string; selector: Record<string, string> }[];
  /**
   * Whether its sidecars count what they refuse, in `envoy_istio_egress_calls`: those of Istio 1.29 and later do. Not in a
   * mesh that takes no EnvoyFilter.
   * @default false
   */
  counts?: boolean;
}

/** What of a namespace may be known later. */
type Values = Pick<NamespaceArgs, "labels" | "resolvers" | "dnsPort">;

const everyArgument: Every<InjectedNamespaceArgs> = {
  egress: true,
  namespace: true,
  labels: true,
  existing: true,
  guard: true,
  guardedNamespaces: true,
  peers: true,
  ingress: true,
  hosts: true,
  observed: true,
  admission: true,
  resolver: true,
  askingFreely: true,
  counts: true,
};

/**
 * A namespace whose pods get a sidecar and have no way out but the mesh, DNS and the egress gateway: the Namespace
 * with its injection label, NetworkPolicies, and a Sidecar that knows no external host for workloads without their own.
 *
 * Name this component in the `dependsOn` of whatever runs pods there, as `Workload` does: they are guarded then.
 *
 * Errors: the engine fails the Namespace if there is one of that name, and the patch of an `existing` one if there is
 * none, or if its label of injection is set to something else by others.
 */
export class InjectedNamespace extends pulumi.ComponentResource implements Grantee {
  /** Every ServiceAccount of the namespace: what an `EgressDestination` grants hosts to. */
  readonly client: Client;
  /** What all of its ServiceAccounts are granted; `grant` of what is granted fills it. */
  readonly reach: Reach;
  /** Name of the namespace, once its pods get sidecars. */
  readonly namespace: pulumi.Output<string>;
  /** The same name, known from the start: what other components plan with. */
  readonly namespaceName: string;
  /** The Namespace, or what is put on an existing one, for what others put into it: one, or none for one that is left. */
  readonly namespaceResources: pulumi.Resource[];
  /** What stands when the namespace is guarded: its NetworkPolicies and its Sidecar. */
  readonly guards: pulumi.Input<pulumi.Resource>[];
  /** Whether NetworkPolicies hold its pods. */
  readonly walled: boolean;
  /** The namespace of the gateways through which the pods go out. */
  readonly egress: EgressNamespace;
  /** Address of the resolver that its pods ask, and no other; undefined where that is the cluster's. */
  readonly resolver: string | undefined;
  /** Guarded namespaces whose pods and this one's may call each other. */
  readonly guardedNamespaces: string[];
  /** Namespaces that are not guarded, whose Services and pods this one's pods may call. */
  readonly peers: string[];

  constructor(name: string, args: InjectedNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:InjectedNamespace", name, {}, opts);

    const { egress, namespace, existing = false, guard = "enforce", peers = [], observed = "nobody" } = given(args);
    const { labels = {}, hosts = [], guardedNamespaces = [namespace] } = given(args);
    const { resolver, askingFreely, ingress, counts } = given(args);
    const component = `InjectedNamespace "${name}"`;
    const parts = { egress: { what: "an EgressNamespace", given: egress, by: "namespaceResource" } };
    const words = {
      names: { name: "namespace", mesh: "egress", gatewayNamespace: "egress" },
      parts,
      of: { args, known: everyArgument },
    };
    const plan = ({ labels: each, resolvers, dnsPort }: Values, granted: string[]) =>
      planNamespace({
        name: namespace,
        labels: each,
        existing,
        guard,
        observed,
        ...(resolver === undefined ? {} : { allowedNames: true, askingFreely }),
        mesh: egress?.mesh.traits,
        guardedNamespaces,
        peers,
        ...(ingress === undefined ? {} : { ingress }),
        hosts: withMore(hosts, granted),
        gatewayNamespace: egress?.namespaceName,
        resolvers,
        dnsPort,
        ...(counts === undefined ? {} : { counts }),
      });
    const values = { labels, resolvers: egress?.resolvers, dnsPort: egress?.dnsPort };
    const standIns = { labels: { any: "label" }, ...dnsStandIn };
    const manifests = plannedWhenKnown(component, words, values, standIns, (known: Values) => plan(known, []));

    this.egress = egress;
    this.resolver = resolver?.address;
    this.guardedNamespaces = guardedNamespaces;
    this.peers = peers;
    this.walled = isWalled({ existing, guard });
    this.namespaceName = namespace;
    this.client = { namespace, everyServiceAccount: true };
    this.reach = new Reach(component, this);
    // Its content but for the hosts is the same, whatever the other values are.
    const withGrants = this.reach.hosts.apply((granted) => plan(standIns, granted));
    const ofGrants = manifests.map((each) => (each.kind === "Sidecar" ? laterContent(each, withGrants) : each));
    const made = existing ? [] : [registerNamespace(this, name, ofGrants)];
    const { objects: guards } = registerInOrder(this, name, ofGrants, { mesh: egress.mesh.ready, namespaces: made });
    this.guards = [...guards, ...(args.admission?.policies ?? []), ...(resolver?.ready ?? [])];
    this.namespaceResources = existing ? registerPatch(this, name, ofGrants, this.guards) : made;

    this.namespace = pulumi.all(this.namespaceResources.map(({ urn }) => urn)).apply(() => namespace);
    this.registerOutputs({ namespace: this.namespace });
  }
}
