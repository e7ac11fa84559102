/** Kubernetes objects that the ways of others share: applications, and gateways as Istio's injector makes them. */

export type Object = Record<string, any> & { apiVersion: string; kind: string };

const image = "lab.istio-egress.local/workload:1";

export function networking(kind: string, namespace: string, name: string, spec: object): Object {
  return { apiVersion: "networking.istio.io/v1", kind, metadata: { name, namespace }, spec };
}

/** A namespace whose pods get a sidecar, and which istiod knows. */
export function injected(name: string): Object {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels: { "istio-injection": "enabled" } } };
}

function account(namespace: string, name: string): Object {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } };
}

/**
 * A pod of an application under an account, with its certificate as files beside the sidecar.
 *
 * @param labels by which routes tell it @default its own name
 */
export function application(
  namespace: string,
  name: string,
  { labels = { app: name } }: { labels?: object } = {},
): Object[] {
  const proxy = JSON.stringify({ proxyMetadata: { OUTPUT_CERTS: "/var/lib/istio/data" } });
  return [
    account(namespace, name),
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace, labels, annotations: { "proxy.istio.io/config": proxy } },
      spec: {
        serviceAccountName: name,
        terminationGracePeriodSeconds: 1,
        securityContext: { runAsUser: 1000 },
        containers: [{ name, image, imagePullPolicy: "IfNotPresent", env: [{ name: "PORT", value: "8080" }] }],
      },
    },
  ];
}

/** What differs between gateways. */
interface GatewayOptions {
  /** What the Service says is spoken on port 80. @default http2 */
  on80?: string;
  /** Of its proxy. @default what the injector gives */
  resources?: object;
}

/** A gateway: its account, Deployment and Service, on ports 80 and 443. */
export function gateway(namespace: string, name: string, { on80 = "http2", resources }: GatewayOptions = {}): Object[] {
  const labels = { app: name, istio: name };
  const port = (number: number, targetPort: number, title: string) => ({ name: title, port: number, targetPort });
  return [
    account(namespace, name),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace, labels },
      spec: { selector: labels, ports: [port(80, 8080, on80), port(443, 8443, "tls")] },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name, namespace, labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: {
            labels: { ...labels, "sidecar.istio.io/inject": "true" },
            annotations: { "inject.istio.io/templates": "gateway" },
          },
          spec: {
            serviceAccountName: name,
            containers: [
              {
                name: "istio-proxy",
                image: "auto",
                // Before the injector names an image, it is none with a version, and would be pulled.
                imagePullPolicy: "IfNotPresent",
                ...(resources === undefined ? {} : { resources }),
              },
            ],
          },
        },
      },
    },
  ];
}

/** An external host as the mesh knows it, over http and https. */
export function externalHost(namespace: string, name: string, hosts: string[]): Object {
  return networking("ServiceEntry", namespace, name, {
    hosts,
    location: "MESH_EXTERNAL",
    resolution: "DNS",
    ports: [
      { number: 80, name: "http", protocol: "HTTP" },
      { number: 443, name: "tls", protocol: "TLS" },
    ],
  });
}
