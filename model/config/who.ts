import { serviceAccountOf, Who } from "../ground/rbac";
import { NameProblem } from "./kubernetes-names";
import { configPath } from "./problem";
import { ConfigKey } from "./schema";
import { Report } from "./shape";

/** Who of users and groups is, or may be, everybody. */
interface WhoProblem extends NameProblem {
  at: [list: "users" | "groups", index: number];
  value: string;
}

/**
 * Users and groups that are, or may be, everybody: `edit` in a guarded namespace is enough to act as any of its
 * ServiceAccounts.
 *
 * @param guarded namespaces whose ServiceAccounts are anybody's
 */
export function whoProblems({ users, groups }: Who, guarded: readonly string[]): WhoProblem[] {
  const ofUsers = users.flatMap((user, index): WhoProblem[] => {
    const home = /^system:serviceaccount:([^:]*):/.exec(user)?.[1];
    const problem = isAnonymous(user)
      ? { problem: "Whoever shows no credentials, and every node, is such a user", fix: "remove it" }
      : user.includes("*")
        ? { problem: "A pattern is taken for a user of that very name", fix: "write each user, or a group" }
        : home !== undefined && guarded.includes(home)
          ? {
              problem: `Whoever has edit in ${home} can act as any ServiceAccount there, and so would be let pass`,
              fix: "name a user, or a ServiceAccount of a namespace that is not guarded",
            }
          : isMalformed(user)
            ? {
                problem: "No ServiceAccount has this name, and nobody else",
                allowed: "system:serviceaccount:<namespace>:<name>",
                fix: "write it as `kubectl auth whoami` says it",
              }
            : undefined;
    return problem === undefined ? [] : [{ at: ["users", index], value: user, ...problem }];
  });
  const ofGroups = groups.flatMap((group, index): WhoProblem[] => {
    const everybody = ["system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:nodes"];
    const home = /^system:serviceaccounts:(.*)$/.exec(group)?.[1];
    return everybody.includes(group) || group.includes("*") || (home !== undefined && guarded.includes(home))
      ? [
          {
            at: ["groups", index],
            value: group,
            problem: "Tenants are in this group, and would be let pass",
            allowed: "a group of those who answer for it, as platform-team@acme.example",
            fix: "remove it",
          },
        ]
      : [];
  });
  return [...ofUsers, ...ofGroups];
}

/**
 * Reports them.
 *
 * @param at where they are, as `["admission", "platform"]`
 */
export function reportWho(
  who: Who,
  at: [ConfigKey, ...PropertyKey[]],
  guarded: readonly string[],
  report: Report,
): void {
  for (const { at: place, ...problem } of whoProblems(who, guarded)) {
    report({ path: configPath(at[0], ...at.slice(1), ...place), ...problem });
  }
}

/** Reports that nobody is named where somebody is meant. */
export function reportNobody({ users, groups }: Who, at: [ConfigKey, ...PropertyKey[]], report: Report): void {
  if (users.length + groups.length === 0) {
    report({
      path: configPath(...at),
      value: { users, groups },
      problem: "Names nobody",
      allowed: "{users: [jane@acme.example], groups: [team-shop@acme.example]}",
      fix: "name somebody, or remove it",
    });
  }
}

function isAnonymous(user: string): boolean {
  return user === "system:anonymous" || user.startsWith("system:node:");
}

/** Whether a user is written as a ServiceAccount that cannot be. */
function isMalformed(user: string): boolean {
  const account = serviceAccountOf(user);
  return (
    /^(system:)?serviceaccounts?:/.test(user) &&
    (account === undefined || !isNameOfKubernetes(account.namespace) || !isNameOfKubernetes(account.name))
  );
}

function isNameOfKubernetes(name: string): boolean {
  return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name);
}
