import { listNames } from "../ground/suggest";
import { configPath, ConfigProblem } from "./problem";
import { StackConfig } from "./types";

/** Warns where roles alone keep nobody who deploys from getting round the guard. */
export function rbacWarnings({ rbac, admission }: Pick<StackConfig, "rbac" | "admission">): ConfigProblem[] {
  return rbac.deploy.length === 0 || admission.mode === "deny"
    ? []
    : [
        {
          path: configPath("rbac", "deploy"),
          value: listNames(rbac.deploy.map(({ namespace }) => namespace)),
          problem:
            "The role keeps from objects that open the guard, and from none of a pod's own fields: a privileged pod, or one under a " +
            "granted ServiceAccount, gets round it",
          fix: `write ${configPath("admission")}: {mode: deny}, and its owners`,
        },
      ];
}
