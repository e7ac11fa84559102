import { counted } from "../../model/ground/words";
import { jobsOf, Row, VerifyPlan } from "../../model/verify";
import { columns } from "../columns";

/** What is going to be made and sent, before anybody is asked. */
export function planText(plan: VerifyPlan, image: string): string {
  const lines = plan.workloads.flatMap(({ from, pods, twins, attempts }) => [
    `${from}: ${pods.impostor === undefined ? "a pod" : "two pods, one of them under the ServiceAccount default"}, with the workload's labels and never ready`,
    `  granted, and called for real: ${twins.map(({ title }) => title).join(", ")}`,
    ...attempts.map(({ tries }) => `  to be refused: ${tries}`),
  ]);
  return [
    `${counted(jobsOf(plan).length, "Job")} with a pod each would be made, of image ${image}, and removed again:`,
    ...lines.map((line) => `  ${line}`),
    ...(plan.dryRuns.length === 0
      ? []
      : [
          `The API server is asked, by dry runs that make nothing, for ${counted(plan.dryRuns.length, "object")} that it is to refuse.`,
        ]),
    ...leftText(plan),
  ].join("\n");
}

export function leftText({ left }: VerifyPlan): string[] {
  return left.map(({ from, because }) => `Not verified: ${from}: ${because}.`);
}

const marks = { held: "✔ held", leaked: "✘ leaked", unknown: "? unknown" } as const;

/** A line for each attempt, and a sentence on all of them. */
export function rowsText(rows: readonly Row[]): string {
  const table = columns()([
    ["FROM", "TRIED", "RESULT", "SEEN", "BESIDE IT"],
    ...rows.map(({ from, tries, result, seen, twin }) => [from, tries, marks[result], seen, twin]),
  ]);
  return [...table, "", summary(rows)].join("\n");
}

export function summary(rows: readonly Row[]): string {
  const count = (result: Row["result"]) => rows.filter((row) => row.result === result).length;
  const [leaked, unknown] = [count("leaked"), count("unknown")];
  return [
    `${counted(rows.length, "attempt")}: ${count("held")} held, ${leaked} leaked, ${unknown} unknown.`,
    ...(leaked > 0 ? ["The guard does not hold: egress doctor says what of it is not as it should be."] : []),
    ...(unknown > 0 ? ["Of what is unknown a granted call did not pass, or the answer could mean either."] : []),
  ].join(" ");
}
