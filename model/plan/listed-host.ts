import { Manifest } from "../ground/manifest";
import { HostArgs, mutualTls } from "./host";
import { gatewayHost } from "./gateway-listed-host";
import { commonLabels } from "./metadata";
import { sidecarPort } from "./ports";
import { serviceHost, spiffeId } from "../ground/names";

/**
 * The way for one outside host in a mesh without EnvoyFilters: from sidecars to the gateway, by objects in each of the
 * clients' namespaces, and from the gateway to the host, by objects in the gateway's.
 *
 * The name means two things, the gateway here and the real host there, and Istio tells Services of one name apart by
 * their namespaces alone. So nothing is exported, and a host costs two objects for each namespace that is granted it.
 */
export function planListedHost(args: HostArgs): Manifest[] {
  return [...args.clientNamespaces.flatMap((namespace) => towardsGateway(args, namespace)), ...gatewayHost(args)];
}

function towardsGateway(args: HostArgs, namespace: string): Manifest[] {
  const { host, gateway } = args;
  const ports = args.protocols.map(sidecarPort);
  const metadata = { name: host, namespace, labels: commonLabels() };
  return [
    {
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata,
      spec: {
        hosts: [host],
        exportTo: ["."],
        location: "MESH_EXTERNAL",
        ports: ports.map(({ name, number, protocol }) => ({ name, number, protocol })),
        // A workloadSelector sees pods of its own namespace only; the gateway's headless Service names all of its pods.
        resolution: "DNS",
        endpoints: [
          {
            address: serviceHost(gateway.name, gateway.namespace),
            ports: Object.fromEntries(ports.map(({ name, targetPort }) => [name, targetPort])),
          },
        ],
        subjectAltNames: [spiffeId(gateway.mesh, gateway.namespace, gateway.name)],
      },
    },
    {
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata,
      spec: { host, exportTo: ["."], ...mutualTls(host) },
    },
  ];
}
