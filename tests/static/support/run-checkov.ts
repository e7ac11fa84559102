import { spawn } from "node:child_process";
import { Checkov } from "../checkov/install";
import { outcome } from "../../lab/provider/project";
import { Finding } from "./waivers";

export interface CheckovReport {
  findings: Finding[];
  /** Checks that passed. */
  passed: number;
  /** Files that checkov could not read. */
  unread: string[];
}

interface Answer {
  summary?: { passed: number };
  results?: {
    failed_checks: { check_id: string; check_name: string; resource: string }[];
    parsing_errors: string[];
  };
}

/** checkov's rules for Kubernetes, and no others, on the manifests in a folder; it asks nobody outside the machine. */
export async function runCheckov(
  checkov: Checkov,
  stack: string,
  folder: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<CheckovReport> {
  const options = ["--framework", "kubernetes", "--skip-download", "--quiet", "--compact", "--output", "json"];
  const child = spawn(checkov.program, [...checkov.args, "--directory", folder, ...options], {
    env: { ...process.env, ...checkov.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { code, stdout, output } = await outcome(child);
  // Exit 1 is what failed checks give as well.
  if ((code !== 0 && code !== 1) || !stdout.trimStart().startsWith("{")) {
    throw new Error(`checkov ended with ${code}: ${output}`);
  }
  const { summary, results } = JSON.parse(stdout) as Answer;
  return {
    findings: (results?.failed_checks ?? []).map(({ check_id, check_name, resource }) => ({
      stack,
      rule: check_id,
      resource,
      text: check_name,
    })),
    passed: summary?.passed ?? 0,
    unread: results?.parsing_errors ?? [],
  };
}
