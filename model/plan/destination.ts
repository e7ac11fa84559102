import { Manifest } from "../ground/manifest";
import { sortedUnique } from "../ground/order";
import { ExternalPort, sortedPorts } from "../ground/ports";
import { Protocol, protocols as protocolsOfTable } from "../ground/protocols";
import { Client, DestinationArgs } from "./args";
import { destinationChecks } from "./arguments";
import { requireArguments } from "./check";
import { forwardingPlan } from "./forwarding";
import { connectPort } from "./gateway-connect";
import { commonLabels, sortManifests } from "./metadata";
import { allowPolicyName, gatewayPorts, gatewaySelector, externalPorts, principal } from "../ground/names";

/**
 * One destination: the way of its hosts to the gateway, and one AuthorizationPolicy by which the gateway lets
 * exactly the granted identities pass, and only to these hosts.
 *
 * @throws ArgumentError for what could mean another thing than it says
 */
export function planDestination(args: DestinationArgs): Manifest[] {
  requireArguments(`The destination ${args.name}`, args, destinationChecks(args));
  const clientNamespaces = sortedUnique(args.clients.map((client) => client.namespace));
  const { name, hosts, timeouts = {}, gateway } = args;
  const protocols = protocolsOfTable.filter((protocol) => args.protocols.includes(protocol));
  const ports = sortedPorts(args.ports ?? []);
  const { hosts: planHosts } = forwardingPlan(gateway.mesh);
  return sortManifests([
    ...planHosts({ name, hosts, protocols, ports, timeouts, clientNamespaces, gateway }),
    authorizationPolicy(args, protocols, ports),
  ]);
}

function authorizationPolicy(args: DestinationArgs, protocols: Protocol[], ports: ExternalPort[]): Manifest {
  const hosts = sortedUnique(args.hosts);
  const principals = sortedUnique(args.clients.map((client) => principalOf(args, client)));
  const from = [{ source: { principals } }];
  const rules = {
    // A client may write the port in its Host header; every other form of the name is refused.
    http: {
      from,
      to: [{ operation: { ports: [`${gatewayPorts.http}`], hosts: hosts.flatMap(withAndWithoutPort) } }],
    },
    // The TLS inside is the application's own: what the gateway can see is the name on the sidecar's mTLS around it.
    https: {
      from,
      to: [{ operation: { ports: [`${gatewayPorts.tls}`] } }],
      when: [{ key: "connection.sni", values: hosts }],
    },
  };
  // What a CONNECT request asks for: host and port, both of them.
  const places = hosts.flatMap((host) => ports.map(({ port }) => `${host}:${port}`));
  const byConnect = {
    from,
    to: [{ operation: { ports: [`${connectPort}`], hosts: places, methods: ["CONNECT"] } }],
  };
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: allowPolicyName(args.name), namespace: args.gateway.namespace, labels: commonLabels() },
    spec: {
      selector: { matchLabels: gatewaySelector(args.gateway.name) },
      action: "ALLOW",
      rules: [...protocols.map((protocol) => rules[protocol]), ...(ports.length === 0 ? [] : [byConnect])],
    },
  };
}

/** A client as the policy names it; a prefix stands for every ServiceAccount of a namespace. */
function principalOf({ gateway }: DestinationArgs, client: Client): string {
  return principal(gateway.mesh, client.namespace, "serviceAccount" in client ? client.serviceAccount : "*");
}

function withAndWithoutPort(host: string): string[] {
  return [host, `${host}:${externalPorts.http}`];
}
