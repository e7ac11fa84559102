import { Manifest } from "../model";
import { gateway as gatewayNamed } from "../tests/lab/bypass/elsewhere/objects";

/** Namespace of the recipe's gateway and rules, which the mesh looks at as at any that it injects. */
export const recipeNamespace = "bench-recipe";

const gateway = "recipe-gateway";
const metadata = (name: string) => ({ name, namespace: recipeNamespace });
const api = (group: string) => `${group}.istio.io/v1`;

/**
 * An egress gateway as Istio's documentation has it, with a policy for each host: a server for each host and port, a route
 * and a policy on the caller's identity and the host. It is given more memory than a proxy has by default.
 *
 * Source: Istio's documentation, "Egress Gateways" and "Authorization Policy".
 */
export function recipeGateway(): Manifest[] {
  const resources = { limits: { memory: "8Gi" } };
  return gatewayNamed(recipeNamespace, gateway, { on80: "https", resources }) as Manifest[];
}

/** What the recipe has for some hosts. @param principal identity of the workload that may call them */
export function recipeOf(hosts: string[], principal: string): Manifest[] {
  return [
    {
      apiVersion: api("networking"),
      kind: "DestinationRule",
      metadata: metadata(gateway),
      spec: {
        host: `${gateway}.${recipeNamespace}.svc.cluster.local`,
        exportTo: ["."],
        subsets: hosts.map((host) => ({
          name: subsetOf(host),
          trafficPolicy: { tls: { mode: "ISTIO_MUTUAL", sni: host } },
        })),
      },
    },
    {
      apiVersion: api("security"),
      kind: "AuthorizationPolicy",
      metadata: metadata("denies-the-rest"),
      spec: { selector: { matchLabels: { istio: gateway } } },
    },
    ...hosts.flatMap((host) => ofHost(host, principal)),
  ];
}

const subsetOf = (host: string): string => host.replace(/\./g, "-");

function ofHost(host: string, principal: string): Manifest[] {
  const name = subsetOf(host);
  const byGateway = `${gateway}.${recipeNamespace}.svc.cluster.local`;
  const through = (number: number) => ({ destination: { host: byGateway, port: { number }, subset: name } });
  const to = (number: number) => ({ destination: { host, port: { number } } });
  const server = (number: number, portName: string, protocol: string) => ({
    hosts: [host],
    port: { name: portName, number, protocol },
    tls: { mode: "ISTIO_MUTUAL" },
  });
  const source = [{ source: { principals: [principal] } }];
  return [
    {
      apiVersion: api("networking"),
      kind: "ServiceEntry",
      metadata: metadata(name),
      spec: {
        exportTo: ["."],
        hosts: [host],
        resolution: "DNS",
        ports: [
          { name: "http", number: 80, protocol: "HTTP" },
          { name: "tls", number: 443, protocol: "TLS" },
        ],
      },
    },
    {
      apiVersion: api("networking"),
      kind: "Gateway",
      metadata: metadata(name),
      spec: {
        selector: { istio: gateway },
        servers: [server(80, `https-${name}`, "HTTPS"), server(443, `tls-${name}`, "TLS")],
      },
    },
    {
      apiVersion: api("networking"),
      kind: "VirtualService",
      metadata: metadata(name),
      spec: {
        exportTo: ["."],
        hosts: [host],
        gateways: ["mesh", name],
        http: [
          { match: [{ gateways: ["mesh"], port: 80 }], route: [through(80)] },
          { match: [{ gateways: [name], port: 80 }], route: [to(80)] },
        ],
        tls: [{ match: [{ gateways: ["mesh"], port: 443, sniHosts: [host] }], route: [through(443)] }],
        tcp: [{ match: [{ gateways: [name], port: 443 }], route: [to(443)] }],
      },
    },
    {
      apiVersion: api("security"),
      kind: "AuthorizationPolicy",
      metadata: metadata(name),
      spec: {
        selector: { matchLabels: { istio: gateway } },
        rules: [
          { from: source, to: [{ operation: { ports: ["8080"], hosts: [host] } }] },
          {
            from: source,
            to: [{ operation: { ports: ["8443"] } }],
            when: [{ key: "connection.sni", values: [host] }],
          },
        ],
      },
    },
  ];
}
