import { Manifest } from "../ground/manifest";
import { MeshArgs } from "./args";
import { mergeDeep } from "../ground/objects";
import { sortedUnique } from "../ground/order";
import { commonLabels, sortManifests } from "./metadata";
import { meshNamespace } from "../ground/names";
import { strictMtls } from "./peer-authentication";
import { MeshPlan, PlannedRelease } from "./types";

/**
 * Istio itself: the namespace istio-system, the releases `base` and `istiod`, and strict mTLS for the whole mesh.
 * A host that no registry entry names is refused by every sidecar.
 */
export function planMesh(args: MeshArgs): MeshPlan {
  return {
    namespace: {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: meshNamespace, labels: commonLabels() },
    },
    certificates: sortManifests(sortedUnique(args.discovered ?? []).flatMap(certificatesIn)),
    base: release(args, { name: "istio-base", chart: "base", folder: "base", values: {} }),
    istiod: release(args, {
      name: "istiod",
      chart: "istiod",
      folder: "istio-control/istio-discovery",
      values: mergeDeep(istiodValues(args), args.values),
    }),
    policies: [...(args.forceClientMtls === true ? [clientMtls()] : []), strictMtls(meshNamespace)],
  };
}

function istiodValues({ discovered = [] }: MeshArgs): Record<string, unknown> {
  return {
    // Two at least, because without istiod no pod can be injected, and so none can start.
    autoscaleEnabled: true,
    autoscaleMin: 2,
    // A Gateway selects pods of its own namespace only: nobody else can open ports on an egress gateway by its labels.
    env: { PILOT_SCOPE_GATEWAY_TO_NAMESPACE: "true" },
    meshConfig: {
      accessLogFile: "/dev/stdout",
      outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
      // istiod puts its certificate into every namespace it looks at, and leaves it there when it goes: so it looks at
      // those of Pulumi's stacks, and of whoever asks for sidecars. Namespaces of others are told by their names: nothing
      // more is written on them, and pods whose sidecars outlive the label are still told of their hosts.
      discoverySelectors: [
        { matchLabels: commonLabels() },
        { matchLabels: { "istio-injection": "enabled" } },
        ...(discovered.length === 0 ? [] : [namedOneOf(discovered)]),
      ],
    },
  };
}

/**
 * istiod puts its certificates into every namespace that it looks at, and leaves them there. Those in namespaces that
 * are not the stack's are made by it, empty, so that they go with it; istiod fills them.
 */
function certificatesIn(namespace: string): Manifest[] {
  return ["istio-ca-crl", "istio-ca-root-cert"].map((name) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
  }));
}

function namedOneOf(namespaces: string[]): Record<string, unknown> {
  const values = sortedUnique(namespaces);
  return { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }] };
}

interface Chart {
  name: string;
  /** The chart's name in Istio's repositories. */
  chart: string;
  /** Where the chart lies in Istio's source tree, and in a local copy of it. */
  folder: string;
  values: Record<string, unknown>;
}

function release(args: MeshArgs, { name, chart, folder, values }: Chart): PlannedRelease {
  const common = { name, namespace: meshNamespace, version: args.version, values };
  const charts = args.charts.replace(/\/+$/, "");
  if (/^https?:\/\//.test(charts)) {
    return { ...common, chart, repository: charts };
  }
  // Helm has no repository of an OCI registry: the chart is named by its whole URL.
  return { ...common, chart: charts.startsWith("oci://") ? `${charts}/${chart}` : `${charts}/${folder}` };
}

/** Every sidecar speaks mutual TLS with every name of the cluster, whether a sidecar answers there or not. */
function clientMtls(): Manifest {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: { name: "default", namespace: meshNamespace, labels: commonLabels() },
    spec: { host: "*.local", trafficPolicy: { tls: { mode: "ISTIO_MUTUAL" } } },
  };
}
