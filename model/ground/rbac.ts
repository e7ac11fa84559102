/** Users and groups, as the API server knows them. */
export interface Who {
  users: string[];
  groups: string[];
}

/** What somebody may be let do with a stack's objects, beside the platform. */
export const rights = ["change", "deploy", "look", "probe"] as const;

export type Right = (typeof rights)[number];

/** One rule of a role, as Kubernetes has it; of one API group. */
export interface PolicyRule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  /** @default every object */
  resourceNames?: string[];
}

/** Name of the roles and bindings of a right: it begins with that of the gateways' namespace, so that stacks do not meet. */
export function roleName(gatewayNamespace: string, right: Right): string {
  return `${gatewayNamespace}.${right}`;
}

/** The namespace and name of a ServiceAccount, by the user name that the API server has for it; undefined for anybody else. */
export function serviceAccountOf(user: string): { namespace: string; name: string } | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}
