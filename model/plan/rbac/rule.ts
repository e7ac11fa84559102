import { PolicyRule } from "../../ground/rbac";

/** One rule of a role. @param names of objects @default every one */
export function rule(apiGroup: string, resources: string[], verbs: string[], names?: string[]): PolicyRule {
  return { apiGroups: [apiGroup], resources, verbs, ...(names === undefined ? {} : { resourceNames: names }) };
}
