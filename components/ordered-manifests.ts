import { Namespace } from "@pulumi/kubernetes/core/v1";
import * as pulumi from "@pulumi/pulumi";
import { Manifest } from "../model";
import { isIstioKind, manifestResource, OwnerName } from "./manifest-resource";

/**
 * What the objects of a component wait for, beside each other. These are resources and never whole components: a
 * component stands for its children, and would wait for itself once somebody makes it a child of what it waits for.
 */
export interface Prerequisites {
  /** The mesh: Istio's own objects and pods wait for it. */
  mesh: pulumi.Input<pulumi.Resource>[];
  /** The Namespaces that the objects go into. */
  namespaces: pulumi.Resource[];
  /** What must stand, beside the component's own objects, before a pod may start. @default none */
  guards?: pulumi.Input<pulumi.Resource>[];
}

/** How long a Deployment may take to roll out before the engine reports what keeps its pods from being ready. */
const rolloutTimeout = "5m";

/**
 * Registers what is put on a namespace of somebody else's, if anything is: the label by which pods are injected, after
 * all that their sidecars have to be told.
 */
export function registerPatch(
  owner: pulumi.ComponentResource,
  ownerName: string,
  manifests: Manifest[],
  after: pulumi.Input<pulumi.Resource>[],
): pulumi.Resource[] {
  return manifests
    .filter(({ kind }) => kind === "NamespacePatch")
    .map((patch) => manifestResource(owner, ownerName, patch, { dependsOn: after }));
}

/** Registers the Namespace among a component's objects; everything else in it comes after. */
export function registerNamespace(
  owner: pulumi.ComponentResource,
  ownerName: string,
  manifests: Manifest[],
): Namespace {
  const manifest = manifests.find(({ kind }) => kind === "Namespace");
  if (manifest === undefined) {
    throw new Error(`the plan of "${ownerName}" holds no Namespace`);
  }
  return manifestResource(owner, ownerName, manifest) as Namespace;
}

/**
 * Registers a component's objects (its Namespace apart), each waiting for what it needs and for nothing else:
 *
 * | object                                        | waits for                                          |
 * |-----------------------------------------------|----------------------------------------------------|
 * | Service, ServiceAccount, NetworkPolicy, …     | the namespaces                                     |
 * | Sidecar, AuthorizationPolicy, ServiceEntry, … | the namespaces, and istiod, whose webhook checks it |
 * | Deployment                                    | all of the above, and the guards                   |
 *
 * So the guards are made while istiod starts, and no pod runs, not for a moment, without its sidecar, its
 * NetworkPolicies and its Sidecar. The engine destroys in the opposite order: pods go first.
 *
 * @param secretPods whether the Deployments' specs hold secrets; the state and previews hide them then
 * @returns the objects that Deployments wait for, and the Deployments
 */
export function registerInOrder(
  owner: pulumi.ComponentResource,
  ownerName: OwnerName,
  manifests: Manifest[],
  after: Prerequisites,
  secretPods = false,
): { objects: pulumi.Resource[]; deployments: pulumi.Resource[] } {
  const { namespaces, mesh, guards = [] } = after;
  const register = (selected: Manifest[], opts: pulumi.CustomResourceOptions) =>
    selected.map((manifest) => manifestResource(owner, ownerName, manifest, opts));

  const plainObjects = register(manifests.filter(isPlainObject), { dependsOn: namespaces });
  const istioObjects = register(manifests.filter(isIstioKind), { dependsOn: [...namespaces, ...mesh] });

  const objects = [...plainObjects, ...istioObjects];
  const pods = manifests.filter(isDeployment);
  const deployments = register(secretPods ? pods.map(withSecretSpec) : pods, {
    dependsOn: [...namespaces, ...mesh, ...objects, ...guards],
    customTimeouts: { create: rolloutTimeout, update: rolloutTimeout },
    ...(secretPods ? { additionalSecretOutputs: ["spec"] } : {}),
  });
  return { objects, deployments };
}

/** The namespace itself, or what is put on one of somebody else's. */
function isNamespace(manifest: Manifest): boolean {
  return manifest.kind === "Namespace" || manifest.kind === "NamespacePatch";
}

function isDeployment(manifest: Manifest): boolean {
  return manifest.kind === "Deployment";
}

function isPlainObject(manifest: Manifest): boolean {
  return !isNamespace(manifest) && !isDeployment(manifest) && !isIstioKind(manifest);
}

function withSecretSpec(deployment: Manifest): Manifest {
  return { ...deployment, spec: pulumi.secret(deployment.spec) };
}
