import { stringify } from "yaml";
import { projectPrefix } from "../../model/config/problem";
import { Explanation, Suggestion } from "../../model/explain";

/** An explanation as a terminal shows it. */
export function explanationText(explanation: Explanation): string {
  const { from, url, allowed, reported, observed, because, unreachable, rule, preset, ends, way, suggestion } =
    explanation;
  return [
    `${from} → ${url}: ${reported ? "allowed, by a rule in report mode" : allowed ? "allowed" : observed ? "would be denied" : "refused"}: ${because}.`,
    ...(unreachable === undefined ? [] : [`${allowed ? "But no" : "No"} gateway ever reaches it: ${unreachable}.`]),
    ...(rule === undefined ? [] : ["", allowed ? "The rule" : "The nearest rule", ...ruleLines(rule)]),
    ...(ends === undefined ? [] : [`    its end: ${ends}`]),
    ...(preset === undefined ? [] : ["", ...presetLines(preset)]),
    "",
    allowed || observed ? "The way" : "Where it ends",
    ...way.flatMap(({ at, what, by }, index) => [
      `  ${index + 1}. ${at}: ${what}`,
      ...by.map((key) => `       ${key}`),
    ]),
    ...(suggestion === undefined ? [] : ["", ...suggestionLines(suggestion)]),
  ].join("\n");
}

function ruleLines({ path, from, to, owner, reason, expires, mode }: NonNullable<Explanation["rule"]>): string[] {
  return [
    `  ${path}: ${from} → ${to}`,
    `    owner: ${owner ?? "none"}`,
    `    reason: ${reason ?? "none"}`,
    `    ${expires?.includes("T") ? "ends at" : "last day"}: ${expires ?? "none, it holds until somebody takes it away"}`,
    ...(mode === undefined ? [] : [`    mode: ${mode}`]),
  ];
}

function presetLines({ name, read, hosts, sources }: NonNullable<Explanation["preset"]>): string[] {
  return [
    `The preset ${name}, as its pages said on ${read}`,
    ...sources.map((source) => `    ${source}`),
    `    hosts: ${hosts.join(", ")}`,
  ];
}

function suggestionLines({ add, beware }: Suggestion): string[] {
  return [
    "To allow it, this would have to stand in the stack's file:",
    ...suggestionYaml(add)
      .trimEnd()
      .split("\n")
      .map((line) => `  ${line}`),
    ...(beware === undefined ? [] : [`Beware: ${beware}.`]),
  ];
}

/** As it stands in a stack's file, below `config:`. */
export function suggestionYaml(add: Suggestion["add"]): string {
  const keyed = Object.fromEntries(Object.entries(add).map(([key, value]) => [`${projectPrefix}${key}`, value]));
  return stringify(keyed, { lineWidth: 0 });
}
