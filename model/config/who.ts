import { Who } from "../ground/rbac";
import { configPath } from "./problem";
import { ConfigKey } from "./schema";
import { Report } from "./shape";

/**
 * Reports users and groups that are, or may be, everybody: `edit` in a guarded namespace is enough to act as any of its
 * ServiceAccounts.
 *
 * @param at where they are, as `["admission", "platform"]`
 * @param guarded namespaces whose ServiceAccounts are anybody's
 */
export function reportWho(
  { users, groups }: Who,
  at: [ConfigKey, ...PropertyKey[]],
  guarded: readonly string[],
  report: Report,
): void {
  users.forEach((user, index) => {
    const home = /^system:serviceaccount:([^:]*):/.exec(user)?.[1];
    const problem = user.includes("*")
      ? { problem: "A pattern is taken for a user of that very name", fix: "write each user, or a group" }
      : home !== undefined && guarded.includes(home)
        ? {
            problem: `Whoever has edit in ${home} can act as any ServiceAccount there, and so would be let pass`,
            fix: "name a user, or a ServiceAccount of a namespace that is not guarded",
          }
        : undefined;
    if (problem !== undefined) {
      report({ path: configPath(at[0], ...at.slice(1), "users", index), value: user, ...problem });
    }
  });
  groups.forEach((group, index) => {
    const everybody = ["system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:nodes"];
    const home = /^system:serviceaccounts:(.*)$/.exec(group)?.[1];
    if (everybody.includes(group) || group.includes("*") || (home !== undefined && guarded.includes(home))) {
      report({
        path: configPath(at[0], ...at.slice(1), "groups", index),
        value: group,
        problem: "Tenants are in this group, and would be let pass",
        allowed: "a group of those who answer for it, as platform-team@acme.example",
        fix: "remove it",
      });
    }
  });
}
