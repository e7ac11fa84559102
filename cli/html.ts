import * as crypto from "node:crypto";

/** Text for an element or an attribute of XML or HTML. What XML has no place for shows as U+FFFD. */
export function escapeMarkup(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A value as JSON for a script element: nothing in it can end the element or begin a comment. */
export function jsonForScript(value: unknown): string {
  return JSON.stringify(value).replace(/</g, "\\u003c");
}

/** What a page is made of; the text of its title, the rest as it goes in. */
export interface PageParts {
  title: string;
  style: string;
  /** @default none */
  script?: string;
  /** Markup. */
  body: string;
}

/**
 * A page that holds everything it needs, and that may load nothing: its policy allows its own style and script, by
 * their hashes, and no address.
 */
export function selfContainedPage({ title, style, script, body }: PageParts): string {
  const policy = [
    "default-src 'none'",
    ...(script === undefined ? [] : [`script-src '${hashOf(script)}'`]),
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
${script === undefined ? "" : `<script>${script}</script>\n`}</body>
</html>
`;
}

function hashOf(text: string): string {
  return `sha256-${crypto.createHash("sha256").update(text).digest("base64")}`;
}
