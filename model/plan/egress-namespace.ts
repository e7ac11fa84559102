import { Manifest } from "../ground/manifest";
import { sortedUnique } from "../ground/order";
import { EgressNamespaceArgs, KnownService, MeshTraits } from "./args";
import { egressNamespaceChecks } from "./arguments/platform";
import { requireArguments } from "./check";
import { forwardingPlan } from "./forwarding";
import { commonLabels, injectionLabel, sortManifests } from "./metadata";
import { egressToControlPlane, egressToExternalHosts, ingressFromMesh } from "./network-policies";
import { strictMtls } from "./peer-authentication";

/**
 * The namespace that the egress gateways have to themselves: within Pod Security's `restricted`, open for connections
 * from guarded namespaces alone, and with a way out to public addresses.
 *
 * @throws ArgumentError for what could mean another thing than it says
 */
export function planEgressNamespace(args: EgressNamespaceArgs): Manifest[] {
  requireArguments(`The namespace of gateways ${args.name}`, args, egressNamespaceChecks);
  const { name, mesh = {}, guardedNamespaces } = args;
  return sortManifests([
    namespace(name, mesh),
    ...(mesh.foreign === true ? [strictMtls(name)] : []),
    ...forwardingPlan(mesh).namespace(name),
    ...egressToControlPlane(name, mesh, args),
    egressToExternalHosts(name),
    ingressFromMesh(name, sortedUnique(guardedNamespaces), mesh),
    ...(args.known ?? []).flatMap((service) => knownService(name, service)),
  ]);
}

/**
 * What sidecars are told of a Service by its address: as bytes, as its callers have no name for it in their TLS. The cluster
 * leads the address on, so that its endpoints may change.
 */
function knownService(namespace: string, { host, addresses, ports, namespaces }: KnownService): Manifest[] {
  const metadata = { name: host, namespace, labels: commonLabels() };
  const exportTo = sortedUnique(namespaces);
  return [
    {
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata,
      spec: {
        hosts: [host],
        addresses: sortedUnique(addresses),
        exportTo,
        location: "MESH_EXTERNAL",
        ports: Object.values(ports).map((number) => ({ name: `tcp-${number}`, number, protocol: "TCP" })),
        resolution: "STATIC",
        endpoints: sortedUnique(addresses).map((address) => ({ address })),
      },
    },
    {
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata,
      spec: { host, exportTo, trafficPolicy: { tls: { mode: "DISABLE" } } },
    },
  ];
}

function namespace(name: string, mesh: MeshTraits): Manifest {
  const podSecurity = Object.fromEntries(
    ["enforce", "audit", "warn"].flatMap((mode) => [
      [`pod-security.kubernetes.io/${mode}`, "restricted"],
      [`pod-security.kubernetes.io/${mode}-version`, "latest"],
    ]),
  );
  // The gateways' pods ask for injection themselves; of a managed mesh Google's documentation asks it of the namespace.
  const injection = mesh.managed === undefined ? {} : injectionLabel(mesh);
  const labels = { ...commonLabels(), ...podSecurity, ...injection };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}
