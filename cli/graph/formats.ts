import * as path from "node:path";
import { Graph, mermaid, readable } from "../../model/graph";

/** What a graph can be written as, by the ending of the file. */
const formats: Record<string, (title: string, graph: Graph) => string | Promise<string>> = {
  html: async (title, whole) => {
    const graph = readable(whole);
    const [{ drawingOf }, { htmlPage }] = await Promise.all([import("./layout"), import("./html")]);
    return htmlPage(title, graph, drawingOf(graph));
  },
  svg: async (title, whole) => {
    const graph = readable(whole);
    const [{ drawingOf }, { svgFile }] = await Promise.all([import("./layout"), import("./svg")]);
    return svgFile(title, graph, drawingOf(graph));
  },
  mmd: (title, graph) => mermaid(title, readable(graph)),
};

export type Format = (typeof formats)[string];

/** The format that a file's ending asks for. @returns undefined for an ending that none has */
export function formatOf(file: string): Format | undefined {
  const ending = path.extname(file).slice(1).toLowerCase();
  return Object.hasOwn(formats, ending) ? formats[ending] : undefined;
}

/** The endings that there are, as a text lists them: `.html, .svg and .mmd`. */
export function knownEndings(): string {
  const endings = Object.keys(formats).map((ending) => `.${ending}`);
  return `${endings.slice(0, -1).join(", ")} and ${endings.at(-1)}`;
}
