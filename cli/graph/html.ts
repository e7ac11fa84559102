import * as fs from "node:fs/promises";
import * as path from "node:path";
import { edgeFacts, Graph, graphSummary } from "../../model/graph";
import { Drawing } from "./drawing";
import { escapeMarkup, jsonForScript, selfContainedPage } from "../html";
import { legendOf } from "./legend";
import { pageItems } from "./page-data";
import { pageFolder, pageScript } from "./page-script";
import { pageColours, pageDrawingRules } from "./style";
import { drawingElements, markers } from "./svg";

/** The page of a graph: its drawing, what is told of each of its parts, and all of it as a table. */
export async function htmlPage(title: string, graph: Graph, drawing: Drawing): Promise<string> {
  const script = await pageScript();
  const css = await fs.readFile(path.join(pageFolder, "page.css"), "utf8");
  const style = [pageColours(), pageDrawingRules(), css].join("\n");
  const heading = escapeMarkup(title);
  const body = `<header>
<div class="heading-block"><h1>${heading}</h1><p>${escapeMarkup(graphSummary(graph))}</p></div>
<div class="controls">
<label class="visually-hidden" for="search">Search</label>
<input id="search" type="search" placeholder="Workload, host, owner  ( / )" autocomplete="off" spellcheck="false">
<output id="count" for="search"></output>
<button id="zoom-out" aria-label="Smaller">−</button>
<button id="zoom-in" aria-label="Larger">+</button>
<button id="fit">Fit</button>
<button id="theme"></button>
</div>
</header>
<main>
<svg id="picture" class="egress" role="group" tabindex="-1" aria-label="The picture; the table below it holds the same" data-width="${drawing.width}" data-height="${drawing.height}">
${markers}
<g class="view">
${drawingElements(drawing)}
</g>
</svg>
<aside id="panel" aria-labelledby="panel-title" hidden>
<div class="panel-head"><h2 id="panel-title"></h2><button id="panel-close" aria-label="Close">✕</button></div>
<dl id="panel-facts"></dl>
<ul id="panel-links"></ul>
</aside>
</main>
<footer>
<ul class="keys" aria-label="Legend">${legendOf(graph).map(legendItem).join("")}</ul>
<details><summary>All of it as a table</summary><div class="table">${table(graph)}</div></details>
</footer>
<script type="application/json" id="data">${jsonForScript(pageItems(graph))}</script>`;
  return selfContainedPage({ title, style, script, body });
}

function legendItem({ classes, text }: ReturnType<typeof legendOf>[number]): string {
  const line = `<svg class="egress" aria-hidden="true"><g class="${classes}"><path class="way" stroke-width="2" d="M0 5h28"/></g></svg>`;
  return `<li>${line}${text}</li>`;
}

/** Facts that make the table's columns; those that no edge has are left out. */
const columns = [
  "From",
  "To",
  "Verdict",
  "Way",
  "Protocols",
  "Owner",
  "Reason",
  "Expires",
  "Rule",
  "Hosts",
  "Calls seen",
];

/** Those of them that may take several lines. */
const prose = ["Verdict", "Way", "Reason"];

/** Every edge with all that is known of it, for those who cannot see the picture or would rather read. */
function table(graph: Graph): string {
  const rows = graph.edges.map((edge) => {
    const facts = new Map(edgeFacts(edge, graph).map(({ name, values }) => [name, values]));
    return { id: edge.id, facts };
  });
  const used = columns.filter((column) => rows.some(({ facts }) => facts.has(column)));
  const head = used.map((column) => `<th scope="col">${column}</th>`).join("");
  const body = rows.map(({ id, facts }) => {
    const cells = used.map((column) => {
      const text = (facts.get(column) ?? []).map(escapeMarkup).join("<br>");
      return column === "From"
        ? `<th scope="row"><button data-open="${escapeMarkup(id)}">${text}</button></th>`
        : `<td${prose.includes(column) ? ' class="prose"' : ""}>${text}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
}
