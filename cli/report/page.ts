import { placeOfRule } from "../../model/config/problem";
import { counted } from "../../model/ground/words";
import { controlSources, Evidence } from "../../model/report";
import { Graph, graphSummary, readable } from "../../model/graph";
import { drawingOf } from "../graph/layout";
import { legendOf } from "../graph/legend";
import { paperStyle } from "../graph/style";
import { drawingElements, markers } from "../graph/svg";
import { selfContainedPage } from "../html";
import { Cell } from "../matrix";
import { markOf } from "../asked";
import { matrixSummary, placeOf as placeOfCell, rowsOf } from "../matrix-table";
import { badge, code, Content, html, joined, list, markup, missing, paragraph, table } from "./markup";
import { files } from "./folder";
import { ingressSection } from "./ingress-section";
import * as parts from "./sections";
import { Section, when } from "./sections";
import { pageStyle } from "./style";

/** Edges, and nodes, that are drawn one by one: as many as can be read on paper. */
const mostDrawn = 60;

/** Rows of the matrix that the page holds one by one; a longer one is summed up by workload. */
const mostMatrixRows = 300;

export interface Page {
  evidence: Evidence;
  graph: Graph;
  cells: readonly Cell[];
  /** The hash of `report.json`. */
  jsonHash: string;
}

/** The report to be read and printed: one file that loads nothing and runs no script. */
export function reportPage({ evidence, graph, cells, jsonHash }: Page): string {
  const sections = [
    parts.rulesSection(evidence),
    parts.insecureSection(evidence),
    parts.destinationsSection(evidence),
    pictureSection(graph),
    matrixSection(evidence, cells),
    ingressSection(evidence),
    parts.refusedSection(evidence),
    parts.changesSection(evidence),
    parts.clusterSection(evidence),
    parts.limitsSection(evidence),
    parts.inputsSection(evidence, jsonHash),
  ];
  const style = `${pageStyle}\n${paperStyle()}`;
  return selfContainedPage({
    title: `Egress of stack ${evidence.stack}: evidence of ${evidence.made.slice(0, 10)}`,
    style,
    body: `${cover(evidence, sections)}\n${sections.map(sectionMarkup).join("\n")}`,
  });
}

function sectionMarkup({ key, title, body, across }: Section, index: number): string {
  return `<section id="${key}"${across ? ' class="across"' : ""}>
<h2><span class="number">${index + 1}</span> ${html(title)}</h2>
${body}
</section>`;
}

function cover(evidence: Evidence, sections: Section[]): string {
  const { stack, made, live, summary, controls, insecure, usage, matrix, source } = evidence;
  const plain = insecure.filter(({ kind }) => kind === "plain").length;
  const numbers: [value: string, what: string, note: Content][] = [
    [
      summary.rules.toLocaleString("en"),
      "rules",
      note(
        summary.withoutOwner + summary.withoutReason === 0,
        "each with owner and reason",
        `${summary.withoutOwner} without owner, ${summary.withoutReason} without reason`,
      ),
    ],
    [
      summary.hosts.toLocaleString("en"),
      "hosts that rules may open",
      `in ${counted(summary.destinations, "destination")}, behind ${counted(summary.gateways, "gateway")}`,
    ],
    [
      summary.workloads.toLocaleString("en"),
      "guarded workloads",
      matrix.observe > 0
        ? missing("some are observed: refused nothing")
        : matrix.report > 0
          ? missing("some by rules in report mode")
          : "each by its identity",
    ],
    [
      plain.toLocaleString("en"),
      "ways by plain HTTP",
      note(plain === 0, "every way is TLS, or not known", "anybody on the way can read them"),
    ],
    [
      matrix.deny.toLocaleString("en"),
      `of ${matrix.calls.toLocaleString("en")} calls are refused`,
      matrix.asked
        ? note(
            matrix.disagree === 0,
            matrix.unasked === 0 ? "the mesh agrees on every one" : "the mesh agrees on every one that was asked",
            `the mesh disagrees on ${matrix.disagree}`,
          )
        : "by the rules; the mesh was not asked",
    ],
    [
      `${summary.reviewed.toLocaleString("en")} of ${summary.rules.toLocaleString("en")}`,
      "reviewed within six months",
      usage === null
        ? "no record of use was read"
        : `${evidence.rules.filter(({ use }) => use?.calls === 0).length} not used`,
    ],
  ];
  const position = new Map(sections.map(({ key, title }, index) => [key, { number: index + 1, title }]));
  return `<header>
<p class="kicker">Egress evidence</p>
<h1>Stack ${html(stack)}</h1>
<p class="made">Made ${html(when(made))} UTC from ${html(evidence.inputs[0]?.name ?? "")}${source === null ? "" : ` at ${html(code(source.commit.slice(0, 12)))}`}, ${live ? "and from the live cluster" : "without the cluster"}.</p>
</header>
<dl class="numbers">${numbers.map(([value, what, words]) => `<div><dt>${html(what)}</dt><dd class="value">${html(value)}</dd><dd class="note">${html(words)}</dd></div>`).join("")}</dl>
<section id="controls">
<h2>Controls that it serves</h2>
${table(
  [
    { title: "Control", kind: "narrow" },
    { title: "Asks for", kind: "wide" },
    { title: "Here", kind: "narrow" },
    { title: "What is seen", kind: "wide" },
    { title: "Part", kind: "narrow" },
  ],
  controls.map(({ framework, id, about, state, says, sections: keys }) => [
    markup(`<span class="quiet framework">${html(framework)}</span><br><strong>${html(id)}</strong>`),
    about,
    badge(state === "shown" ? "good" : state === "open" ? "look" : "unknown", state),
    says,
    joined(
      keys.map((key) => markup(`<a href="#${key}">${position.get(key)!.number}</a>`)),
      " ",
    ),
  ]),
)}
${paragraph("What a control asks for is said in our own words. “Open” is for somebody to judge or to mend; whether a control is met, an assessor says.", "quiet")}
${list(
  Object.entries(controlSources).map(([name, source]) => `${name}: ${source}`),
  "quiet",
)}
</section>`;
}

function note(isGood: boolean, good: string, bad: string): Content {
  return isGood ? good : missing(bad);
}

function pictureSection(whole: Graph): Section {
  const graph = readable(whole, mostDrawn);
  const drawing = drawingOf(graph);
  const legend = legendOf(graph).map(
    ({ classes, text }) =>
      `<li><svg class="egress" width="28" height="10" aria-hidden="true"><g class="${classes}"><path class="way" stroke-width="2" d="M0 5h28"/></g></svg> ${html(text)}</li>`,
  );
  return {
    key: "picture",
    title: "Data flow",
    across: true,
    body: [
      paragraph(
        `From workloads, through the rules in their gateways, to what is called, and who may call guarded pods: ${graphSummary(graph)}.`,
      ),
      `<ul class="legend">${legend.join("")}</ul>`,
      `<svg class="egress picture" viewBox="0 0 ${Math.ceil(drawing.width)} ${Math.ceil(drawing.height)}" width="${Math.ceil(drawing.width)}" role="img" aria-label="${html(graphSummary(graph))}">\n${markers}\n${drawingElements(drawing)}\n</svg>`,
      ...(graph === whole
        ? []
        : [
            paragraph(
              joined(
                ["Every way by itself is in the list of rules; more of it is drawn in ", code(files.picture), "."],
                "",
              ),
              "quiet",
            ),
          ]),
    ].join("\n"),
  };
}

function matrixSection({ matrix }: Evidence, cells: readonly Cell[]): Section {
  const rows = rowsOf(cells);
  const wrong = rows.filter((row) => row.some(({ ok }) => ok === false));
  const shown = rows.length <= mostMatrixRows ? rows : wrong;
  return {
    key: "matrix",
    title: matrix.asked ? "Matrix, asked of the mesh" : "Matrix, as the rules say",
    body: [
      paragraph(matrixSummary(cells)),
      ...(matrix.notAsked === null ? [] : [paragraph(missing(matrix.notAsked))]),
      ...(rows.length <= mostMatrixRows ? [] : [sums(matrix)]),
      ...(shown.length === 0
        ? []
        : parts.capped(
            [{ title: "From" }, { title: "Host" }, { title: "Calls", kind: "wide" }, { title: "Rule" }],
            shown.map((row) => [
              code(row[0]!.verdict.from),
              code(placeOfCell(row[0]!)),
              joined(row.map(cellText), matrix.asked ? "<br>" : " &ensp;"),
              joined(row.slice(0, 1).map(ruleText)),
            ]),
            `${files.matrix} has them all`,
          )),
      paragraph(joined(["Every call is in ", code(files.matrix), "."], ""), "quiet"),
    ].join("\n"),
  };
}

function sums({ byWorkload, asked, report, observe }: Evidence["matrix"]): string {
  return parts
    .capped(
      [
        { title: "From" },
        { title: "Allowed", kind: "number" },
        ...(report > 0 ? [{ title: "Reported", kind: "number" } as const] : []),
        ...(observe > 0 ? [{ title: "Observed", kind: "number" } as const] : []),
        { title: "Denied", kind: "number" },
        ...(asked ? [{ title: "Mesh disagrees", kind: "number" } as const] : []),
      ],
      byWorkload.map(({ from, allow, report: reported, observe: observed, deny, disagree }) => [
        code(from),
        allow.toLocaleString("en"),
        ...(report > 0 ? [reported.toLocaleString("en")] : []),
        ...(observe > 0 ? [observed.toLocaleString("en")] : []),
        deny.toLocaleString("en"),
        ...(asked ? [disagree] : []),
      ]),
      `${files.matrix} has every call`,
    )
    .join("\n");
}

function cellText({ verdict: { protocol, expected }, seen, ok }: Cell): Content {
  const kind =
    ok === false
      ? "bad"
      : expected === "allow"
        ? "good"
        : ["report", "observe"].includes(expected)
          ? "look"
          : "unknown";
  return joined([`${protocol} `, badge(kind, expected), seen === null ? "" : ` ${markOf(ok)} ${seen}`], "");
}

function ruleText({ verdict: { rule } }: Cell): Content {
  return rule === undefined
    ? ""
    : joined([code(placeOfRule(rule.path)), ...(rule.owner === undefined ? [] : [rule.owner])]);
}
