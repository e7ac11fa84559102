import { entriesOf } from "../ground/hosts";
import { Manifest } from "../ground/manifest";
import { HostsArgs, mutualTls } from "./host";
import { gatewayHosts } from "./gateway-listed-host";
import { commonLabels } from "./metadata";
import { sidecarPort } from "./ports";
import { serviceHost, spiffeId } from "../ground/names";

/**
 * The way for the hosts of a destination in a mesh without EnvoyFilters: from sidecars to the gateway, by objects in each
 * of the clients' namespaces, and from the gateway to the hosts, by objects in the gateway's.
 *
 * A name means two things, the gateway here and the real host there, and Istio tells Services of one name apart by
 * their namespaces alone. So nothing is exported, and each namespace that is granted the hosts has objects of its own.
 */
export function planListedHosts(args: HostsArgs): Manifest[] {
  return [...args.clientNamespaces.flatMap((namespace) => towardsGateway(args, namespace)), ...gatewayHosts(args)];
}

function towardsGateway(args: HostsArgs, namespace: string): Manifest[] {
  const { gateway } = args;
  const ports = args.protocols.map(sidecarPort);
  const metadata = (name: string) => ({ name, namespace, labels: commonLabels() });
  return [
    ...entriesOf(args).map(({ name, hosts }) => ({
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: metadata(name),
      spec: {
        hosts,
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
    })),
    ...args.hosts.map((host) => ({
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: metadata(host),
      spec: { host, exportTo: ["."], ...mutualTls(host, args) },
    })),
  ];
}
