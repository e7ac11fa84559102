import { escapeMarkup } from "../html";
import { printable } from "../logs/text";

/** A piece of a page that is markup already. */
export interface Markup {
  markup: string;
}

/** A cell, or a text: markup as it is; anything else is text, as it may come from a caller or a commit. */
export type Content = Markup | string | number | null;

export function markup(text: string): Markup {
  return { markup: text };
}

export function html(content: Content): string {
  if (content !== null && typeof content === "object") {
    return content.markup;
  }
  return content === null ? "" : escapeMarkup(printable(String(content).replace(/\s+/g, " ")));
}

export function joined(contents: readonly Content[], between = "<br>"): Markup {
  return markup(contents.map(html).join(between));
}

/** Names, addresses and keys, in the type of a terminal. */
export function code(text: string | null): Markup {
  return markup(text === null ? "" : `<code>${html(text)}</code>`);
}

/** What is missing, so that it is seen. */
export function missing(text: string): Markup {
  return markup(`<span class="missing">${html(text)}</span>`);
}

/** A word that says how something is; its colour only repeats that. */
export function badge(kind: "good" | "look" | "bad" | "unknown", text: string): Markup {
  return markup(`<span class="badge ${kind}">${html(text)}</span>`);
}

export function paragraph(content: Content, kind = ""): string {
  return `<p${kind === "" ? "" : ` class="${kind}"`}>${html(content)}</p>`;
}

export interface Column {
  title: string;
  /** `number` is set to the right. */
  kind?: "number" | "narrow" | "wide";
}

/** A table whose head is repeated on each page that it is printed on. */
export function table(columns: readonly Column[], rows: readonly (readonly Content[])[]): string {
  const kinds = columns.map(({ kind }) => (kind === undefined ? "" : ` class="${kind}"`));
  const head = columns.map(({ title }, index) => `<th scope="col"${kinds[index]}>${html(title)}</th>`).join("");
  const body = rows.map(
    (cells) => `<tr>${cells.map((cell, index) => `<td${kinds[index]}>${html(cell)}</td>`).join("")}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body.join("\n")}\n</tbody></table>`;
}

export function list(items: readonly Content[], kind = ""): string {
  return `<ul${kind === "" ? "" : ` class="${kind}"`}>${items.map((item) => `<li>${html(item)}</li>`).join("\n")}</ul>`;
}
