import { sortedBy } from "../../ground/order";
import { didYouMean, listNames } from "../../ground/suggest";
import { checkLastDay } from "../date";
import { exemptionProblems } from "../exemption-scope";
import { configPath } from "../problem";
import { exemptionSchema } from "../schema";
import { readFields, Report } from "../shape";
import { AdmissionConfig, Exemption, NamespaceConfig, WorkloadConfig } from "../types";

interface Context {
  namespaces: NamespaceConfig[];
  workloads: WorkloadConfig[];
  now: Date;
}

/** What is let pass of admission: those that hold today, and those whose last day is over; each sorted. */
export function readExemptions(
  raw: unknown[],
  context: Context,
  report: Report,
): Pick<AdmissionConfig, "exemptions" | "expired"> {
  const read: Pick<AdmissionConfig, "exemptions" | "expired"> = { exemptions: [], expired: [] };
  raw.forEach((value, index) => {
    const path = configPath("admission", "exemptions", index);
    const { whole, sound } = readFields(exemptionSchema, value, ["admission", "exemptions", index], report);
    if (whole !== undefined) {
      reportScope(whole, path, context, report);
    }
    const lastDay = sound.expires === undefined ? undefined : checkLastDay(sound.expires, context.now);
    if (lastDay === undefined) {
      // What is missing is said already.
      return;
    }
    if (!("date" in lastDay)) {
      report({ path: `${path}.expires`, ...lastDay });
    } else if (whole !== undefined) {
      read[lastDay.isOver ? "expired" : "exemptions"].push({ ...whole, expires: lastDay.date, path });
    }
  });
  const key = ({ rule, namespace, serviceAccount = "", object = "" }: Exemption) =>
    [rule, namespace, serviceAccount, object].join(" ");
  return { exemptions: sortedBy(read.exemptions, key), expired: sortedBy(read.expired, key) };
}

type Scope = Pick<Exemption, "rule" | "namespace" | "serviceAccount" | "object">;

/** An exemption is for one thing by its name: what would open more, or nothing, is refused. */
function reportScope(exemption: Scope, path: string, { namespaces, workloads }: Context, report: Report): void {
  const { namespace } = exemption;
  const guarded = namespaces.filter(({ existing, guard }) => !existing || guard === "enforce").map(({ name }) => name);
  if (!guarded.includes(namespace)) {
    report({
      path: `${path}.namespace`,
      value: namespace,
      problem: namespaces.some(({ name }) => name === namespace)
        ? "Nothing is refused there, as its guard is not enforce"
        : "Not a configured namespace",
      allowed: listNames(guarded) ?? "none is guarded",
      fix: didYouMean(namespace, guarded) ?? "remove the exemption",
    });
  }
  for (const { at, ...problem } of exemptionProblems(
    exemption,
    workloads.map((workload) => ({ ...workload, isMade: workload.made !== undefined })),
  )) {
    report({ path: `${path}.${at}`, ...problem });
  }
}
