import type { Subject } from "./subject";
import type { Snapshot } from "./snapshot";

/**
 * How bad a finding is, worst first.
 *
 * - `breaks-guard`: something gets out, or in, that the stack does not allow, or one of its walls is missing.
 * - `breaks-workload`: what the stack allows, or needs to run, does not work.
 * - `unchecked`: could not be looked at, so it may be either.
 * - `warning`: works today; will not for long, or is not what the stack says.
 */
export const severities = ["breaks-guard", "breaks-workload", "unchecked", "warning"] as const;

export type Severity = (typeof severities)[number];

export interface Finding {
  /** Name of the check that found it. */
  check: string;
  severity: Severity;
  /** `Kind namespace/name`, or what else it is about. */
  object: string;
  /** What is wrong, and what comes of it. */
  problem: string;
  /** What was seen on the cluster that says so. */
  evidence: string[];
  /** What to do, in words. */
  fix: string;
  /** Commands that do it, in this order; empty where none can. None of them is run here. */
  commands: string[];
  /** A key of the stack's file with the value that mends it, or that allows what was found. */
  config?: string;
}

/** What a check found, before it is known which check it was. */
export type Found = Omit<Finding, "check">;

/** Objects that a check looks at. */
export interface Reading {
  /** As `pods`, `deployments.apps`. */
  resource: string;
  /** @default every namespace, or a kind that has none */
  namespace?: string;
}

export interface Check {
  /** As `sidecars`: the name by which findings and reports refer to it. */
  name: string;
  /** What is so when it finds nothing, as "every pod of a guarded namespace has a sidecar". */
  promise: string;
  /** Without these it does not run, and is reported as not checked. */
  needs: (subject: Subject) => Reading[];
  run: (subject: Subject, snapshot: Snapshot) => Found[];
}

export interface Report {
  /** Worst first; those of one severity in the order of the checks. */
  findings: Finding[];
  /** Checks that ran and found nothing. */
  passed: { check: string; promise: string }[];
  /** Checks that did not run, and what they would have had to read. */
  notChecked: { check: string; promise: string; needs: string[] }[];
  /** What is worth knowing and is nothing to mend. */
  information: string[];
}
