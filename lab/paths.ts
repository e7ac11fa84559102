import * as path from "node:path";

/** Everything a running lab leaves on disk; `egress lab down` removes it whole. */
export const stateFolder = process.env.ISTIO_EGRESS_STATE ?? "/var/lib/istio-egress-lab";

/** Built tools, images and the stand-in provider, each under a key of what it is made from; it outlives the lab. */
export const cacheFolder = process.env.ISTIO_EGRESS_CACHE ?? "/var/cache/istio-egress";

export const repositoryFolder = path.resolve(__dirname, "..");

export const state = {
  kubeconfig: path.join(stateFolder, "kubeconfig"),
  logs: path.join(stateFolder, "logs"),
  pki: path.join(stateFolder, "pki"),
  run: path.join(stateFolder, "run"),
  temporary: path.join(stateFolder, "tmp"),
  /** The lab's tools under their names; first on PATH in the lab. */
  bin: path.join(stateFolder, "bin"),
  /** Istio's Helm charts of the pinned version: base, gateway, istio-control/istio-discovery, … */
  charts: path.join(stateFolder, "charts"),
  pulumiHome: path.join(stateFolder, "pulumi-home"),
  pulumiBackend: path.join(stateFolder, "pulumi-backend"),
  /** Says in words which `kubernetes` plugin is in use. */
  kubernetesPlugin: path.join(stateFolder, "kubernetes-plugin.txt"),
};
