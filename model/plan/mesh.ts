import { Manifest } from "../ground/manifest";
import { MeshArgs } from "./args";
import { meshChecks } from "./arguments";
import { ArgumentError, requireArguments } from "./check";
import { meshValueProblems } from "../ground/mesh/guard";
import { istiodValues } from "../ground/mesh/values";
import { sortedUnique } from "../ground/order";
import { commonLabels, sortManifests } from "./metadata";
import { meshNamespace } from "../ground/names";
import { strictMtls } from "./peer-authentication";
import { MeshPlan, PlannedRelease } from "./types";

/**
 * Istio itself: the namespace istio-system, the releases `base` and `istiod`, and strict mTLS for the whole mesh.
 * A host that no registry entry names is refused by every sidecar.
 *
 * @throws ArgumentError for values that would open the mesh, and for what is no argument of it
 */
export function planMesh(args: MeshArgs): MeshPlan {
  requireArguments("The mesh", args, meshChecks);
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
      values: closedValues(args),
    }),
    policies: [...(args.forceClientMtls === true ? [clientMtls()] : []), strictMtls(meshNamespace)],
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

/** The values that Helm is given; what they hold is never in an error, as it may be secret. */
function closedValues({ values: given, discovered }: MeshArgs): Record<string, unknown> {
  const values = istiodValues(given, discovered);
  const problems = meshValueProblems(values, discovered);
  if (problems.length > 0) {
    throw new ArgumentError(
      "The mesh",
      problems.map(({ path, problem, allowed }) => ({
        argument: ["values", ...path].join("."),
        problem: allowed === undefined ? problem : `${problem}; allowed: ${allowed}`,
      })),
    );
  }
  return values;
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
