import { forwardingOf } from "../ground/forwarding";
import { meshTraits } from "./mesh-traits";
import { ConfigProblem } from "./problem";
import { AllowRule, StackConfig } from "./types";

/**
 * Whether what a rule grants would be denied without it, and is told so: it is in report mode. Of several rules that grant
 * a call, `grantsOf(config).between` gives one that is not, if there is one.
 */
export function isReported(rule: Pick<AllowRule, "mode"> | undefined): boolean {
  return rule?.mode === "report";
}

/** What everybody says of a call that such a rule grants, as a clause. */
export function reportedBecause({ path }: Pick<AllowRule, "path">): string {
  return `${path} is in report mode, and no other rule grants it: it passes, and is told as one that would be denied`;
}

/** Problems of rules in report mode, over all sections: what no log tells of cannot be reported. */
export function reportingProblems({
  allow,
  direct,
  outside,
  mesh,
}: Pick<StackConfig, "allow" | "direct" | "outside" | "mesh">): ConfigProblem[] {
  const beside = new Set([...direct, ...outside].map(({ name }) => name));
  const { hasLog } = forwardingOf(meshTraits(mesh));
  return allow.filter(isReported).flatMap(({ path, to }) => {
    const problem = !hasLog
      ? "What a rule in report mode lets pass is read from gateways' own logs, and those of this mesh write none"
      : beside.has(to)
        ? "Calls of it pass no gateway, so no log could report them"
        : undefined;
    return problem === undefined ? [] : [{ path: `${path}.mode`, value: "report", problem, fix: "remove it" }];
  });
}

/** What an operator is to know of rules in report mode, a sentence each, without a full stop. */
export function reportingSteps({ allow }: Pick<StackConfig, "allow">): string[] {
  const reported = allow.filter(isReported);
  return reported.length === 0
    ? []
    : [
        `${reported.map(({ path, from, to }) => `${path} (${from} → ${to})`).join(", ")}: in report mode, which refuses nothing; calls that no other rule grants are told as would be denied`,
        "mode: enforce, or no mode, grants them for good; a rule in report mode that is removed refuses them",
      ];
}
