/**
 * Egress that holds, as Pulumi components.
 *
 * `Platform` makes a whole stack from one configuration. The others are its parts, for programs that put them
 * together themselves; `istio-egress/gke` has the one that makes a cluster on GKE.
 *
 * ```ts
 * const mesh = new Mesh("mesh", { version: "1.31.1", charts: "https://blob.istio.io/istio-release/charts" });
 * const egress = new EgressNamespace("egress", { mesh, guardedNamespaces: ["shop"] });
 * const gateway = new EgressGateway("gateway", { namespace: egress });
 * const shop = new InjectedNamespace("shop", { egress, namespace: "shop" });
 *
 * const hosts = ["api.stripe.com"];
 * const cart = new Workload("cart", { namespace: shop, workload: "cart", image: "registry.example.com/cart:3", hosts });
 * new EgressDestination("stripe", { gateway, destination: "stripe", hosts, protocols: ["https"], clients: [cart.client] });
 * ```
 *
 * Arguments are plain values, not Outputs, because names of resources come from them. Order needs no `dependsOn` of
 * yours: a pod starts when the mesh is up and everything that guards it stands. Type tokens and names of children are
 * API: a release that renames one carries an alias.
 *
 * What could mean another thing than it says is refused before anything is made: an empty list of clients or hosts, a
 * wildcard for a name. The `ArgumentError` names the component and every argument that is wrong.
 */
export { ArgumentError, type ArgumentProblem } from "../model";
export { EgressDestination, type EgressDestinationArgs } from "./egress-destination";
export { EgressGateway, type EgressGatewayArgs } from "./egress-gateway";
export { EgressNamespace, type EgressNamespaceArgs } from "./egress-namespace";
export type { GkeCluster, GkeClusterArgs } from "./cluster/gke-cluster";
export { InjectedNamespace, type InjectedNamespaceArgs } from "./injected-namespace";
export { existingMesh, type JoinableMesh, Mesh, type MeshArgs } from "./mesh";
export { OutsideService, type OutsideServiceArgs } from "./outside-service";
export { Platform, type PlatformArgs } from "./platform";
export { readStackConfig } from "./stack-config";
export { Workload, type WorkloadArgs } from "./workload";
