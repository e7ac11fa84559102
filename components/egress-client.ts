import * as pulumi from "@pulumi/pulumi";
import { Client, planWaysBeside, planWorkload, spiffeId, WaysBesideArgs } from "../model";
import { sortedUnique } from "../model/ground/order";
import { checkServiceAccount } from "../model/config/kubernetes-names";
import { bypassAnnotation, bypassRanges } from "../model/ground/pods/proxy-config";
import { Grantee, Reach } from "./grants";
import { InjectedNamespace } from "./injected-namespace";
import type { Every } from "./known-arguments";
import { registerInOrder } from "./ordered-manifests";
import { given, planned } from "./planned";
import { laterContent } from "./values";

/** What a planner is given of the namespace that a component is given. */
export const ofNamespace = {
  namespace: "namespace",
  mesh: "namespace",
  guardedNamespaces: "namespace",
  peers: "namespace",
  gatewayNamespace: "namespace",
};

export interface EgressClientArgs {
  /** The guarded namespace that its pods run in. */
  namespace: InjectedNamespace;
  /**
   * Name of the pods' ServiceAccount: the identity that is granted hosts. Not `default`, which any pod may run under.
   * @example "clock"
   */
  serviceAccount: string;
  /**
   * Labels that its pods have, and no other pods of the namespace: what its Sidecar is for.
   * @default { app: <serviceAccount> }
   * @example { "app.kubernetes.io/instance": "notes" }
   */
  selector?: Record<string, string>;
  /**
   * Name of its Sidecar, one of its own for each client of a namespace.
   * @default the ServiceAccount's
   * @example "clock"
   */
  client?: string;
}

/** Opens services beside the mesh for a client's pods, by a NetworkPolicy that is made when it is granted the first. */
export function waysBeside(
  owner: pulumi.ComponentResource,
  ownerName: string,
  { namespace, client, selector }: Required<Pick<EgressClientArgs, "namespace" | "client" | "selector">>,
): (services: pulumi.Output<WaysBesideArgs["services"]>) => void {
  const plan = (services: WaysBesideArgs["services"]) =>
    planWaysBeside({ name: client, namespace: namespace.namespaceName, selector, services });
  return (services) => {
    const planned = services.apply(plan);
    const manifests = plan([]).map((manifest) => laterContent(manifest, planned));
    registerInOrder(owner, ownerName, manifests, { mesh: [], namespaces: namespace.namespaceResources });
  };
}

const everyArgument: Every<EgressClientArgs> = {
  namespace: true,
  serviceAccount: true,
  selector: true,
  client: true,
};

/**
 * Pods that the program makes itself, or that a chart makes, by their ServiceAccount and their labels: a Deployment, a
 * StatefulSet, a Job, whatever owns them. They reach what they are granted, and nothing else outside:
 *
 * ```ts
 * const clock = new EgressClient("clock", { namespace: shop, serviceAccount: "clock" });
 * stripe.grant(clock);
 *
 * const deployment = new k8s.apps.v1.Deployment("clock", { … }, { dependsOn: clock });
 * ```
 *
 * Its one Sidecar lists all that it is granted, and waits for the namespace's guards; so `dependsOn` this component is
 * all that its pods need. Grants are made before the program waits for anything: see `EgressDestination.grant`.
 *
 * Nothing of the pods is made or changed here. Who may label pods and run them under the ServiceAccount has its grants.
 */
export class EgressClient extends pulumi.ComponentResource implements Grantee {
  /** Namespace and ServiceAccount: what an `EgressDestination` grants hosts to. */
  readonly client: Client;
  /** What its pods' certificates name, such as `spiffe://cluster.local/ns/shop/sa/clock`. */
  readonly identity: pulumi.Output<string>;
  /** The names that it is granted, in order. */
  readonly hosts: pulumi.Output<string[]>;
  /** Labels that its pods must have. */
  readonly podLabels: Record<string, string>;
  /**
   * Annotations that its pods must have: with an `OutsideService` of `via: "bypass"` the addresses that go past the
   * sidecar; otherwise none. A Deployment takes it as `spec.template.metadata.annotations`.
   */
  readonly podAnnotations: pulumi.Output<Record<string, string>>;
  /** What it is granted; `grant` of what is granted fills it. */
  readonly reach: Reach;

  constructor(name: string, args: EgressClientArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:EgressClient", name, {}, opts);

    const { namespace, serviceAccount, ...own } = given(args);
    const isName = typeof serviceAccount === "string" && checkServiceAccount(serviceAccount) === undefined;
    // With another ServiceAccount than there can be nothing is made, and what follows from it need not be reported.
    const { client = isName ? serviceAccount.replaceAll(".", "-") : "unnamed" } = own;
    const { selector: podLabels = { app: isName ? serviceAccount : "unnamed" } } = own;
    const parts = { namespace: { what: "an InjectedNamespace", given: namespace, by: "namespaceName" } };
    const names = { name: "client", ...ofNamespace };
    const plan = (hosts: string[]) =>
      planned(`EgressClient "${name}"`, { names, parts, of: { args, known: everyArgument } }, () =>
        planWorkload({
          name: client,
          namespace: namespace?.namespaceName,
          mesh: namespace?.egress.mesh.traits,
          // One that is missing would be the client's name.
          serviceAccount: serviceAccount ?? "",
          selector: podLabels,
          hosts,
          guardedNamespaces: namespace?.guardedNamespaces,
          peers: namespace?.peers,
          gatewayNamespace: namespace?.egress.namespaceName,
        }),
      );
    const sidecar = plan([]);

    const { egress, namespaceName, namespaceResources, guards } = namespace;
    const ways = waysBeside(this, name, { namespace, client, selector: podLabels });
    this.reach = new Reach(`EgressClient "${name}"`, namespace, ways);
    const withGrants = this.reach.hosts.apply(plan);
    registerInOrder(
      this,
      name,
      sidecar.map((manifest) => laterContent(manifest, withGrants)),
      { mesh: [...egress.mesh.ready, ...guards], namespaces: namespaceResources },
    );

    this.client = { namespace: namespaceName, serviceAccount };
    this.identity = pulumi.output(spiffeId(egress.mesh.traits, namespaceName, serviceAccount));
    this.hosts = this.reach.hosts.apply(sortedUnique);
    this.podLabels = podLabels;
    this.podAnnotations = this.reach.bypassed.apply((bypassed): Record<string, string> =>
      bypassed.length === 0 ? {} : { [bypassAnnotation]: bypassRanges(bypassed) },
    );
    this.registerOutputs({ identity: this.identity, hosts: this.hosts });
  }
}
