import { ClusterConfig, gcloudContext } from "../../model";
import { Finding, Report, severities, Severity } from "../../model/doctor";
import { LabRoom, labRoom } from "../lab-room";

const words: Record<Severity, string> = {
  "breaks-guard": "breaks the guard",
  "breaks-workload": "breaks a workload",
  unchecked: "cannot be checked",
  warning: "warning",
};

/** A report for people, worst first. */
export function reportText(stack: string, { findings, passed, notChecked, information }: Report): string {
  return [
    ...(findings.length === 0 ? [] : [headline(stack, findings), ...findings.map(findingText)]),
    [
      findings.length === 0 ? `Nothing found on the cluster of stack ${stack}.` : undefined,
      `${passed.length + notChecked.length + new Set(findings.map(({ check }) => check)).size} checks: ` +
        `${passed.length} found nothing (${passed.map(({ check }) => check).join(", ") || "none"})` +
        `${notChecked.length === 0 ? "" : `, ${notChecked.length} could not run (${notChecked.map(({ check }) => check).join(", ")})`}.`,
      ...information,
    ]
      .filter((line) => line !== undefined)
      .join("\n"),
  ].join("\n\n");
}

function headline(stack: string, findings: Finding[]): string {
  const counts = severities
    .map((severity) => [findings.filter((finding) => finding.severity === severity).length, words[severity]] as const)
    .filter(([count]) => count > 0);
  const all = `${findings.length} finding${findings.length === 1 ? "" : "s"} on the cluster of stack ${stack}`;
  return `${all}: ${counts.map(([count, what]) => `${count} × ${what}`).join(", ")}.`;
}

function findingText(finding: Finding, index: number): string {
  const { severity, object, problem, evidence, fix, commands, config } = finding;
  return [
    `${index + 1}. ${words[severity].toUpperCase()}  ${object}`,
    `   ${problem}`,
    ...evidence.map((seen) => `   seen: ${seen}`),
    `   fix:  ${fix}`,
    ...commands.map((command) => `         $ ${command}`),
    ...(config === undefined ? [] : [`   key:  ${config}`]),
  ].join("\n");
}

/** A report whose commands go to the stack's cluster, wherever they are typed: not to the one that happens to be current. */
export function addressed(report: Report, cluster: ClusterConfig): Report {
  return {
    ...report,
    findings: report.findings.map((finding) => ({
      ...finding,
      commands: finding.commands.map((command) => addressedCommand(command, cluster)),
    })),
  };
}

function addressedCommand(command: string, cluster: ClusterConfig): string {
  if (labOf(cluster) !== undefined) {
    return `npx egress lab shell -- ${command}`;
  }
  const { kubeconfig, context } =
    cluster.kind === "gke" ? { kubeconfig: undefined, context: gcloudContext(cluster) } : cluster;
  const flags = [
    ...(kubeconfig === undefined ? [] : [`--kubeconfig ${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context ${context}`]),
  ];
  return flags.length === 0 ? command : command.replace(/^kubectl /, `kubectl ${flags.join(" ")} `);
}

/** The lab, where that is the cluster: it is reached from inside its own network. */
export function labOf(cluster: ClusterConfig): LabRoom | undefined {
  const kubeconfig = cluster.kind === "existing" ? cluster.kubeconfig : undefined;
  const lab = kubeconfig === undefined ? undefined : labRoom();
  return lab?.isLabKubeconfig(kubeconfig!) ? lab : undefined;
}
