import { edgeWords, Graph, graphSummary } from "../../model/graph";
import { seenOn, sizes, stripe, takenToTheRight } from "./boxes";
import { DrawnEdge, DrawnFrame, DrawnNode, Drawing, Line } from "./drawing";
import { capital } from "../../model/ground/words";
import { escapeMarkup } from "../html";
import { frameLabel } from "./frames";
import { classesOf, colourOf, legendOf, lineColours } from "./legend";
import { fitted, fonts, textWidth } from "./measure";
import { standaloneStyle } from "./style";

/** Above the picture for its title, and below it for the legend, px. */
const head = 66;
const foot = 40;

/** A picture that stands by itself: its style is inside, its text can be selected, and it runs no script. */
export function svgFile(title: string, graph: Graph, drawing: Drawing): string {
  const legend = legendElement(graph, drawing.height + head);
  const texts = [textWidth(title, fonts.heading), textWidth(graphSummary(graph), fonts.prose)];
  const width = Math.ceil(Math.max(drawing.width, legend.width, ...texts.map((text) => text + 2 * sizes.margin)));
  const height = drawing.height + head + foot;
  return `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" class="egress" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title summary">
<title id="title">${escapeMarkup(title)}</title>
<desc id="summary">${escapeMarkup(graphSummary(graph))}</desc>
<style>${standaloneStyle()}</style>
${markers}
<rect class="paper" width="${width}" height="${height}"/>
<text class="heading" x="${sizes.margin}" y="40">${escapeMarkup(title)}</text>
<text class="summary" x="${sizes.margin}" y="62">${escapeMarkup(capital(graphSummary(graph)))}</text>
<g transform="translate(0 ${head})">
${drawingElements(drawing)}
</g>
${legend.element}
</svg>
`;
}

/** Arrows' heads, one for each colour; they are found by these ids. */
export const markers = `<defs>${lineColours
  .map(
    (kind) =>
      `<marker id="arrow-${kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="arrow-${kind}" d="M0 1 10 5 0 9z"/></marker>`,
  )
  .join("")}</defs>`;

/** All that is drawn, to be put into an svg element of the class `egress`; what can be pointed at has a `data-id`. */
export function drawingElements({ frames, nodes, edges, notes }: Drawing): string {
  return [
    ...frames.map(frameElement),
    ...notes.map(({ x, y, text }) => `<text class="note" x="${x + 2}" y="${y + 22}">${escapeMarkup(text)}</text>`),
    ...edges.map(edgeElement),
    ...nodes.map(nodeElement),
  ].join("\n");
}

function frameElement({ x, y, width, height, frame }: DrawnFrame): string {
  const { word, title, id } = frame;
  const taken = word === undefined ? 0 : textWidth(`${word} `, fonts.prose);
  const shown = escapeMarkup(fitted(title, fonts.name, width - 2 * sizes.inset - taken));
  const label = word === undefined ? shown : `${word} <tspan class="named">${shown}</tspan>`;
  const open = word === "gateway" ? `<g class="frame gateway" data-id="${escapeMarkup(id)}">` : `<g class="frame">`;
  return (
    `${open}<title>${escapeMarkup(frameLabel(frame))}</title>` +
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10"/>` +
    `<text x="${x + sizes.inset}" y="${y + 22}">${label}</text></g>`
  );
}

function nodeElement({ x, y, width, height, node, lines }: DrawnNode): string {
  const left = x + sizes.inset;
  const name = fitted(node.name, fonts.name, width - 2 * sizes.inset);
  const rest = lines.map((line, index) => {
    const at = y + sizes.box + sizes.line * index + 6;
    return `<text class="line" x="${left}" y="${at}">${escapeMarkup(line)}</text>`;
  });
  return (
    `<g class="node ${node.kind}" data-id="${escapeMarkup(node.id)}"><title>${escapeMarkup(node.name)}</title>` +
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="7"/>` +
    `<text class="name" x="${left}" y="${y + 23}">${escapeMarkup(name)}</text>${rest.join("")}</g>`
  );
}

function edgeElement(drawn: DrawnEdge): string {
  const { x, y, width, height, edge } = drawn;
  const words = edgeWords(edge);
  const taken = takenToTheRight(edge);
  const thick = thickness(drawn);
  const left = x + sizes.inset + stripe;
  const right = x + width - sizes.inset;
  const title = fitted(words.title, fonts.strong, right - left - taken.title);
  const detail = fitted(words.detail, fonts.prose, right - left - taken.detail);
  const seen = seenOn(edge).map(({ text, kind }) => `<tspan class="${kind}">${text}</tspan>`);
  // What was refused does not arrive.
  const arrow = edge.kind === "refused" ? "" : ` marker-end="url(#arrow-${colourOf(edge)})"`;
  const missing = (key: "owner" | "reason") => (edge.rule && edge.rule[key] === undefined ? " missing" : "");
  return [
    `<g class="edge ${classesOf(edge)}" data-id="${escapeMarkup(edge.id)}">`,
    `<title>${escapeMarkup(`${words.title}: ${words.detail}`)}</title>`,
    `<path class="way" stroke-width="${thick}" d="${curve(drawn.in)}"/>`,
    `<path class="way out" stroke-width="${thick}" d="${curve(drawn.out)}"${arrow}/>`,
    `<rect class="row" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`,
    `<rect class="stripe" x="${x}" y="${y + 8}" width="${stripe}" height="${height - 16}" rx="2"/>`,
    `<text class="title${missing("owner")}" x="${left}" y="${y + 19}">${escapeMarkup(title)}</text>`,
    `<text class="how" x="${right}" y="${y + 19}" text-anchor="end">${escapeMarkup(words.how)}</text>`,
    `<text class="detail${missing("reason")}" x="${left}" y="${y + 37}">${escapeMarkup(detail)}</text>`,
    ...(seen.length === 0
      ? []
      : [`<text class="seen" x="${right}" y="${y + 37}" text-anchor="end">${seen.join("  ")}</text>`]),
    ...(edge.kind === "refused" ? [crossElement(drawn)] : []),
    "</g>",
  ].join("");
}

/** Where refused calls end. */
function crossElement({ out }: DrawnEdge): string {
  const { x, y } = { x: out.from.x + 12, y: out.from.y };
  return `<path class="cross" d="M${x - 5} ${y - 5} ${x + 5} ${y + 5}M${x + 5} ${y - 5} ${x - 5} ${y + 5}"/>`;
}

/** Ten times the calls, a little thicker. px */
function thickness({ edge: { counts } }: DrawnEdge): number {
  const calls = (counts?.allowed ?? 0) + (counts?.denied ?? 0);
  return Math.round((1.6 + Math.log10(1 + calls)) * 10) / 10;
}

function curve({ from, to }: Line): string {
  const bend = Math.round((to.x - from.x) / 2);
  const [y1, y2] = [Math.round(from.y * 10) / 10, Math.round(to.y * 10) / 10];
  return `M${from.x} ${y1}C${from.x + bend} ${y1} ${to.x - bend} ${y2} ${to.x} ${y2}`;
}

function legendElement(graph: Graph, y: number): { element: string; width: number } {
  let x: number = sizes.margin;
  const entries = legendOf(graph).map(({ classes, text }) => {
    const line = `<path class="way" stroke-width="2" d="M${x} ${y + 6}h28"/>`;
    const entry = `<g class="${classes}">${line}</g><text x="${x + 36}" y="${y + 10}">${text}</text>`;
    x += 36 + textWidth(text, fonts.prose) + 28;
    return entry;
  });
  return { element: `<g class="legend">${entries.join("")}</g>`, width: x };
}
