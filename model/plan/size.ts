import { configPath, ConfigProblem } from "../config/problem";
import { StackConfig } from "../config/types";
import { grantsOf, knownNames } from "../grants";
import { Manifest } from "../ground/manifest";
import { planSidecar } from "./sidecar";
import { planOf, StackArgsInSteps, stackArgsInSteps } from "./stack";
import { sidecarOfWorkload } from "./workload";

/**
 * What one object may have at most, in bytes.
 *
 * Source: etcd's documentation, "System limits", 1.5 MiB for a request; Kubernetes' documentation, "ConfigMaps", 1 MiB. What
 * an API server notes beside an object has to find room as well.
 */
export function mostBytes(kind: string): number {
  return kind === "ConfigMap" ? 1_000_000 : 1_500_000;
}

/** Kinds of which one object tells of all hosts that somebody is granted; of all others there are more objects. */
const growing = new Set(["AuthorizationPolicy", "ConfigMap", "EnvoyFilter", "Sidecar", "VirtualService"]);

/** An object that no API server takes. */
export interface TooLarge {
  manifest: Manifest;
  /** That it is, as a sentence without a full stop. */
  problem: string;
}

/** Objects that no API server takes, as it stores them: as JSON. */
export function tooLarge(manifests: readonly Manifest[]): TooLarge[] {
  return manifests.flatMap((manifest) => {
    if (!growing.has(manifest.kind)) {
      return [];
    }
    const bytes = Buffer.byteLength(JSON.stringify(manifest));
    const most = mostBytes(manifest.kind);
    const { namespace, name } = manifest.metadata;
    const place = namespace === undefined ? name : `${namespace}/${name}`;
    return bytes <= most
      ? []
      : [
          {
            manifest,
            problem: `The ${manifest.kind} ${place} would have ${megabytes(bytes)} MB, and an API server takes ${megabytes(most)} MB of one object`,
          },
        ];
  });
}

function megabytes(bytes: number): string {
  return (Math.ceil(bytes / 100_000) / 10).toFixed(1);
}

/** The same of a stack's objects, each with the place in its configuration that makes it so large. */
export function sizeProblems(config: StackConfig): ConfigProblem[] {
  const { args, workloads } = stackArgsInSteps(config);
  const { gateways, destinations, namespaces, ...others } = planOf({ ...args, workloads: [] });
  // Of a workload's objects only the Sidecar grows, and no one's is larger than this.
  const isAnyTooLarge = config.workloads.length > 0 && tooLarge([widestSidecar(config, args)]).length > 0;
  const named = new Set(config.gateways.map(({ name }) => name));
  const problems = (manifests: readonly Manifest[], path: string, fix: string): ConfigProblem[] =>
    tooLarge(manifests).map(({ problem }) => ({ path, problem, fix }));
  return [
    ...gateways.flatMap(({ name, manifests }) =>
      problems(
        manifests,
        named.has(name) ? configPath("gateways", name, "destinations") : configPath("gateways"),
        `give some of the destinations behind it a gateway of their own, under ${configPath("gateways")}`,
      ),
    ),
    ...destinations.flatMap(({ name, manifests }) =>
      problems(manifests, configPath("destinations", name), "put some of what it holds into another destination"),
    ),
    ...(isAnyTooLarge ? workloads() : []).flatMap((workload) =>
      problems(
        [sidecarOfWorkload(workload)],
        configPath("workloads", workload.name),
        "allow it less, or list a wildcard in the place of names below one domain",
      ),
    ),
    ...namespaces.flatMap(({ name, manifests }) =>
      problems(
        manifests,
        configPath("namespaces", name),
        "allow what is in it less, or list a wildcard in the place of names below one domain",
      ),
    ),
    ...problems(
      [
        others.egress,
        others.admission,
        others.dns,
        others.roles,
        others.metrics,
        others.outside.flatMap(manifestsOf),
      ].flat(),
      configPath("destinations"),
      "put a part of them into a stack of its own, with a gateway namespace of its own",
    ),
  ];
}

/** The Sidecar of a workload that is granted everything, and has the longest of all names and labels. */
function widestSidecar(config: StackConfig, { egress }: StackArgsInSteps["args"]): Manifest {
  const { name: gatewayNamespace, mesh, guardedNamespaces } = egress;
  return planSidecar({
    name: longest(config.workloads.map(({ name }) => name)),
    namespace: longest(config.workloads.map(({ namespace }) => namespace)),
    selector: longest(config.workloads.map(({ selector }) => selector)),
    hosts: [...grantsOf(config).targets.values()].flatMap(knownNames),
    mesh,
    guardedNamespaces,
    peers: config.namespaces.flatMap(({ peers }) => peers),
    gatewayNamespace,
    observed: true,
  });
}

/** Of some, one at least, the one that takes most room as JSON. */
function longest<T>(all: readonly T[]): T {
  return all.reduce((most, each) => (JSON.stringify(each).length > JSON.stringify(most).length ? each : most));
}

function manifestsOf({ manifests }: { manifests: Manifest[] }): Manifest[] {
  return manifests;
}
