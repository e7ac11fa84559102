import { stringify } from "yaml";
import { podDns, resolverName } from "../ground/dns";
import { Manifest } from "../ground/manifest";
import { mergeDeep } from "../ground/objects";
import { MeshArgs } from "./args";
import { meshChecks } from "./arguments/platform";
import { ArgumentError, requireArguments } from "./check";
import { meshValueProblems } from "../ground/mesh/guard";
import { istiodValues } from "../ground/mesh/values";
import { sortedBy, sortedUnique } from "../ground/order";
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
function closedValues({ values: given, discovered, resolver }: MeshArgs): Record<string, unknown> {
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
  return resolver === undefined ? values : mergeDeep(values, resolverInjection(resolver));
}

/** Name of the template by which injected pods are told of the stack's resolver. */
const dnsTemplate = resolverName;

/**
 * A template beside the sidecar's own, for pods of some namespaces: whoever made them, they ask the stack's resolver. The
 * injector lays it over the pod.
 */
function resolverInjection({ address, namespaces }: NonNullable<MeshArgs["resolver"]>): Record<string, unknown> {
  const quoted = namespaces.map(({ name }) => JSON.stringify(name)).join(" ");
  const freely = namespaces.flatMap(({ name, except = [] }) =>
    except.map((labels) => {
      const own = sortedBy(Object.entries(labels), ([key]) => key).map(
        ([key, value]) => `(eq (index .ObjectMeta.Labels ${JSON.stringify(key)}) ${JSON.stringify(value)})`,
      );
      return `(and (eq .ObjectMeta.Namespace ${JSON.stringify(name)}) ${own.join(" ")})`;
    }),
  );
  const except = freely.length === 0 ? "" : ` (not (or ${freely.join(" ")} false))`;
  const pod = stringify({ spec: podDns("{{ .ObjectMeta.Namespace }}", address) });
  const template = `{{- if and (has .ObjectMeta.Namespace (list ${quoted}))${except} true }}\n${pod}{{- else }}\n{}\n{{- end }}\n`;
  return {
    sidecarInjectorWebhook: { defaultTemplates: ["sidecar", dnsTemplate], templates: { [dnsTemplate]: template } },
  };
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
