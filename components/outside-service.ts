import * as pulumi from "@pulumi/pulumi";
import { OutsideArgs, outsideHost, planOutside, Protocol } from "../model";
import { ofNamespace } from "./egress-client";
import { Grantee, GrantError, grantProblems, WayBeside } from "./grants";
import { InjectedNamespace } from "./injected-namespace";
import type { Every } from "./known-arguments";
import { defaultPorts } from "../model/ground/protocols";
import { registerInOrder } from "./ordered-manifests";
import { given } from "./planned";
import { plannedWhenKnown } from "./values";

export interface OutsideServiceArgs {
  /** The guarded namespace whose workloads may be granted the service. */
  namespace: InjectedNamespace;
  /**
   * Name of the Service, and so of the host: `svc-foo` for `svc-foo.<namespace>.svc.cluster.local`.
   * @example "svc-foo"
   */
  service: string;
  /**
   * Private IPv4 addresses; with `via: "bypass"` ranges in CIDR notation too, beside one address at least.
   * @example ["10.10.0.4"]
   * @example [loadBalancer.status.loadBalancer.ingress[0].ip]
   */
  addresses: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Ports by what is spoken on them.
   * @default { http: 80, https: 443 }
   */
  ports?: Partial<Record<Protocol, number>>;
  /**
   * `service`: the clients' sidecars know the name, and call it for them. `bypass`: connections to the addresses do not
   * go through the sidecars at all.
   */
  via: "service" | "bypass";
  /**
   * With `via: "service"`: `disabled`, or whatever the `mesh` has for all of its Services.
   * @default "disabled"
   */
  clientMtls?: "disabled" | "mesh";
  /**
   * Names of all workloads that may call it, one at least, in the place of `grant`. Each of them has the service in its
   * `hosts`, or its addresses in its `bypassed`.
   * @default those that are granted it by `grant`
   * @example ["hammer"]
   */
  clients?: string[];
}

const everyArgument: Every<OutsideServiceArgs> = {
  namespace: true,
  service: true,
  addresses: true,
  ports: true,
  via: true,
  clientMtls: true,
  clients: true,
};

/**
 * A service beside the mesh, which has neither a sidecar nor a public name: a headless Service with an EndpointSlice,
 * a NetworkPolicy that opens its addresses for its clients' pods, and, with `via: "service"`, the way of their sidecars.
 *
 * ```ts
 * const ledger = new OutsideService("ledger", { namespace: shop, service: "ledger", addresses: [address], via: "service" });
 * ledger.grant(cart);
 * ```
 *
 * Nobody asks for an identity on this way: what opens it is the labels of the clients' pods.
 */
export class OutsideService extends pulumi.ComponentResource {
  /** The name under which the clients call it. */
  readonly host: pulumi.Output<string>;
  private readonly of: string;
  private readonly hostName: string;
  private readonly namespace: InjectedNamespace;
  private readonly way: WayBeside;
  private readonly isListed: boolean;

  constructor(name: string, args: OutsideServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:OutsideService", name, {}, opts);

    const { namespace, service, addresses, ports = defaultPorts(), via, clientMtls, clients } = given(args);
    this.of = `OutsideService "${name}"`;
    const parts = { namespace: { what: "an InjectedNamespace", given: namespace, by: "namespaceName" } };
    const manifests = plannedWhenKnown(
      this.of,
      { names: { ...ofNamespace, name: "service" }, parts, of: { args, known: everyArgument } },
      { addresses },
      { addresses: ["10.0.0.1"] },
      (known: Pick<OutsideArgs, "addresses">) =>
        planOutside({
          ...known,
          name: service,
          namespace: namespace?.namespaceName,
          ports,
          via,
          clientMtls,
          clients,
          walled: namespace?.walled,
          gatewayNamespace: namespace?.egress.namespaceName,
        }),
    );

    const { egress, namespaceName } = namespace;
    registerInOrder(this, name, manifests, {
      mesh: egress.mesh.ready,
      namespaces: [...namespace.namespaceResources, egress.namespaceResource],
    });

    this.hostName = outsideHost({ name: service, namespace: namespaceName });
    this.namespace = namespace;
    this.way = { addresses, ports, via };
    this.isListed = clients !== undefined;
    this.host = pulumi.output(this.hostName);
    this.registerOutputs({ host: this.host });
  }

  /**
   * Lets clients of the same namespace call the service: their pods' labels open its addresses, and their sidecars know
   * its name or, with `via: "bypass"`, are gone past. For a `Workload` that is all; the pods of an `EgressClient` need its
   * `podAnnotations` for `via: "bypass"`.
   *
   * Grants are what the program says before it first waits for something, as for `EgressDestination.grant`.
   *
   * @throws GrantError which says of each client why it cannot be granted the service; none of them is then
   * @example ledger.grant(cart, clock)
   */
  grant(...clients: Grantee[]): this {
    const problems = grantProblems(clients, ({ reach }) => {
      if (this.isListed) {
        return "The service lists its clients: name this one there too, or leave `clients` out and grant each of them";
      }
      return reach.namespace === this.namespace
        ? reach.problemBeside
        : `The service is one of the namespace ${this.namespace.namespaceName}: give ${reach.namespace.namespaceName} one of its own`;
    });
    if (problems.length > 0) {
      throw new GrantError(this.of, problems);
    }
    clients.forEach(({ reach }) => reach.open(this.hostName, this.way));
    return this;
  }
}
