import MarkdownIt from "markdown-it";
import { Directives, holdsDirective, readDirectives } from "./directives";
import { findVarying } from "./kinds";
import { Problem, Step, WalkthroughError } from "./step";
import { isPrompt, readTranscript } from "./transcript";

type Token = ReturnType<MarkdownIt["parse"]>[number];
type Complain = (line: number, text: string) => void;

/** Seconds in which a command has to end where the document says nothing else. */
const defaultLimit = 120;

/** The language of the blocks that are run. */
const transcript = "console";

/** Languages of blocks that a reader would run by hand, and nobody would notice when they no longer work. */
const shells = ["sh", "bash", "zsh", "ksh", "fish", "shell", "shellsession", "shell-session", "sh-session", "terminal"];

export interface ReadingOptions {
  /** The document's name, for reports. @default `walkthrough` */
  document?: string;
  /** Outputs are still to be written, so a kind that varies need not be in them yet. @default false */
  outputsToCome?: boolean;
}

/** A block of the document, and the HTML right before it. */
interface Block {
  token?: Token;
  html: string;
  /** Line of the HTML, or of the block where there is none, counted from 0 as all lines here. */
  line: number;
}

/**
 * The commands of a document, in their order: those in its fenced blocks of the language `console`.
 * @throws WalkthroughError that names everything in the document that cannot be run as it stands
 */
export function readWalkthrough(markdown: string, options: ReadingOptions = {}): Step[] {
  const { document = "walkthrough", outputsToCome = false } = options;
  const lines = markdown.split("\n");
  const problems: Problem[] = [];
  const complain: Complain = (line, text) => void problems.push({ line: line + 1, text });
  const steps: Step[] = [];
  for (const { token, html, line } of blocksOf(markdown)) {
    if (token?.type === "fence" && languageOf(token) === transcript) {
      const directives = readDirectives(html, (text) => complain(line, text));
      const found = readBlock(token, lines, directives, complain);
      if (!outputsToCome) complainOfUnused(found, directives, (text) => complain(line, text));
      steps.push(...found);
    } else {
      complainOfLost(token, html, (text) => complain(line, text));
    }
  }
  if (steps.length === 0 && problems.length === 0) {
    complain(0, `there is no ${transcript} block, so nothing of the document would be run.`);
  }
  if (problems.length > 0) throw new WalkthroughError(document, problems);
  return steps;
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let html: { text: string; line: number } | undefined;
  for (const token of new MarkdownIt({ html: true }).parse(markdown, {})) {
    const line = token.map?.[0] ?? 0;
    if (token.type === "html_block") {
      html = { text: `${html?.text ?? ""}${token.content}`, line: html?.line ?? line };
      continue;
    }
    blocks.push({ token, html: html?.text ?? "", line: html?.line ?? line });
    html = undefined;
  }
  return html === undefined ? blocks : [...blocks, { html: html.text, line: html.line }];
}

function languageOf({ info }: Token): string {
  return info.trim().split(/\s/)[0]!.toLowerCase();
}

function readBlock(token: Token, lines: string[], directives: Directives, complain: Complain): Step[] {
  const [opening, end] = token.map!;
  const first = opening + 1;
  const indent = /^(.*?)(?:`{3,}|~{3,})/.exec(lines[opening]!)![1]!.replace(/[^>\s]/g, " ");
  if (end - 1 === opening || !/^[>\s]*(`{3,}|~{3,})\s*$/.test(lines[end - 1]!)) {
    complain(opening, "the block is not closed.");
  }
  const content = token.content.split("\n").slice(0, -1);
  const entries = readTranscript(content, (line, text) => complain(first + line, text));
  const { exit = entries.map(() => 0), varies = [], limit = defaultLimit, within } = directives;
  if (exit.length !== entries.length) {
    complain(opening, `exit: ${exit.length} codes for ${entries.length} commands. Give one for each, as in "0, 1".`);
  }
  if (within !== undefined && entries.length > 1) {
    complain(opening, `within: ${entries.length} commands stand in the block, and only one can be repeated.`);
  }
  return entries.map(({ line, command, output, outputFrom }, index) => ({
    line: first + line + 1,
    command,
    ...(output.length > 0 ? { expected: output } : {}),
    place: { from: first + outputFrom, to: first + outputFrom + output.length },
    indent,
    exit: exit[index] ?? 0,
    varying: varies,
    limit,
    ...(within === undefined ? {} : { within }),
  }));
}

function complainOfUnused(steps: Step[], { varies = [] }: Directives, complain: (text: string) => void): void {
  const shown = steps.flatMap(({ expected = [] }) => expected);
  const used = shown.flatMap((line) => findVarying(line, varies).map(({ kind }) => kind));
  for (const kind of varies.filter((each) => !used.includes(each))) {
    complain(`varies: no output of the block holds a ${kind}. Take it out of the comment.`);
  }
}

/** Complains of whatever looks as if it would be run, or as if it would say how, and is not. */
function complainOfLost(token: Token | undefined, html: string, complain: (text: string) => void): void {
  if (holdsDirective(html)) {
    complain(`${html.trim()} stands before no ${transcript} block, and says something only of these.`);
  }
  const inText = token?.children?.filter(({ type }) => type === "html_inline").map(({ content }) => content) ?? [];
  if (inText.some(holdsDirective)) {
    complain(`a comment on a block stands by itself on the line before the block, not in a text.`);
  }
  if (token?.type !== "fence" && token?.type !== "code_block") return;
  if (shells.includes(languageOf(token))) {
    complain(
      `a block of the language ${languageOf(token)} is not run. Make it ${transcript}, with "$ " before commands.`,
    );
  } else if (token.content.split("\n").some(isPrompt)) {
    complain(`a block with commands is not run unless its language is ${transcript}.`);
  }
}
