import { allowPolicyName, refusePolicyName } from "../../ground/names";
import { configPath } from "../problem";
import { Report } from "../shape";
import { StackConfig } from "../types";

/** Reports each gateway whose refusing policy would be called as the policy that allows a destination. */
export function reportPolicyNames(
  { gateways, destinations }: Pick<StackConfig, "gateways" | "destinations">,
  report: Report,
): void {
  const allowing = new Map(destinations.map(({ name }) => [allowPolicyName(name), name]));
  for (const { name } of gateways) {
    const policy = refusePolicyName(name);
    const destination = allowing.get(policy);
    if (destination !== undefined) {
      report({
        path: configPath("gateways", name),
        value: name,
        problem:
          `Its AuthorizationPolicy ${policy}, which refuses, has the name of the one that allows ` +
          configPath("destinations", destination),
        fix: "rename one of the two",
      });
    }
  }
}
