import { Manifest } from "../../ground/manifest";
import { PolicyRule } from "../../ground/rbac";
import { commonLabels } from "../metadata";

/** Verbs of whoever only looks, and goes on looking. */
export const watched = ["get", "list", "watch"];

/** One rule of a role. @param names of objects @default every one */
export function rule(apiGroup: string, resources: string[], verbs: string[], names?: string[]): PolicyRule {
  return { apiGroups: [apiGroup], resources, verbs, ...(names === undefined ? {} : { resourceNames: names }) };
}

/** Of roles, and of what they are bound to. */
export const apiGroup = "rbac.authorization.k8s.io";

/** A role, and its binding of the same name: of one namespace, or, without one, for all of them. */
export function roleAndBinding({
  name,
  namespace,
  rules,
  subjects,
}: {
  name: string;
  namespace?: string;
  rules: PolicyRule[];
  subjects: Record<string, string>[];
}): Manifest[] {
  const kind = namespace === undefined ? "ClusterRole" : "Role";
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), labels: commonLabels() };
  const apiVersion = `${apiGroup}/v1`;
  return [
    { apiVersion, kind, metadata, rules },
    { apiVersion, kind: `${kind}Binding`, metadata, roleRef: { apiGroup, kind, name }, subjects },
  ];
}
