import {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from "@pulumi/kubernetes/admissionregistration/v1";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { HorizontalPodAutoscaler } from "@pulumi/kubernetes/autoscaling/v2";
import { ConfigMap, Namespace, NamespacePatch, Service, ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { EndpointSlice } from "@pulumi/kubernetes/discovery/v1";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1";
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";
import { Manifest } from "../model";

type ManifestClass = new (name: string, args: never, opts: pulumi.CustomResourceOptions) => pulumi.CustomResource;

const kubernetesClasses: Record<string, ManifestClass> = {
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy": ValidatingAdmissionPolicy,
  "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding": ValidatingAdmissionPolicyBinding,
  "v1/ConfigMap": ConfigMap,
  "v1/Namespace": Namespace,
  "v1/NamespacePatch": NamespacePatch,
  "v1/Service": Service,
  "v1/ServiceAccount": ServiceAccount,
  "apps/v1/Deployment": Deployment,
  "autoscaling/v2/HorizontalPodAutoscaler": HorizontalPodAutoscaler,
  "discovery.k8s.io/v1/EndpointSlice": EndpointSlice,
  "networking.k8s.io/v1/NetworkPolicy": NetworkPolicy,
  "policy/v1/PodDisruptionBudget": PodDisruptionBudget,
  "rbac.authorization.k8s.io/v1/ClusterRole": ClusterRole,
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ClusterRoleBinding,
  "rbac.authorization.k8s.io/v1/Role": Role,
  "rbac.authorization.k8s.io/v1/RoleBinding": RoleBinding,
};

/** Whether the object is of one of Istio's own kinds, which istiod's webhook checks. */
export function isIstioKind(manifest: Manifest): boolean {
  return /^[a-z]+\.istio\.io\//.test(manifest.apiVersion);
}

/** Whether the object is of a kind that a CustomResourceDefinition defines: Istio's, and the Prometheus Operator's. */
function isCustomKind(manifest: Manifest): boolean {
  return isIstioKind(manifest) || manifest.apiVersion.startsWith("monitoring.coreos.com/");
}

/** What children are called after: their owner, or, where they may get another owner, what all of these have in common. */
export type OwnerName =
  | string
  | {
      shared: string;
      /** The owner's own name, which children had in earlier releases. */
      formerly: string;
    };

/**
 * Registers one Kubernetes object as a child of `owner`.
 *
 * The child is called after its owner and after the object: `owner/namespace/name`, or `owner/name` for an object
 * without a namespace; the kind is in the child's type. No name comes from a place in a list, so an edit of the
 * allowlist touches only the objects that it is about.
 *
 * @throws Error for a kind that has no class here: a defect of this package, not of anybody's configuration.
 */
export function manifestResource(
  owner: pulumi.ComponentResource,
  ownerName: OwnerName,
  manifest: Manifest,
  opts: pulumi.CustomResourceOptions = {},
): pulumi.CustomResource {
  const { namespace, name } = manifest.metadata;
  const Class = isCustomKind(manifest) ? CustomResource : kubernetesClasses[`${manifest.apiVersion}/${manifest.kind}`];
  if (Class === undefined) {
    throw new Error(`no resource class is known for ${manifest.apiVersion} ${manifest.kind} "${name}"`);
  }
  const after = (prefix: string) => [prefix, ...(namespace === undefined ? [] : [namespace]), name].join("/");
  if (typeof ownerName === "string") {
    return new Class(after(ownerName), manifest as never, { ...opts, parent: owner });
  }
  const aliases = [{ name: after(ownerName.formerly) }];
  return new Class(after(ownerName.shared), manifest as never, { ...opts, parent: owner, aliases });
}
