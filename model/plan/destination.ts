import { Manifest } from "../ground/manifest";
import { methods as everyMethod } from "../ground/origination";
import { sortedUnique } from "../ground/order";
import { ExternalPort, sortedPorts } from "../ground/ports";
import { Protocol, protocols as protocolsOfTable } from "../ground/protocols";
import { Client, DestinationArgs } from "./args";
import { destinationChecks } from "./arguments/destination";
import { ArgumentError, requireArguments } from "./check";
import { planAddresses } from "./addresses";
import { forwardingPlan } from "./forwarding";
import { addressesRule } from "./gateway-addresses";
import { connectPort } from "./gateway-connect";
import { originationPort } from "./gateway-origination";
import { commonLabels, sortManifests } from "./metadata";
import { wholeNames } from "./needs";
import { unknownWildcard } from "./needs/wildcards";
import { noTunnels } from "../config/sections/wildcards";
import { forwardingOf } from "../ground/forwarding";
import { isWildcard } from "../ground/hosts";
import { allowPolicyName, externalPorts, gatewayPorts, gatewaySelector, outerSni, principal } from "../ground/names";

/**
 * One destination: the way of its hosts to the gateway, and one AuthorizationPolicy by which the gateway lets
 * exactly the granted identities pass, and only to these hosts.
 *
 * @throws ArgumentError for what could mean another thing than it says
 */
export function planDestination(args: DestinationArgs): Manifest[] {
  requireArguments(`The destination ${args.name}`, args, destinationChecks(args));
  requireSuitableHosts(args);
  const clientNamespaces = sortedUnique(args.clients.map((client) => client.namespace));
  const { name, hosts, timeouts = {}, gateway } = args;
  const protocols = protocolsOfTable.filter((protocol) => args.protocols.includes(protocol));
  const ports = sortedPorts(args.ports ?? []);
  const { hosts: planHosts } = forwardingPlan(gateway.mesh);
  return sortManifests([
    ...(args.addresses === undefined
      ? planHosts({
          ...{ name, hosts, protocols, ports, timeouts, clientNamespaces, gateway },
          originated: args.originate !== undefined,
        })
      : planAddresses(args, ports)),
    authorizationPolicy(args, protocols, ports),
  ]);
}

/** @throws ArgumentError for wildcards where gateways list their hosts, or that have other ports */
function requireSuitableHosts(args: DestinationArgs): void {
  const { name, hosts, ports = [], gateway, except } = args;
  const noWildcards = ports.length > 0 ? noTunnels : (wholeNames(args) ?? forwardingOf(gateway.mesh).noWildcards);
  const problems = hosts.flatMap((host, index) => {
    const problem = isWildcard(host) ? (noWildcards ?? unknownWildcard(gateway, host, except)) : undefined;
    return problem === undefined
      ? []
      : [{ argument: `hosts[${index}]`, problem: `${host} is a wildcard, and ${problem}` }];
  });
  if (problems.length > 0) {
    throw new ArgumentError(`The destination ${name}`, problems);
  }
}

function authorizationPolicy(args: DestinationArgs, protocols: Protocol[], ports: ExternalPort[]): Manifest {
  const hosts = sortedUnique(args.hosts);
  const httpPorts = [`${gatewayPorts.http}`];
  const exact = hosts.filter((host) => !isWildcard(host));
  const wildcards = hosts.filter(isWildcard);
  const { except = [] } = args;
  const principals = sortedUnique(args.clients.map((client) => principalOf(args, client)));
  const from = [{ source: { principals } }];
  const rules = {
    // A client may write the port in its Host header; every other form of the name is refused.
    http: {
      from,
      to: [
        ...(exact.length === 0 ? [] : [{ operation: { ports: httpPorts, hosts: exact.flatMap(withAndWithoutPort) } }]),
        ...(wildcards.length === 0 ? [] : [{ operation: { ports: httpPorts, ...below(wildcards, except) } }]),
      ],
    },
    // Of these the gateway sees method and path; its listener takes the port out of Host headers.
    originated: {
      from,
      to: [
        {
          operation: {
            ports: [`${originationPort}`],
            hosts,
            // Never a way into a tunnel, whatever is granted.
            methods: args.originate?.methods ?? [...everyMethod],
            ...(args.originate?.paths === undefined ? {} : { paths: args.originate.paths }),
          },
        },
      ],
    },
    // The TLS inside is the application's own: what the gateway can see is the name on the sidecar's mTLS around it.
    https: {
      from,
      to: [{ operation: { ports: [`${gatewayPorts.tls}`] } }],
      when: [{ key: "connection.sni", values: hosts.map(outerSni) }],
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
      rules: [
        ...protocols.map((protocol) =>
          protocol === "http" && args.originate !== undefined ? rules.originated : rules[protocol],
        ),
        ...(ports.length === 0
          ? []
          : [args.addresses === undefined ? byConnect : { from, ...addressesRule(args.addresses, ports) }]),
      ],
    },
  };
}

/** A client as the policy names it; a prefix stands for every ServiceAccount of a namespace. */
function principalOf({ gateway }: DestinationArgs, client: Client): string {
  return principal(gateway.mesh, client.namespace, "serviceAccount" in client ? client.serviceAccount : "*");
}

/** All names below, but for what is somebody else's; the more of these, the longer the list, and nothing else. */
function below(wildcards: string[], except: string[]): Record<string, string[]> {
  const notHosts = sortedUnique(except).flatMap(withAndWithoutPort);
  return { hosts: wildcards.flatMap(withAndWithoutPort), ...(notHosts.length === 0 ? {} : { notHosts }) };
}

function withAndWithoutPort(host: string): string[] {
  return [host, `${host}:${externalPorts.http}`];
}
