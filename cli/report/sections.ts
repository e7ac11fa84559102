import { placeOfRule } from "../../model/config/problem";
import { linesOf } from "../../model/config/traits/told";
import { groupedBy } from "../../model/ground/order";
import { counted } from "../../model/ground/words";
import { timeText } from "../traffic/learnt";
import { Evidence } from "../../model/report";
import { badge, code, Column, Content, html, joined, list, markup, missing, paragraph, table } from "./markup";
import { files } from "./folder";

/** A part of the page, by the key of `report.json` that it shows. */
export interface Section {
  key: string;
  title: string;
  body: string;
  /** Printed on pages of its own, across. */
  across?: true;
}

/** Rows of a table that the page holds; `report.json` and `matrix.csv` have all. */
const mostRows = 2000;

/** Rules up to which no table of owners is needed to see who answers for them. */
const fewRules = 25;

/** The parts of a page in their order, but for the picture's and the matrix's. */
export function rulesSection(evidence: Evidence): Section {
  const { rules, expired, usage, denied } = evidence;
  const columns: Column[] = [
    { title: "Rule", kind: "narrow" },
    { title: "From → to" },
    { title: "Ways", kind: "narrow" },
    { title: "Owner and reason", kind: "wide" },
    { title: "Last day", kind: "narrow" },
    { title: "Reviewed", kind: "narrow" },
    ...(usage === null ? [] : [{ title: "Last use", kind: "narrow" } as const]),
  ];
  const rows = rules.map((rule): Content[] => [
    joined([code(placeOfRule(rule.rule)), ...(rule.mode === "report" ? [badge("look", "mode: report")] : [])]),
    joined([code(rule.from), markup(`→ ${html(code(rule.to))}`)]),
    joined(rule.ways),
    joined([rule.owner ?? missing("no owner"), rule.reason ?? missing("no reason given")]),
    rule.expires === null ? missing("none") : joined([rule.expires, daysText(rule.daysLeft!)]),
    rule.reviewed === null
      ? missing("not said")
      : joined([
          `${rule.reviewed} by ${rule.reviewer}`,
          ...(rule.reviewDue! <= evidence.made.slice(0, 10) ? [missing("due")] : []),
        ]),
    ...(usage === null ? [] : [useText(rule.use)]),
  ]);
  return {
    key: "rules",
    title: "Rules",
    body: [
      usage === null
        ? paragraph("No record of calls was read, so nothing is said of any rule's use (--from, or --live).")
        : paragraph(
            `Use: from ${usage.from}, ${counted(usage.calls, "call")}${period(usage)}. Calls that a test made, such as egress matrix --live, count too.`,
          ),
      ...(rules.length > fewRules ? [owners(evidence)] : []),
      ...capped(columns, rows, "report.json has them all"),
      ...(expired.length === 0
        ? []
        : [
            "<h3>Rules whose last day is over</h3>",
            paragraph("Nothing is made of them; they are in the file still."),
            table(
              [{ title: "Rule" }, { title: "From → to" }, { title: "Owner and reason" }, { title: "Ended with" }],
              expired.map(({ rule, from, to, owner, reason, expires }) => [
                code(placeOfRule(rule)),
                joined([code(from), markup(`→ ${html(code(to))}`)]),
                joined([owner ?? missing("no owner"), reason ?? missing("no reason given")]),
                expires,
              ]),
            ),
          ]),
      "<h3>What no rule may open</h3>",
      denied.length === 0 ? paragraph("Nothing is listed under deny.") : paragraph(joined(denied.map(code), ", ")),
    ].join("\n"),
  };
}

function owners({ rules, insecure, usage }: Evidence): string {
  const plain = new Set(insecure.filter(({ kind }) => kind === "plain").flatMap(({ rules: places }) => places));
  const number = (of: Evidence["rules"], test: (rule: Evidence["rules"][number]) => boolean) =>
    of.filter(test).length.toLocaleString("en");
  return table(
    [
      { title: "Owner" },
      { title: "Rules", kind: "number" },
      { title: "Without a reason", kind: "number" },
      { title: "Without a last day", kind: "number" },
      { title: "Never reviewed", kind: "number" },
      { title: "Open plain HTTP", kind: "number" },
      ...(usage === null ? [] : [{ title: "Not used", kind: "number" } as const]),
    ],
    [...groupedBy(rules, ({ owner }) => owner ?? "")]
      .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
      .map(([owner, own]) => [
        owner === "" ? missing("no owner") : owner,
        own.length.toLocaleString("en"),
        number(own, ({ reason }) => reason === null),
        number(own, ({ expires }) => expires === null),
        number(own, ({ reviewed }) => reviewed === null),
        number(own, ({ rule }) => plain.has(rule)),
        ...(usage === null ? [] : [number(own, ({ use }) => use?.calls === 0)]),
      ]),
  );
}

export function destinationsSection({ destinations }: Evidence): Section {
  return {
    key: "destinations",
    title: "Destinations",
    body: capped(
      [
        { title: "Destination", kind: "narrow" },
        { title: "Gateway", kind: "narrow" },
        { title: "Ways", kind: "narrow" },
        { title: "Rules", kind: "number" },
        { title: "Hosts", kind: "wide" },
      ],
      destinations.map(({ name, gateway, ways, rules, hosts, ...more }) => [
        code(name),
        code(gateway),
        joined(ways),
        rules.toLocaleString("en"),
        joined([
          joined(hosts.map(code), ", "),
          ...linesOf(more).map((line) => markup(`<span class="quiet">${html(line)}</span>`)),
        ]),
      ]),
      "report.json has them all",
    ).join("\n"),
  };
}

export function insecureSection({ insecure, rules, usage }: Evidence): Section {
  const byPlace = new Map(rules.map((rule) => [rule.rule, rule]));
  const rows = insecure.map(({ to, way, kind, why, instead, hosts, rules: places, use }): Content[] => [
    code(to),
    joined([
      badge(kind === "plain" ? "bad" : kind === "beside" ? "look" : "unknown", way),
      `${counted(hosts.length, "host")}`,
    ]),
    joined([why, markup(`<span class="quiet">instead: ${html(instead)}</span>`)]),
    joined([
      ...places.slice(0, 3).map((place) => {
        const { owner, reason } = byPlace.get(place)!;
        return `${owner ?? "no owner"}: ${reason ?? "no reason given"}`;
      }),
      ...(places.length > 3 ? [`and ${(places.length - 3).toLocaleString("en")} rules more`] : []),
    ]),
    ...(usage === null ? [] : [useText(use)]),
  ]);
  return {
    key: "insecure",
    title: "What is insecure, and why it is there",
    body:
      insecure.length === 0
        ? paragraph("Every way that a rule opens is TLS, by the application or by the gateway.")
        : capped(
            [
              { title: "To", kind: "narrow" },
              { title: "Way", kind: "narrow" },
              { title: "Why it is insecure", kind: "wide" },
              { title: "What for, as its rules say", kind: "wide" },
              ...(usage === null ? [] : [{ title: "Last use", kind: "narrow" } as const]),
            ],
            rows,
            "report.json has them all",
          ).join("\n"),
  };
}

export function refusedSection({ refused, usage }: Evidence): Section {
  const body =
    usage === null
      ? [paragraph("No record of calls was read.")]
      : refused.length === 0
        ? [paragraph("No refused call is in the record that was read.")]
        : capped(
            [{ title: "From" }, { title: "Call", kind: "wide" }, { title: "Calls", kind: "number" }, { title: "Last" }],
            refused.map(({ from, url, calls, last }) => [
              code(from),
              code(url),
              calls.toLocaleString("en"),
              when(last),
            ]),
            "report.json has them",
          );
  return { key: "refused", title: "Refused calls that were recorded", body: body.join("\n") };
}

export function changesSection({ changes, source }: Evidence): Section {
  const uncommitted =
    source === null || source.changed.length === 0
      ? []
      : [
          paragraph(
            joined(
              [badge("bad", "not committed"), ` ${source.changed.join(", ")} differs from what is committed.`],
              "",
            ),
          ),
        ];
  if (changes === null) {
    return {
      key: "changes",
      title: "Changes",
      body: [...uncommitted, paragraph("No revision was given to compare with (--base).")].join("\n"),
    };
  }
  const { base, baseCommit, commits, summary, sections, risks } = changes;
  return {
    key: "changes",
    title: `Changes since ${base}`,
    body: [
      ...uncommitted,
      paragraph(joined([`Since ${base} (`, code(baseCommit.slice(0, 12)), `): ${summary}`], "")),
      ...(commits.length === 0
        ? [paragraph("No commit since then changed the stack's files.")]
        : capped(
            [
              { title: "Commit", kind: "narrow" },
              { title: "Written", kind: "wide" },
              { title: "Committed, or merged", kind: "wide" },
              { title: "What", kind: "wide" },
            ],
            commits.map(({ commit, author, authored, committer, committed, merge, subject, named }) => [
              joined([code(commit.slice(0, 12)), ...(merge ? ["merge"] : [])]),
              joined([author, when(authored)]),
              joined([committer, when(committed)]),
              joined([subject, ...named]),
            ]),
            "report.json has them all",
          )),
      paragraph(
        "git knows who wrote a commit and who committed or merged it. Who approved it is known here where the commit names them.",
        "quiet",
      ),
      ...(risks.length === 0
        ? []
        : [
            "<h3>To look at</h3>",
            list(risks.slice(0, mostRows).map(({ about, risk }) => joined([code(about), `: ${risk}`], ""))),
          ]),
      ...sections.flatMap(({ title, lines }) => [
        `<h3>${html(title)}</h3>`,
        list(
          [
            ...lines.slice(0, mostRows),
            ...(lines.length > mostRows ? [`… and ${lines.length - mostRows} more, in report.json`] : []),
          ],
          "lines",
        ),
      ]),
    ].join("\n"),
  };
}

const severityBadges: Record<string, "bad" | "look" | "unknown"> = {
  "breaks-guard": "bad",
  "breaks-workload": "bad",
  unchecked: "unknown",
  warning: "look",
};

export function clusterSection({ cluster }: Evidence): Section {
  const title = "The cluster against the file";
  if (cluster === null) {
    return { key: "cluster", title, body: paragraph("The cluster was not asked (--live).") };
  }
  const { findings, passed, notChecked } = cluster;
  return {
    key: "cluster",
    title,
    body: [
      findings.length === 0
        ? paragraph("egress doctor found nothing.")
        : table(
            [
              { title: "Found", kind: "narrow" },
              { title: "Object" },
              { title: "What is wrong", kind: "wide" },
              { title: "Fix", kind: "wide" },
            ],
            findings
              .slice(0, mostRows)
              .map(({ severity, check, object, problem, evidence, fix }) => [
                joined([badge(severityBadges[severity]!, severity), check]),
                code(object),
                joined([
                  problem,
                  ...evidence.slice(0, 3).map((seen) => markup(`<span class="quiet">seen: ${html(seen)}</span>`)),
                ]),
                fix,
              ]),
          ),
      "<h3>Looked at, and as it should be</h3>",
      list(passed.map(({ check, promise }) => joined([code(check), `: ${promise}`], ""))),
      ...(notChecked.length === 0
        ? []
        : [
            "<h3>Not looked at</h3>",
            list(
              notChecked.map(({ check, promise, needs }) =>
                joined([code(check), `: ${promise} (needs ${needs.join(", ")})`], ""),
              ),
            ),
          ]),
    ].join("\n"),
  };
}

export function limitsSection({ limits }: Evidence): Section {
  return { key: "limits", title: "What is not held, or not shown", body: list(limits) };
}

export function inputsSection({ inputs, source, matrix, picture }: Evidence, jsonHash: string): Section {
  const hashes = [...inputs, { name: files.json, sha256: jsonHash }, matrix.file, picture];
  return {
    key: "inputs",
    title: "What it was made from, and hashes",
    body: [
      source === null
        ? paragraph("The stack's file is in no git repository, or git is not installed.")
        : paragraph(joined(["Checked out: ", code(source.commit)], "")),
      table(
        [{ title: "File" }, { title: "SHA-256", kind: "wide" }],
        hashes.map(({ name, sha256 }) => [code(name), markup(`<code class="hash">${html(sha256)}</code>`)]),
      ),
      paragraph(
        joined(
          ["This page's own hash is in ", code(files.sums), ": sha256sum --check checks all files of the report."],
          "",
        ),
      ),
    ].join("\n"),
  };
}

/** A table, or of a long one its beginning and where the rest is. */
export function capped(columns: readonly Column[], rows: readonly Content[][], rest: string): string[] {
  return [
    table(columns, rows.slice(0, mostRows)),
    ...(rows.length > mostRows
      ? [paragraph(`… and ${(rows.length - mostRows).toLocaleString("en")} more: ${rest}.`)]
      : []),
  ];
}

function useText(use: Evidence["rules"][number]["use"]): Content {
  return use === null
    ? "not known"
    : use.calls === 0
      ? missing("not used")
      : joined([when(use.last), counted(use.calls, "call")]);
}

function period({ first, last }: NonNullable<Evidence["usage"]>): string {
  return first === null ? "" : `, ${when(first)} to ${when(last)}`;
}

function daysText(days: number): Content {
  return days <= 14
    ? missing(days === 0 ? "ends today" : `${counted(days, "day")} left`)
    : `${counted(days, "day")} left`;
}

export function when(time: string | null): string {
  return time === null ? "unknown" : timeText(Date.parse(time));
}
