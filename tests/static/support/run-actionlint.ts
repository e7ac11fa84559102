import { run } from "../../lab/support/commands";

/** One thing that is wrong with a workflow. */
export interface LintFinding {
  line: number;
  kind: string;
  message: string;
}

/**
 * actionlint on a workflow's text. The other linters that it would call where they are installed are left out, so that
 * every machine finds the same.
 */
export function lint(actionlint: string, workflow: string): LintFinding[] {
  const { exitCode, stdout, stderr } = run([actionlint, "-format", "{{json .}}", "-shellcheck=", "-pyflakes=", "-"], {
    input: byVersion(workflow),
  });
  if (exitCode > 1) {
    throw new Error(`actionlint ended with ${exitCode}: ${stdout}${stderr}`);
  }
  return JSON.parse(stdout) as LintFinding[];
}

/** Actions by their major version, which the workflow names beside the commit: by it, actionlint knows their inputs. */
function byVersion(workflow: string): string {
  return workflow.replace(/@[0-9a-f]{40} # (v\d+)\.\d+\.\d+$/gm, "@$1");
}
