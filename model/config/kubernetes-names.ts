import { meshNamespace } from "../ground/names";

export type NameProblem = { problem: string; allowed?: string; fix?: string };

const label = "1 to 63 lower-case letters, digits and, between them, hyphens (RFC 1123)";

/** Why Kubernetes would refuse the name of a namespace or of a workload; undefined when it takes it. */
export function checkLabelName(name: string): NameProblem | undefined {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    return undefined;
  }
  const repaired = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .slice(0, 63)
    .replace(/^-+|-+$/g, "");
  return {
    problem: "Kubernetes takes no such name",
    allowed: label,
    fix: repaired === "" ? "rename it" : `rename it, for instance to "${repaired}"`,
  };
}

/** Whether a namespace is the cluster's or the mesh's own, in which nothing may be guarded. */
export function isClustersOwn(name: string): boolean {
  return name === meshNamespace || name.startsWith("kube-");
}

/** Why a namespace cannot be ours to make and guard; undefined when it can. */
export function checkOwnNamespace(name: string): NameProblem | undefined {
  const malformed = checkLabelName(name);
  if (malformed !== undefined) {
    return malformed;
  }
  if (isClustersOwn(name) || name === "default") {
    return {
      problem:
        name === meshNamespace
          ? "The namespace belongs to the mesh itself"
          : "The namespace belongs to the cluster itself",
      fix: "choose a name of your own",
    };
  }
  return undefined;
}

/** Why a name cannot be that of an identity of one's own; undefined when it can. */
export function checkIdentityName(name: string): NameProblem | undefined {
  return (
    checkLabelName(name) ??
    (name === "default"
      ? { problem: "Every namespace has a ServiceAccount of this name, which any pod may run under", fix: "rename it" }
      : undefined)
  );
}

/** Why no Service could have the name, if it is a label at all: its names begin with a letter (RFC 1035). */
export function checkServiceName(name: string): NameProblem | undefined {
  return /^[a-z]/.test(name)
    ? undefined
    : { problem: "A Service gets this name, and a Service's name begins with a letter", fix: "rename it" };
}

/** Why the name of a ServiceAccount that exists cannot be granted anything; undefined when it can. */
export function checkServiceAccount(name: string): NameProblem | undefined {
  if (name === "default") {
    return {
      problem: "Any pod of the namespace may run under this ServiceAccount",
      fix: "give the workload a ServiceAccount of its own",
    };
  }
  const isName = name.length <= 253 && name.split(".").every((part) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(part));
  return isName
    ? undefined
    : {
        problem: name.includes("*")
          ? "A grant is for one identity, and no pattern of them"
          : "Kubernetes takes no such name",
        allowed: "lower-case letters, digits and, between them, hyphens and dots (RFC 1123)",
        fix: "write it as `kubectl get pods -o custom-columns=:.spec.serviceAccountName` has it",
      };
}

/** Why Kubernetes would refuse a label; undefined when it takes it. */
export function checkLabel(key: string, value: string): NameProblem | undefined {
  if (!/^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/.test(key)) {
    return { problem: "Kubernetes takes no label of this name", allowed: "as team, or example.com/team" };
  }
  if (!/^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/.test(value)) {
    return {
      problem: "Kubernetes takes no such value for a label",
      allowed: "up to 63 letters, digits and, between them, hyphens, dots and underscores",
    };
  }
  return undefined;
}
