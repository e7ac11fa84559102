import { LineColour, lineColours } from "./legend";

/** Colours by their use; each pair of text and ground has a contrast of 4.5 : 1 at least, in both sets. */
const light = {
  paper: "#fbfbfa",
  frame: "#f1f2f4",
  "frame-line": "#d8dce2",
  gateway: "#e4e8f7",
  "gateway-line": "#8c9ad6",
  box: "#ffffff",
  "box-line": "#c3c9d2",
  ink: "#1b2330",
  muted: "#566070",
  allowed: "#0f7a63",
  beside: "#97590a",
  ingress: "#2b62b8",
  open: "#99228f",
  refused: "#bf2f26",
  unruled: "#99228f",
  focus: "#1f5fd0",
} satisfies Record<LineColour, string> & Record<string, string>;

type Colour = keyof typeof light;

const dark: Record<Colour, string> = {
  paper: "#14171c",
  frame: "#1b1f26",
  "frame-line": "#333a45",
  gateway: "#20263d",
  "gateway-line": "#5a69b0",
  box: "#262b34",
  "box-line": "#454d5a",
  ink: "#e8ebf0",
  muted: "#a3acba",
  allowed: "#4cc7a9",
  beside: "#e0a456",
  ingress: "#7fb0f5",
  open: "#ec8fe3",
  refused: "#ff8a7e",
  unruled: "#ec8fe3",
  focus: "#82b1ff",
};

/** What a drawing that stands by itself carries: its colours follow what the reader's system asks for. */
export function standaloneStyle(): string {
  return `${drawingRules((name) => light[name])}@media (prefers-color-scheme: dark) {${drawingRules((name) => dark[name])}}`;
}

/** The rules of a drawing on white paper, whatever the reader's system asks for. */
export function paperStyle(): string {
  return drawingRules((name) => light[name]);
}

/** The colours as variables of a page: as the system asks for, or as its `data-theme` says. */
export function pageColours(): string {
  const variables = (colours: Record<Colour, string>) =>
    Object.entries(colours)
      .map(([name, value]) => `--${name}:${value};`)
      .join("");
  return [
    `:root{color-scheme:light;${variables(light)}}`,
    `@media (prefers-color-scheme: dark){:root:not([data-theme=light]){color-scheme:dark;${variables(dark)}}}`,
    `:root[data-theme=dark]{color-scheme:dark;${variables(dark)}}`,
  ].join("\n");
}

/** The rules of a drawing in a page that has the colours as variables. */
export function pageDrawingRules(): string {
  return drawingRules((name) => `var(--${name})`);
}

const sans = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const mono = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

function drawingRules(colour: (name: Colour) => string): string {
  return `
.egress text { font-family: ${sans}; font-size: 12px; fill: ${colour("ink")}; }
.egress .paper { fill: ${colour("paper")}; }
.egress .heading { font-size: 19px; font-weight: 650; }
.egress .summary, .egress .legend text { fill: ${colour("muted")}; }
.egress .frame rect { fill: ${colour("frame")}; stroke: ${colour("frame-line")}; }
.egress .frame.gateway rect { fill: ${colour("gateway")}; stroke: ${colour("gateway-line")}; }
.egress .frame text { fill: ${colour("muted")}; font-size: 12px; }
.egress .frame .named { font-family: ${mono}; font-size: 13px; font-weight: 600; fill: ${colour("ink")}; }
.egress .node rect, .egress .row { fill: ${colour("box")}; stroke: ${colour("box-line")}; }
.egress .node .name { font-family: ${mono}; font-size: 13px; font-weight: 600; }
.egress .node .line { font-family: ${mono}; font-size: 12px; fill: ${colour("muted")}; }
.egress .node.denied rect, .egress .node.unnamed rect { stroke: ${colour("refused")}; stroke-dasharray: 5 3; }
.egress .node.service rect { stroke: ${colour("beside")}; }
.egress .node.stranger rect { stroke: ${colour("unruled")}; stroke-dasharray: 5 3; }
.egress .note { fill: ${colour("muted")}; font-style: italic; }
.egress .title { font-size: 13px; font-weight: 600; }
.egress .how { font-size: 11px; fill: ${colour("muted")}; }
.egress .missing { fill: ${colour("muted")}; font-style: italic; font-weight: 400; }
.egress .seen { font-size: 11px; }
.egress .seen .yes { fill: ${colour("allowed")}; font-weight: 600; }
.egress .seen .no { fill: ${colour("refused")}; font-weight: 600; }
.egress .seen .none { fill: ${colour("muted")}; }
.egress .way { fill: none; }
${lineColours
  .map(
    (name) => `.egress .${name} .way, .egress .${name} .row { stroke: ${colour(name)}; }
.egress .${name} .stripe, .egress .arrow-${name} { fill: ${colour(name)}; }
`,
  )
  .join("")}.egress .refused .title { fill: ${colour("refused")}; }
.egress .unruled .title { fill: ${colour("unruled")}; }
.egress .open .title { fill: ${colour("open")}; }
.egress .refused .cross { fill: none; stroke: ${colour("refused")}; stroke-width: 2.4; }
.egress .refused .way, .egress .bypass .way { stroke-dasharray: 6 4; }
.egress .refused .out { opacity: .45; }
`;
}
