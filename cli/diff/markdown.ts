import { sentence } from "../../model/ground/words";
import { GrantGroup, groupGrants, Presence, StackDiff } from "../../model/diff";
import { Comparison, isDifferent } from "./compare";
import { diffPicture } from "./picture";
import {
  beside,
  describeCaller,
  describeConditions,
  describeProtocols,
  describeSetting,
  summarize,
  verbOf,
  verbOfCaller,
} from "./words";

/** Stands first in the text, unseen, so that a bot finds its own comment again and edits it in place. */
export const commentMarker = "<!-- istio-egress: diff -->";

/** Hosts that a line names one by one; `egress diff` itself has them all. */
const mostHosts = 20;

/** Comparisons as a comment on a pull request, in GitHub's Markdown. */
export function diffMarkdown(comparisons: Comparison[]): string {
  const same = comparisons.filter((comparison) => !isDifferent(comparison)).map(({ title }) => code(title));
  return [
    commentMarker,
    "## Who gains and who loses what",
    ...comparisons.filter(isDifferent).map(comparisonMarkdown),
    ...(same.length === 0 ? [] : [`No difference that matters in ${same.join(", ")}.`]),
    ...(comparisons.length === 0 ? ["There is no stack."] : []),
  ].join("\n\n");
}

function comparisonMarkdown(comparison: Comparison): string {
  const { title, diff, risks, unreadable } = comparison;
  return [
    `### ${code(title)}`,
    `${sentence(summarize(comparison))}`,
    ...unreadable.map(
      ({ side, title: name, problem }) =>
        `<details><summary>The ${side} side, ${code(name)}</summary>\n\n${fence("text", problem)}\n\n</details>`,
    ),
    ...(risks.length === 0
      ? []
      : [["> [!WARNING]", ...risks.map(({ about, risk }) => `> - ${code(about)}: ${plain(risk)}`)].join("\n")]),
    ...(diff === undefined ? [] : changes(diff)),
  ].join("\n\n");
}

function changes(diff: StackDiff): string[] {
  const picture = diffPicture(diff.grants);
  return [
    ...table(["workload", "", "hosts", "protocols", "conditions"], groupGrants(diff.grants).map(grantRow)),
    ...(picture === undefined ? [] : [fence("mermaid", picture)]),
    ...table(
      ["caller", "", "guarded pods", "how"],
      diff.callers.map((change) => [
        code(change.from),
        `**${verbOfCaller(change)}**`,
        code(change.into),
        plain(describeCaller(change)),
      ]),
    ),
    ...table(
      ["what", "", ""],
      [
        ...presenceRows("denied to everybody", diff.denied),
        ...presenceRows("namespace", diff.namespaces),
        ...presenceRows("workload", diff.workloads),
      ],
    ),
    ...table(
      ["setting", "change"],
      diff.settings.map((change) => [code(change.path), plain(describeSetting(change))]),
    ),
  ];
}

function grantRow(group: GrantGroup): string[] {
  const { widens } = group;
  const rest = group.hosts.length - mostHosts;
  const hosts = group.hosts.slice(0, mostHosts).map(code).join("<br>");
  return [
    code(group.from),
    `**${verbOf(group)}**${widens === undefined ? "" : `, widens ${widens.slice(0, mostHosts).map(code).join(", ")}`}${beside(group, code)}`,
    rest > 0 ? `${hosts}<br>and ${rest} more` : hosts,
    describeProtocols(group),
    plain(describeConditions(group)),
  ];
}

function presenceRows(what: string, presences: Presence[]): string[][] {
  return presences.map(({ name, change }) => [what, `**${change}**`, code(name)]);
}

function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return rows.length === 0 ? [] : [[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")];
}

/** A name as code: nothing in it is markup, and nobody is called by it. */
export function code(text: string): string {
  return `\`${text.replace(/[`\s]+/g, " ").replaceAll("|", "\\|")}\``;
}

/** People's own words as they are written: no markup, no links, no picture, and nobody is called by them. */
export function plain(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replace(/[\\`*_{}[\]()#!|~]/g, "\\$&")
    .replaceAll("@", "@<!-- -->")
    .replaceAll("://", ":<!-- -->//");
}

/** A block whose end nothing in the text can be taken for. */
function fence(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const ticks = "`".repeat(longest + 1);
  return `${ticks}${language}\n${text}\n${ticks}`;
}
