import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";

/** Something that a tool has found in an object. */
export interface Finding {
  stack: string;
  /** The tool's own name of the rule. */
  rule: string;
  /** `Kind.namespace.name` */
  resource: string;
  text: string;
}

/** A rule that is not held to, for some objects, and why. */
export interface Waiver {
  tool: "checkov" | "istioctl";
  rule: string;
  /** `Kind.namespace.name`, in which `*` stands for any text. */
  resources: string;
  /** Objects among them that the rule holds for all the same. @default none */
  except?: string;
  reason: string;
}

/** The one list of everything that is waived. */
export const waivers = (
  parse(fs.readFileSync(path.join(__dirname, "..", "waivers.yaml"), "utf8")) as { waivers: Waiver[] }
).waivers;

/** Which findings stand, and which waiver covers each of the others. */
export function weigh(tool: Waiver["tool"], findings: Finding[], list = waivers): Weighed {
  const own = list.filter((waiver) => waiver.tool === tool);
  const covers = (finding: Finding) => own.find((waiver) => waives(waiver, finding));
  const used = new Set(findings.map(covers));
  return {
    standing: findings.filter((finding) => covers(finding) === undefined),
    waived: findings.filter((finding) => covers(finding) !== undefined),
    unneeded: own.filter((waiver) => !used.has(waiver)),
  };
}

export interface Weighed {
  standing: Finding[];
  waived: Finding[];
  /** Waivers that cover nothing. */
  unneeded: Waiver[];
}

function waives({ rule, resources, except }: Waiver, finding: Finding): boolean {
  const isExcepted = except !== undefined && matches(finding.resource, except);
  return rule === finding.rule && matches(finding.resource, resources) && !isExcepted;
}

function matches(resource: string, pattern: string): boolean {
  const parts = pattern.split("*").map((text) => text.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(resource);
}
