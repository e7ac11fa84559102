import { BrokenCall, Replay } from "../../model/traffic";
import { code, plain } from "../diff/markdown";
import { printable } from "../logs/text";
import { timeText } from "./learnt";
import { counted } from "../../model/ground/words";

/** Sentences on calls that would be refused; `--json` has all. */
const mostSentences = 50;

export interface Replayed {
  stack: string;
  replay: Replay;
  /** With what the stack was compared. */
  base?: string;
}

/** A sentence for each place that would be refused, and one on the rest. */
export function replayText({ stack, replay, base }: Replayed): string {
  const subject = base === undefined ? `The stack ${stack}` : "This change";
  const { broken } = replay;
  return [
    ...broken.slice(0, mostSentences).map((call) => `${subject} would refuse ${brokenText(call)}.`),
    ...(broken.length > mostSentences ? [`… and ${broken.length - mostSentences} more: --json has all of them.`] : []),
    ...(broken.length === 0 ? [`${subject} would refuse no call that passed.`] : []),
    restText(replay, base),
  ].join("\n");
}

function brokenText(call: BrokenCall): string {
  const last = call.last === undefined ? "" : `, last on ${timeText(call.last)}`;
  return printable(`${counted(call.calls, "call")} that ${call.from} made to ${call.url}${last}: ${call.because}`);
}

function restText({ held, reported, before, opened }: Replay, base: string | undefined): string {
  return [
    `${counted(held.calls, "recorded call")} would pass as before`,
    ...(reported.calls > 0
      ? [
          `${reported.calls} of them by rules in report mode only, and would be refused when these are removed: mode: enforce keeps them`,
        ]
      : []),
    ...(opened.calls > 0
      ? [`${counted(opened.calls, "call")} that ${opened.calls === 1 ? "was" : "were"} refused would pass`]
      : []),
    ...(before.calls > 0
      ? [
          `${counted(before.calls, "call")} that passed once ${before.calls === 1 ? "is" : "are"} granted by ${base} no more either`,
        ]
      : []),
  ]
    .join("; ")
    .concat(".");
}

/** The same as a part of a comment on a pull request, in GitHub's Markdown. */
export function replayMarkdown({ stack, replay, base }: Replayed): string {
  const { broken } = replay;
  const rows = broken.slice(0, mostSentences).map(({ from, url, calls, last, because }) => {
    return `| ${[code(from), code(url), `${calls}`, timeText(last), plain(printable(because))].join(" | ")} |`;
  });
  return [
    `### ${code(stack)}, held against recorded calls`,
    ...(broken.length === 0
      ? ["No call that passed would be refused."]
      : [
          `> [!CAUTION]\n> This change would refuse calls that are made: ${counted(
            broken.reduce((sum, { calls }) => sum + calls, 0),
            "recorded call",
          )}.`,
          ["| workload | call | times | last | why |", "| --- | --- | --- | --- | --- |", ...rows].join("\n"),
        ]),
    ...(broken.length > mostSentences ? [`And ${broken.length - mostSentences} more.`] : []),
    restText(replay, base),
  ].join("\n\n");
}
