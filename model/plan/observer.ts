import { Manifest } from "../ground/manifest";
import { gatewaySelector, principal, spiffeId } from "../ground/names";
import { sortedUnique } from "../ground/order";
import { observe } from "../ground/protocols";
import { Client, GatewayArgs } from "./args";
import { gatewayPods } from "./gateway-routes";
import { commonLabels } from "./metadata";
import { aroundObserver } from "./network-policies";
import { observerFilter } from "./observer-filter";

/** The name by which sidecars know the observer, for whatever they know no other way. */
export const observerHost = "any-host.egress-observer.local";

/** Only a key of that name's, which nobody dials. */
export const observerKeyPort = 15999;

/** The SNI of the mutual TLS to the observer: it stands for no host. */
const observerSni = "observed.invalid";

/** Nothing gets out should the EnvoyFilter be missing: this name has no endpoint. */
const placeholderHost = "any-observed-host.egress-observer.local";

type ObserverArgs = Pick<GatewayArgs, "name" | "namespace" | "mesh" | "counts"> & { observed: Client[] };

/**
 * The observer: a gateway for whatever an observed workload calls and is not granted. Sidecars send it such connections as
 * they are, in mutual TLS, with the address and port that the application has dialled; it asks for identity in the
 * handshake, logs identity, name, address and port, and dials that very address.
 *
 * It is a gateway of its own, as it must reach every port of public addresses; the strict ones stay what they are.
 */
export function planObserver(args: ObserverArgs): Manifest[] {
  const { name, namespace, observed } = args;
  const callers = sortedUnique(observed.map((client) => client.namespace));
  return [
    wayFromSidecars(args, callers),
    mutualTlsFromSidecars(args, callers),
    server(args),
    route(args),
    placeholder(args),
    policy(args),
    observerFilter(args, {
      exact: identities(args),
      prefixes: observed.filter(isWhole).map((client) => spiffeId(args.mesh, client.namespace, "")),
    }),
    ...aroundObserver(name, namespace, callers),
  ];
}

function isWhole(client: Client): boolean {
  return "everyServiceAccount" in client;
}

/** By endpoints, as hosts of destinations: Istio leads nothing to a headless Service's name this way. */
function wayFromSidecars(args: ObserverArgs, exportTo: string[]): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: metadata(args),
    spec: {
      hosts: [observerHost],
      exportTo,
      location: "MESH_EXTERNAL",
      ports: [{ name: "tcp", number: observerKeyPort, protocol: "TCP", targetPort: observe.gateway.port }],
      resolution: "STATIC",
      workloadSelector: { labels: gatewaySelector(args.name) },
      subjectAltNames: [spiffeId(args.mesh, args.namespace, args.name)],
    },
  };
}

function mutualTlsFromSidecars(args: ObserverArgs, exportTo: string[]): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: metadata(args),
    spec: {
      host: observerHost,
      exportTo,
      trafficPolicy: {
        tls: { mode: "ISTIO_MUTUAL", sni: observerSni },
        // Keeps the address and port that were dialled.
        proxyProtocol: { version: "V2" },
        // Each of the application's connections has a pool of its own here, whose last one would stay open for an hour.
        connectionPool: { http: { idleTimeout: "5s" } },
      },
    },
  };
}

/**
 * The identities that the observer's port takes. It is never empty, which would mean everybody: the observer's own is one
 * of them, which the policy lets do nothing.
 */
function identities({ name, namespace, mesh, observed }: ObserverArgs): string[] {
  const single = observed.flatMap((client) => ("serviceAccount" in client ? [client] : []));
  return sortedUnique([
    spiffeId(mesh, namespace, name),
    ...single.map((client) => spiffeId(mesh, client.namespace, client.serviceAccount)),
  ]);
}

/** Who may observe is asked in the handshake: a policy speaks at the first byte, and a server may speak before. */
function server(args: ObserverArgs): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: metadata(args),
    spec: {
      selector: gatewayPods(args),
      servers: [
        {
          port: { number: observe.gateway.port, ...observe.gateway.server },
          hosts: [`./${observerSni}`],
          tls: { mode: "ISTIO_MUTUAL", subjectAltNames: identities(args) },
        },
      ],
    },
  };
}

function route(args: ObserverArgs): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: metadata(args),
    spec: {
      hosts: [observerSni],
      gateways: [args.name],
      exportTo: ["."],
      tcp: [
        {
          match: [{ port: observe.gateway.port }],
          route: [{ destination: { host: placeholderHost, port: { number: 443 } } }],
        },
      ],
    },
  };
}

function placeholder(args: ObserverArgs): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { ...metadata(args), name: `${args.name}-leads-nowhere` },
    spec: {
      hosts: [placeholderHost],
      exportTo: ["."],
      location: "MESH_EXTERNAL",
      ports: [{ name: "tls", number: 443, protocol: "TLS" }],
      resolution: "STATIC",
    },
  };
}

/** The second lock, by identity only: here policies see the port that the application has dialled, and not the gateway's. */
function policy(args: ObserverArgs): Manifest {
  const { name, namespace, mesh, observed } = args;
  const principals = sortedUnique(
    observed.map((client) =>
      principal(mesh, client.namespace, "serviceAccount" in client ? client.serviceAccount : "*"),
    ),
  );
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: `${name}-allows-observed`, namespace, labels: commonLabels() },
    spec: {
      selector: { matchLabels: gatewaySelector(name) },
      action: "ALLOW",
      rules: [{ from: [{ source: { principals } }] }],
    },
  };
}

function metadata({ name, namespace }: ObserverArgs): Manifest["metadata"] {
  return { name, namespace, labels: commonLabels() };
}
