import { Manifest } from "../ground/manifest";
import { asRange } from "../ground/cidr";
import { sortedBy, sortedUnique } from "../ground/order";
import { WorkloadArgs } from "./args";
import { appLabels, sortManifests } from "./metadata";
import { planSidecar } from "./sidecar";

/**
 * A workload under a ServiceAccount of its own, which is the identity that policies grant hosts to,
 * and the Sidecar that knows exactly those hosts.
 */
export function planWorkload(args: WorkloadArgs): Manifest[] {
  const { name, namespace, mesh, port, hosts, guardedNamespaces, gatewayNamespace } = args;
  const manifests = [
    serviceAccount(args),
    deployment(args),
    planSidecar({ name, namespace, mesh, selector: selector(name), hosts, guardedNamespaces, gatewayNamespace }),
  ];
  if (port !== undefined) {
    manifests.push(service(args, port));
  }
  return sortManifests(manifests);
}

function selector(name: string): Record<string, string> {
  return { app: name };
}

function serviceAccount({ name, namespace }: WorkloadArgs): Manifest {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace, labels: appLabels(name) },
  };
}

function service({ name, namespace }: WorkloadArgs, port: number): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, labels: appLabels(name) },
    spec: { selector: selector(name), ports: [{ name: "http", port: 80, targetPort: port, protocol: "TCP" }] },
  };
}

function deployment(args: WorkloadArgs): Manifest {
  const { name, namespace } = args;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels: appLabels(name) },
    spec: {
      replicas: args.replicas ?? 1,
      selector: { matchLabels: selector(name) },
      template: {
        metadata: { labels: appLabels(name), ...pastSidecar(args) },
        spec: {
          serviceAccountName: name,
          // The sidecar mounts a token of its own; an application that is to reach nothing but its hosts needs none.
          automountServiceAccountToken: false,
          containers: [container(args)],
        },
      },
    },
  };
}

/**
 * Private addresses that the pod's own rules do not redirect to its sidecar.
 *
 * Source: Istio's documentation, "Resource Annotations".
 */
function pastSidecar({ bypassed = [] }: WorkloadArgs): Record<string, unknown> {
  return bypassed.length === 0
    ? {}
    : {
        annotations: {
          "traffic.sidecar.istio.io/excludeOutboundIPRanges": sortedUnique(bypassed).map(asRange).join(","),
        },
      };
}

function container({ name, image, port, command, args, env = {} }: WorkloadArgs): Record<string, unknown> {
  const variables = sortedBy(Object.entries(env), ([variable]) => variable);
  return {
    name,
    image,
    imagePullPolicy: "IfNotPresent",
    ...(command === undefined ? {} : { command }),
    ...(args === undefined ? {} : { args }),
    ...(variables.length === 0 ? {} : { env: variables.map(([variable, value]) => ({ name: variable, value })) }),
    ...(port === undefined ? {} : { ports: [{ name: "http", containerPort: port, protocol: "TCP" }] }),
    // As Pod Security's `restricted` asks, but for runAsNonRoot: an image's user is not ours to choose.
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
  };
}
