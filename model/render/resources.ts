import { withSortedKeys } from "../diff/values";
import { Manifest } from "../ground/manifest";
import { compareText } from "../ground/order";
import { Plan, PlannedRelease } from "../plan/types";

/** One resource of a stack, as its provider would be given it. */
export interface RenderedResource {
  /** Who makes it: `kubernetes`, `gcp`, …; `helm` is a release, whose objects are the chart's. */
  provider: string;
  /** Part of the stack that it belongs to: `mesh`, `namespace test-app`, … or Pulumi's name of its component. */
  owner: string;
  /** `apiVersion/Kind` of a Kubernetes object, `Release` of Helm, or Pulumi's type token. */
  type: string;
  /** Unique among its owner's resources of one type; of a Kubernetes object `namespace/name`. */
  name: string;
  inputs: Record<string, unknown>;
}

/** What a plan puts on the cluster: every Kubernetes object, and Helm releases as what Helm is given, not rendered. */
export function planResources(plan: Plan): RenderedResource[] {
  const { mesh, egress, gateways, namespaces, workloads, destinations, outside, admission, dns, roles, metrics } = plan;
  return [
    ...(mesh === undefined
      ? []
      : [
          ...objects("mesh", [mesh.namespace, ...mesh.certificates, ...mesh.policies]),
          release("mesh", mesh.base),
          release("mesh", mesh.istiod),
        ]),
    ...objects("egress", egress),
    ...gateways.flatMap(({ name, manifests }) => objects(`gateway ${name}`, manifests)),
    ...namespaces.flatMap(({ name, manifests }) => objects(`namespace ${name}`, manifests)),
    ...workloads.flatMap(({ namespace, name, manifests }) => objects(`workload ${namespace}/${name}`, manifests)),
    ...destinations.flatMap(({ name, manifests }) => objects(`destination ${name}`, manifests)),
    ...outside.flatMap(({ name, manifests }) => objects(`outside ${name}`, manifests)),
    ...objects("admission", admission),
    ...objects("dns", dns),
    ...objects("roles", roles),
    ...objects("metrics", metrics),
  ];
}

/**
 * The one order and form that resources are shown in, whatever made them: by owner, provider, type and name, so that
 * one resource more moves no other, and with sorted keys, as those of a stack's file come in any order.
 */
export function canonicalResources(resources: RenderedResource[]): RenderedResource[] {
  const keys = ["owner", "provider", "type", "name"] as const;
  return resources
    .map((resource) => ({ ...resource, inputs: withSortedKeys(resource.inputs) }))
    .sort((a, b) => keys.reduce((order, key) => order || compareText(a[key], b[key]), 0));
}

function objects(owner: string, manifests: Manifest[]): RenderedResource[] {
  return manifests.map((manifest) => {
    const { namespace, name } = manifest.metadata;
    return {
      provider: "kubernetes",
      owner,
      type: `${manifest.apiVersion}/${manifest.kind}`,
      name: namespace === undefined ? name : `${namespace}/${name}`,
      inputs: manifest,
    };
  });
}

function release(owner: string, { name, namespace, ...rest }: PlannedRelease): RenderedResource {
  const { chart, repository, version, values } = rest;
  return {
    provider: "helm",
    owner,
    type: "Release",
    name: `${namespace}/${name}`,
    inputs: { name, namespace, ...(repository === undefined ? {} : { repository }), chart, version, values },
  };
}
