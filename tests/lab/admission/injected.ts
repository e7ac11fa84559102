import { Attack, guarded, KubernetesObject, pod } from "./attacks";

/**
 * What a tenant may bring under the names of the injector's containers, in a pod that says it was injected before: then the
 * injector writes down nothing of what it lays over its own.
 */

const [image, proxyImage] = ["lab.istio-egress.local/workload:1", "lab.istio-egress.local/proxyv2:1.31.1"];

const annotations = {
  "sidecar.istio.io/status": JSON.stringify({
    initContainers: ["istio-init"],
    containers: ["istio-proxy"],
    volumes: [],
    imagePullSecrets: null,
    revision: "default",
  }),
};
const scripts = { name: "scripts", configMap: { name: "scripts", defaultMode: 0o755 } };

function injected(initContainers: object[], containers: object[] = []): KubernetesObject {
  const main = { name: "main", image };
  return pod({ annotations, spec: { initContainers, containers: [main, ...containers], volumes: [scripts] } });
}

const init = (rest: object) => injected([{ name: "istio-init", image: proxyImage, ...rest }]);
const proxy = (rest: object) => injected([], [{ name: "istio-proxy", image: proxyImage, ...rest }]);
const mounted = (mountPath: string) => ({ volumeMounts: [{ name: "scripts", mountPath }] });
const variable = (name: string) => ({ env: [{ name, value: "true" }] });
const resources = { resources: { requests: { cpu: "5m" } } };

function first(what: string, rule: string, rest: object): Attack {
  return {
    what: `a pod with a first container named istio-validation ${what}`,
    rule,
    refused: injected([{ name: "istio-validation", image, ...rest }]),
    allowed: injected([{ name: "validation", image }]),
  };
}

/** As the mesh of the lab has no istio-cni, a container named istio-validation is nobody's. */
export const overInjected: Attack[] = [
  first("that is privileged", "sidecar|privileges", { securityContext: { privileged: true } }),
  first("with NET_ADMIN", "sidecar|privileges", { securityContext: { capabilities: { add: ["NET_ADMIN"] } } }),
  first("as the sidecar's user", "sidecar|sidecar-user", { securityContext: { runAsUser: 1337 } }),
  {
    what: "a pod whose istio-init runs a program of the tenant's",
    rule: "sidecar",
    refused: init(mounted("/usr/local/bin")),
    allowed: init(resources),
  },
  {
    what: "a pod whose istio-init is told by a variable to lead nothing",
    rule: "sidecar",
    refused: init(variable("DRY_RUN")),
    allowed: init(variable("TEAM")),
  },
  ...["/usr/local/bin", "usr/local/bin", "/etc/../usr/local/bin", "/"].map((path): Attack => ({
    what: `a pod whose sidecar has a volume of the tenant's at ${path}`,
    rule: "sidecar",
    refused: proxy(mounted(path)),
    allowed: proxy(mounted("/etc/certificates")),
  })),
  {
    what: "a pod whose sidecar loads a library of the tenant's",
    rule: "sidecar",
    refused: proxy(variable("LD_PRELOAD")),
    allowed: proxy(variable("TEAM")),
  },
  {
    what: "a pod whose sidecar runs a command of the tenant's as a probe",
    rule: "sidecar",
    refused: proxy({ livenessProbe: { exec: { command: ["sh", "-c", "true"] } } }),
    allowed: proxy(resources),
  },
  {
    what: "a pod whose sidecar has a port of the node",
    rule: "privileges|sidecar-user",
    refused: proxy({ ports: [{ containerPort: 8080, hostPort: 8080 }] }),
    allowed: proxy({ ports: [{ containerPort: 8080 }] }),
  },
];

/** A definition of GKE's FQDNNetworkPolicy, which the lab's cluster has not. */
export const namedPolicies: KubernetesObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "fqdnnetworkpolicies.networking.gke.io" },
  spec: {
    group: "networking.gke.io",
    scope: "Namespaced",
    names: { kind: "FQDNNetworkPolicy", plural: "fqdnnetworkpolicies", singular: "fqdnnetworkpolicy" },
    versions: [
      {
        name: "v1alpha1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

/** One that opens a host to every pod of its namespace. */
export const namedPolicy = (namespace = guarded): KubernetesObject => ({
  apiVersion: "networking.gke.io/v1alpha1",
  kind: "FQDNNetworkPolicy",
  metadata: { namespace },
  spec: { podSelector: {}, egress: [{ matches: [{ pattern: "*" }], ports: [{ protocol: "TCP", port: 443 }] }] },
});
