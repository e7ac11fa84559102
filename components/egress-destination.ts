import * as pulumi from "@pulumi/pulumi";
import { Client, Manifest, planDestination, Protocol } from "../model";
import { EgressGateway } from "./egress-gateway";
import { InjectedNamespace } from "./injected-namespace";
import { protocols as everyProtocol } from "../model/ground/protocols";
import { registerInOrder } from "./ordered-manifests";
import { planned } from "./planned";

export interface EgressDestinationArgs {
  /** The gateway that lets the clients through. */
  gateway: EgressGateway;
  /**
   * Name of the destination, and of its AuthorizationPolicy.
   * @example "github"
   */
  destination: string;
  /**
   * Exact host names in lower case, one at least.
   * @example ["github.com", "www.github.com"]
   */
  hosts: string[];
  /**
   * What the clients speak: `http` is plain HTTP on port 80, `https` is TLS of their own on port 443.
   * @default ["http", "https"]
   */
  protocols?: Protocol[];
  /**
   * Identities that may reach every one of the hosts, one at least. A `Workload` tells its own as `workload.client`,
   * and has the hosts in its `hosts` as well.
   * @example [appA.client]
   */
  clients: Client[];
  /**
   * The clients' guarded namespaces, which the way to the gateway is put into where the mesh takes no EnvoyFilter.
   * @default [], which will do in every other mesh
   */
  clientNamespaces?: InjectedNamespace[];
}

/**
 * External hosts that are granted together: one AuthorizationPolicy, by which the gateway lets the clients' identities
 * pass, a ServiceEntry with all of the hosts, and a DestinationRule for each, which lead the clients' sidecars to the gateway.
 * One more client is one more identity in the policy, and no resource more.
 *
 * In a mesh that takes no EnvoyFilter these are in each of the clients' namespaces, and another ServiceEntry, and for
 * each host a Gateway and a VirtualService, lead from the gateway to the hosts.
 */
export class EgressDestination extends pulumi.ComponentResource {
  /** The hosts that are granted. */
  readonly hosts: pulumi.Output<string[]>;

  constructor(name: string, args: EgressDestinationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:EgressDestination", name, {}, opts);

    const { gateway, destination, hosts, protocols = [...everyProtocol], clients } = args;
    const manifests = planned(`EgressDestination "${name}"`, { name: "destination" }, () =>
      planDestination({
        name: destination,
        hosts,
        protocols,
        clients,
        gateway: gateway.ref,
      }),
    );

    registerInOrder(this, name, manifests, {
      mesh: gateway.home.mesh.ready,
      namespaces: [gateway.home.namespaceResource, ...namespacesOf(manifests, args)],
    });

    this.hosts = pulumi.output(hosts);
    this.registerOutputs({ hosts: this.hosts });
  }
}

/**
 * The Namespaces, beside the gateway's, that a destination's objects go into.
 *
 * @throws Error for one that was not given: its objects could be asked for before it is there
 */
function namespacesOf(
  manifests: Manifest[],
  { gateway, clientNamespaces = [] }: EgressDestinationArgs,
): pulumi.Resource[] {
  const given = new Map(clientNamespaces.map((client) => [client.namespaceName, client.namespaceResources]));
  const others = new Set(manifests.map(({ metadata }) => metadata.namespace!));
  others.delete(gateway.home.namespaceName);
  return [...others].flatMap((name) => {
    const resources = given.get(name);
    if (resources === undefined) {
      throw new Error(`the way to the gateway is put into the namespace "${name}": add it to clientNamespaces`);
    }
    return resources;
  });
}
