import * as pulumi from "@pulumi/pulumi";
import { outsideHost, planOutside, Protocol } from "../model";
import { InjectedNamespace } from "./injected-namespace";
import { defaultPorts } from "../model/ground/protocols";
import { registerInOrder } from "./ordered-manifests";
import { planned } from "./planned";

export interface OutsideServiceArgs {
  /** The guarded namespace whose workloads may be granted the service. */
  namespace: InjectedNamespace;
  /**
   * Name of the Service, and so of the host: `svc-foo` for `svc-foo.<namespace>.svc.cluster.local`.
   * @example "svc-foo"
   */
  service: string;
  /**
   * Private IPv4 addresses; with `via: "bypass"` ranges in CIDR notation too.
   * @example ["10.10.0.4"]
   */
  addresses: string[];
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
   * Names of the workloads that may call it, one at least. Each of them has the service in its `hosts`, or its
   * addresses in its `bypassed`.
   * @example ["hammer"]
   */
  clients: string[];
}

/**
 * A service beside the mesh, which has neither a sidecar nor a public name: a headless Service with an EndpointSlice,
 * a NetworkPolicy that opens its addresses for its clients' pods, and, with `via: "service"`, the way of their sidecars.
 */
export class OutsideService extends pulumi.ComponentResource {
  /** The name under which the clients call it. */
  readonly host: pulumi.Output<string>;

  constructor(name: string, args: OutsideServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:OutsideService", name, {}, opts);

    const { namespace, service, ports = defaultPorts(), ...rest } = args;
    const { egress, namespaceName } = namespace;
    const manifests = planned(`OutsideService "${name}"`, { name: "service" }, () =>
      planOutside({
        ...rest,
        name: service,
        namespace: namespaceName,
        ports,
        walled: namespace.walled,
        gatewayNamespace: egress.namespaceName,
      }),
    );

    registerInOrder(this, name, manifests, {
      mesh: egress.mesh.ready,
      namespaces: [...namespace.namespaceResources, egress.namespaceResource],
    });

    this.host = pulumi.output(outsideHost({ name: service, namespace: namespaceName }));
    this.registerOutputs({ host: this.host });
  }
}
