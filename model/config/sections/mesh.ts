import { meshValueProblems } from "../../ground/mesh/guard";
import { istiodValues } from "../../ground/mesh/values";
import { workloadPool } from "../../ground/gke/names";
import { checkLabelName } from "../kubernetes-names";
import { configPath } from "../problem";
import { meshSchemas } from "../schema";
import { readFields, Report } from "../shape";
import { didYouMean } from "../../ground/suggest";
import { ClusterConfig, CloudServiceMeshConfig, ExistingMeshConfig, IstioMeshConfig, MeshConfig } from "../types";

interface Context {
  cluster: ClusterConfig;
  /** Whether a cluster of kind gke is meant; one with problems of its own is none in `cluster`. */
  onGke: boolean;
}

/** The mesh of the stack; after a problem is reported, any mesh will do. */
export function readMesh(raw: unknown, context: Context, report: Report): MeshConfig {
  const kind = kindOf(raw);
  switch (kind) {
    case "istio":
      reportForeignControlPlane(context.cluster, report);
      return readIstio(raw, report);
    case "existing":
      return readExisting(raw, report);
    case "cloud-service-mesh":
      return readCloudServiceMesh(raw, context, report);
    default:
      report({
        path: configPath("mesh", "kind"),
        value: kind,
        problem: "Not a known value",
        allowed: meshKinds.join(", "),
        fix: typeof kind === "string" ? didYouMean(kind, meshKinds) : undefined,
      });
      return meshSchemas.istio.parse({});
  }
}

const meshKinds = Object.keys(meshSchemas);

function kindOf(raw: unknown): unknown {
  return typeof raw === "object" && raw !== null && "kind" in raw ? raw.kind : "istio";
}

function readIstio(raw: unknown, report: Report): IstioMeshConfig {
  const { sound } = readFields(meshSchemas.istio, raw ?? {}, ["mesh"], report);
  const mesh: IstioMeshConfig = { ...meshSchemas.istio.parse({}), ...sound };
  if (!/^\d+\.\d+\.\d+$/.test(mesh.version)) {
    const bare = mesh.version.replace(/^v/, "");
    report({
      path: configPath("mesh", "version"),
      value: mesh.version,
      problem: "Not a version of Istio",
      allowed: "three numbers, as 1.31.1",
      fix: /^\d+\.\d+\.\d+$/.test(bare) ? `write "${bare}"` : undefined,
    });
  }
  const closed = /^(https?|gs):\/+(istio-release\.storage\.googleapis\.com|storage\.googleapis\.com\/istio-release)/i;
  if (closed.test(mesh.charts)) {
    report({
      path: configPath("mesh", "charts"),
      value: mesh.charts,
      problem: "Istio publishes no charts there since 1.31, and the bucket is switched off for good in December 2026",
      allowed: "https://blob.istio.io/istio-release/charts, or oci://ghcr.io/istio/release/charts",
      fix: 'remove it, or write "https://blob.istio.io/istio-release/charts"',
    });
  } else if (/^(?!(https?|oci):)[a-z][a-z0-9+.-]*:\/\//i.test(mesh.charts)) {
    report({
      path: configPath("mesh", "charts"),
      value: mesh.charts,
      problem: "Charts cannot be had from there",
      allowed: "the URL of a chart repository, with https://, http:// or oci://, or a folder",
    });
  }
  reportValues(mesh.values, report);
  return mesh;
}

/** A mesh that the stack installs is where its charts put it. */
function reportForeignControlPlane(cluster: ClusterConfig, report: Report): void {
  if (cluster.kind === "existing" && cluster.controlPlane !== undefined) {
    report({
      path: configPath("cluster", "controlPlane"),
      value: cluster.controlPlane,
      problem: "The stack installs the mesh's control plane itself, in istio-system",
      allowed: `with ${configPath("mesh", "kind")}: existing`,
      fix: "remove it, or write mesh: {kind: existing}, for a mesh that is there already",
    });
  }
}

function readExisting(raw: unknown, report: Report): ExistingMeshConfig {
  const mesh: ExistingMeshConfig = {
    ...meshSchemas.existing.parse({ kind: "existing" }),
    ...readFields(meshSchemas.existing, raw, ["mesh"], report).sound,
  };
  const problem = mesh.revision === undefined ? undefined : checkLabelName(mesh.revision);
  if (problem !== undefined) {
    report({
      path: configPath("mesh", "revision"),
      value: mesh.revision,
      ...problem,
      fix: "write it as istiod's pods have it in their label istio.io/rev",
    });
  }
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(mesh.trustDomain)) {
    report({
      path: configPath("mesh", "trustDomain"),
      value: mesh.trustDomain,
      problem: "Not a trust domain",
      allowed: "the name alone, as cluster.local: what stands between spiffe:// and the next slash",
    });
  }
  return mesh;
}

function readCloudServiceMesh(raw: unknown, { cluster, onGke }: Context, report: Report): CloudServiceMeshConfig {
  readFields(meshSchemas["cloud-service-mesh"], raw, ["mesh"], report);
  if (!onGke) {
    report({
      path: configPath("mesh", "kind"),
      value: "cloud-service-mesh",
      problem: "Google manages this mesh on a GKE cluster that the stack makes, and this stack makes none",
      allowed: `with ${configPath("cluster", "kind")}: gke`,
      fix: "write kind: istio, for a mesh of the stack's own",
    });
  }
  if (cluster.kind !== "gke") {
    return { kind: "cloud-service-mesh", mtls: "STRICT", trustDomain: "" };
  }
  const { exposedNodeMetadata } = cluster.relax;
  if (exposedNodeMetadata !== undefined) {
    report({
      path: configPath("cluster", "relax", "exposedNodeMetadata"),
      value: exposedNodeMetadata,
      problem: "Cloud Service Mesh takes its identities from Workload Identity, which this turns off",
      fix: "remove it, or choose another mesh",
    });
  }
  return { kind: "cloud-service-mesh", mtls: "STRICT", trustDomain: workloadPool(cluster) };
}

/** Holds what would become of the values, laid over our own, against the guard. */
function reportValues(values: Record<string, unknown>, report: Report): void {
  for (const { path, ...problem } of meshValueProblems(istiodValues(values))) {
    report({ path: configPath("mesh", "values", ...path), ...problem });
  }
}
