import { externalHost, gateway, networking, Object } from "./objects";

/**
 * Egress as Istio's documentation has it ("Egress Gateways", for HTTP and for HTTPS): one gateway, and for each host a
 * ServiceEntry, a Gateway, a DestinationRule with a subset, and a VirtualService that leads it through.
 */
export function recipe(external: string): Object[] {
  const name = "istio-egressgateway";
  const service = `${name}.${external}.svc.cluster.local`;
  return [
    ...gateway(external, name),
    ...["github.com", "httpbin.org", "google.com", "www.google.com"].flatMap((host) => {
      const title = host.replaceAll(".", "-");
      const own = `${external}/${title}`;
      const through = (number: number) => [{ destination: { host: service, subset: title, port: { number } } }];
      const out = (number: number) => [{ destination: { host, port: { number } } }];
      return [
        externalHost(external, title, [host]),
        networking("Gateway", external, title, {
          selector: { istio: name },
          servers: [
            { port: { number: 80, name: `http-${title}`, protocol: "HTTP" }, hosts: [host] },
            {
              port: { number: 443, name: `tls-${title}`, protocol: "TLS" },
              hosts: [host],
              tls: { mode: "PASSTHROUGH" },
            },
          ],
        }),
        networking("DestinationRule", external, title, { host: service, subsets: [{ name: title }] }),
        networking("VirtualService", external, title, {
          hosts: [host],
          gateways: [own, "mesh"],
          http: [
            { match: [{ gateways: ["mesh"], port: 80 }], route: through(80) },
            { match: [{ gateways: [own], port: 80 }], route: out(80) },
          ],
          tls: [
            { match: [{ gateways: ["mesh"], port: 443, sniHosts: [host] }], route: through(443) },
            { match: [{ gateways: [own], port: 443, sniHosts: [host] }], route: out(443) },
          ],
        }),
      ];
    }),
  ];
}
