import { JsonObject, Path, isAbsent, sameJson, text, valueAt } from "../../json";
import { groupOf } from "../../kubernetes/discovery";
import { isWithin, parsePath } from "./difference";

/** Fields of a kind that the API never changes on an object that exists, apart from the ones below `except`. */
interface Rule {
  fixed: string[];
  except?: string[];
}

/**
 * By kind and group, from the Kubernetes API reference and the API server's own refusals ("field is immutable").
 * The fields of every object that make its identity come on top.
 */
const rules: Record<string, Rule> = {
  "Deployment.apps": { fixed: ["spec.selector"] },
  "ReplicaSet.apps": { fixed: ["spec.selector"] },
  "DaemonSet.apps": { fixed: ["spec.selector"] },
  "StatefulSet.apps": {
    fixed: ["spec"],
    except: [
      "spec.replicas",
      "spec.ordinals",
      "spec.template",
      "spec.updateStrategy",
      "spec.revisionHistoryLimit",
      "spec.persistentVolumeClaimRetentionPolicy",
      "spec.minReadySeconds",
    ],
  },
  "Job.batch": {
    fixed: ["spec"],
    except: [
      "spec.parallelism",
      "spec.activeDeadlineSeconds",
      "spec.backoffLimit",
      "spec.suspend",
      "spec.ttlSecondsAfterFinished",
    ],
  },
  "Pod.": {
    fixed: ["spec"],
    except: [
      "spec.containers[*].image",
      "spec.initContainers[*].image",
      "spec.activeDeadlineSeconds",
      "spec.tolerations",
      "spec.schedulingGates",
    ],
  },
  "PersistentVolumeClaim.": {
    fixed: ["spec"],
    except: ["spec.resources", "spec.volumeAttributesClassName"],
  },
  "Secret.": { fixed: ["type"] },
  "StorageClass.storage.k8s.io": { fixed: ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"] },
  "RoleBinding.rbac.authorization.k8s.io": { fixed: ["roleRef"] },
  "ClusterRoleBinding.rbac.authorization.k8s.io": { fixed: ["roleRef"] },
  "IngressClass.networking.k8s.io": { fixed: ["spec.controller"] },
  "PriorityClass.scheduling.k8s.io": { fixed: ["value", "preemptionPolicy"] },
  "RuntimeClass.node.k8s.io": { fixed: ["handler"] },
  "EndpointSlice.discovery.k8s.io": { fixed: ["addressType"] },
  "CustomResourceDefinition.apiextensions.k8s.io": {
    fixed: ["spec.group", "spec.scope", "spec.names.kind", "spec.names.plural"],
  },
};

const identity: Path[] = [["kind"], ["metadata", "name"], ["metadata", "namespace"]];

/** Tells which changes of a resource mean another object than before: one of another kind, name or namespace. */
export function becomesOther(before: JsonObject, after: JsonObject): (path: Path) => boolean {
  const otherGroup = groupOf(text(before, "apiVersion") ?? "") !== groupOf(text(after, "apiVersion") ?? "");
  return (path) => (path[0] === "apiVersion" ? otherGroup : identity.some((field) => isWithin(path, field)));
}

/**
 * Tells which changes an object cannot take on in place.
 * @param before inputs that were applied last
 * @param live the object as the API server gave it then
 * @param after inputs that are wanted
 * @returns whether a change at this path needs a new object
 */
export function immutability(before: JsonObject, live: JsonObject, after: JsonObject): (path: Path) => boolean {
  const group = groupOf(text(before, "apiVersion") ?? "");
  const kind = `${text(before, "kind") ?? ""}.${group}`;
  const rule = rules[kind];
  const except = (rule?.except ?? []).map(parsePath);
  const fixed = [...identity, ...(rule?.fixed ?? []).map(parsePath), ...conditional(kind, before, after)];
  const otherGroup = group !== groupOf(text(after, "apiVersion") ?? "");
  return (path) => {
    if (path[0] === "apiVersion") {
      return otherGroup;
    }
    const immutable = fixed.some((field) => isWithin(path, field)) && !except.some((field) => isWithin(path, field));
    const wanted = valueAt(after, path);
    return immutable && (isAbsent(wanted) || !sameJson(wanted, valueAt(live, path)));
  };
}

/** Fields whose immutability hangs on what the object says elsewhere. */
function conditional(kind: string, before: JsonObject, after: JsonObject): Path[] {
  if (kind === "Service." && serviceKeepsAddress(before, after)) {
    return [["spec", "clusterIP"]];
  }
  if ((kind === "ConfigMap." || kind === "Secret.") && before["immutable"] === true) {
    return [["data"], ["binaryData"], ["stringData"], ["immutable"]];
  }
  return [];
}

/** A Service may change its address only by way of type ExternalName; one that is named no more keeps the one it has. */
function serviceKeepsAddress(before: JsonObject, after: JsonObject): boolean {
  const external = [before, after].some((service) => text(service, "spec", "type") === "ExternalName");
  return !external && !isAbsent(valueAt(after, ["spec", "clusterIP"]));
}
