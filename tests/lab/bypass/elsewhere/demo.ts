import { externalHost, gateway, networking, Object } from "./objects";

const edges = [
  { name: "github", hosts: ["github.com"], from: "app-a" },
  { name: "httpbin", hosts: ["httpbin.org"], from: "app-a" },
  { name: "google", hosts: ["google.com", "www.google.com"], from: "app-b" },
];

/**
 * Egress in the manner of the demo that the second walkthrough re-creates: a gateway for each host, and for each edge a
 * VirtualService that leads calls with the caller's labels there; a Sidecar that knows no other hosts.
 */
export function demo(apps: string, external: string): Object[] {
  return [
    networking("Sidecar", apps, "restrict", {
      egress: [{ hosts: ["./*", `${external}/*`] }],
      outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
    }),
    ...edges.flatMap(({ name, hosts, from }) => {
      const egress = `egress-${name}`;
      const service = `${egress}.${external}.svc.cluster.local`;
      const own = `${external}/${egress}`;
      const to = (host: string, number: number) => [{ destination: { host, port: { number } } }];
      const tls = { mode: "ISTIO_MUTUAL" };
      return [
        ...gateway(external, egress),
        externalHost(external, name, hosts),
        networking("Gateway", external, egress, {
          selector: { istio: egress },
          servers: [
            { port: { number: 80, name: "https", protocol: "HTTPS" }, hosts: ["*"], tls },
            { port: { number: 443, name: "tls", protocol: "TLS" }, hosts: ["*"], tls },
          ],
        }),
        ...hosts.map((host) =>
          networking("VirtualService", external, `${host.replaceAll(".", "-")}-egress`, {
            hosts: [host],
            gateways: [own],
            http: [{ match: [{ gateways: [own], port: 80 }], route: to(host, 80) }],
            ...(host === hosts[0]
              ? { tcp: [{ match: [{ gateways: [own], port: 443 }], route: to(hosts.at(-1)!, 443) }] }
              : {}),
          }),
        ),
        networking("DestinationRule", apps, egress, {
          host: service,
          trafficPolicy: { tls: { ...tls, sni: hosts[0] } },
        }),
        ...hosts.map((host) =>
          networking("VirtualService", apps, `${from}-to-${host.replaceAll(".", "-")}`, {
            hosts: [host],
            http: [{ match: [{ port: 80, sourceLabels: { app: from } }], route: to(service, 80) }],
            tls: [{ match: [{ port: 443, sniHosts: [host], sourceLabels: { app: from } }], route: to(service, 443) }],
          }),
        ),
      ];
    }),
  ];
}
