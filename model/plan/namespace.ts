import { Manifest } from "../ground/manifest";
import { sortedUnique } from "../ground/order";
import { NamespaceArgs } from "./args";
import { namespaceChecks, namespaceSense } from "./arguments/workloads";
import { requireArguments } from "./check";
import { forwardingPlan } from "./forwarding";
import { commonLabels, injectionLabel, sortManifests } from "./metadata";
import {
  egressToControlPlane,
  egressToControlPlaneAndResolver,
  egressToDns,
  egressToGateway,
  egressToMesh,
  egressToObserver,
  egressToPeers,
  ingressToPods,
} from "./network-policies";
import { permissiveMtls, strictMtls } from "./peer-authentication";
import { planSidecar } from "./sidecar";

/**
 * A namespace whose pods get a sidecar, and the two guards of all its pods: a Sidecar that knows the hosts
 * of the whole namespace only, for pods that no workload claims, and NetworkPolicies, for pods that get round their sidecar.
 * What sidecars refuse, they log. Who may call its pods is said by `ingress`; without it, whoever reaches them.
 *
 * One of somebody else's gets the label of injection and nothing else on itself. Unless its guard is `enforce`, pods that
 * run without a sidecar go on as they are: no NetworkPolicies, and mutual TLS is not asked of their callers.
 *
 * @throws ArgumentError for what could mean another thing than it says
 */
export function planNamespace(args: NamespaceArgs): Manifest[] {
  requireArguments(`The namespace ${args.name}`, args, namespaceChecks(args), namespaceSense);
  const { name, mesh = {}, gatewayNamespace, hosts = [], peers = [], observed = "nobody" } = args;
  const guardedNamespaces = sortedUnique(args.guardedNamespaces);
  return sortManifests([
    ...itself(args),
    ...mutualTls(args),
    ...forwardingPlan(mesh).refusals(name, args.counts === true),
    planSidecar({
      ...{ name: "default", namespace: name, mesh, hosts, guardedNamespaces, peers, gatewayNamespace },
      observed: observed === "all",
    }),
    ...(isWalled(args)
      ? [
          ...(args.allowedNames === true
            ? egressToControlPlaneAndResolver(name, mesh, gatewayNamespace)
            : egressToControlPlane(name, mesh, args)),
          ...(args.askingFreely ?? []).map(({ workload, selector }) =>
            egressToDns(name, args, { name: `${workload}-to-dns`, podSelector: { matchLabels: selector } }),
          ),
          egressToMesh(name, guardedNamespaces),
          ...egressToPeers(name, sortedUnique(peers)),
          egressToGateway(name, gatewayNamespace, mesh),
          ...(observed === "nobody" ? [] : [egressToObserver(name, gatewayNamespace)]),
          ...(args.ingress === undefined ? [] : ingressToPods(name, guardedNamespaces, args.ingress)),
        ]
      : []),
  ]);
}

/** Whether NetworkPolicies stand around a namespace: those of others can be brought in first, and let go of. */
export function isWalled({ existing = false, guard = "enforce" }: Pick<NamespaceArgs, "existing" | "guard">): boolean {
  return !existing || guard === "enforce";
}

/**
 * The Namespace, or what is put on one of somebody else's: a patch, of which the API server knows what it has added, so
 * that exactly this goes with it.
 */
function itself({ name, mesh = {}, labels, existing = false, guard }: NamespaceArgs): Manifest[] {
  if (existing) {
    const metadata = { name, labels: injectionLabel(mesh) };
    return guard === "leave" ? [] : [{ apiVersion: "v1", kind: "NamespacePatch", metadata }];
  }
  const metadata = { name, labels: { ...labels, ...commonLabels(), ...injectionLabel(mesh) } };
  return [{ apiVersion: "v1", kind: "Namespace", metadata }];
}

/** A mesh of the stack's own is strict as a whole; what differs from it, and any other mesh, is told of each namespace. */
function mutualTls(args: NamespaceArgs): Manifest[] {
  if (!isWalled(args)) {
    return [permissiveMtls(args.name)];
  }
  return args.existing === true || args.mesh?.foreign === true ? [strictMtls(args.name)] : [];
}
