import { isUtf8 } from "node:buffer";
import * as fs from "node:fs";
import { ConfigError, StackConfig } from "../../model";
import { Addition, withAdditions } from "../../model/config/file/additions";
import { RuleEnds, withEnforced } from "../../model/config/file/modes";
import { isReported } from "../../model/config/reporting";
import { StackFileError } from "../../model/config/file/stack";
import { grantsOf } from "../../model/grants";
import { Proposal } from "../../model/traffic";
import { writing } from "../out";
import { findProject } from "../project";
import { seenConfig } from "../read-stack";
import { shown } from "../shown";
import { applyErrors } from "../stack-errors";
import { readStackFile } from "../stack-file";
import { counted } from "../../model/ground/words";

/** Why a proposal is not written; the message says so, and the file is as it was. */
export class NotWrittenError extends Error {}

export interface Write {
  stack: string;
  folder: string;
  file: string;
  /** What the file said when the proposal was made. */
  text: string;
  /** What it meant. */
  config: StackConfig;
  proposal: Proposal;
  additions: Addition[];
  /** Whether rules that only report, and were used, are to be enforced. @default false */
  promote?: boolean;
}

/**
 * Adds a proposal to a stack's file: all of it or nothing.
 *
 * @returns what was done, as a sentence
 * @throws NotWrittenError, StackFileError, UnwritableError
 */
export function writeProposal(write: Write): string {
  const { stack, folder, file, text, proposal, additions, promote = false } = write;
  const name = shown(file);
  const { text: promoted, enforced } = withEnforced(
    text,
    name,
    promote ? proposal.promotions : [],
    findProject(folder),
  );
  if (additions.length === 0 && enforced.length === 0) {
    return [`Nothing is added to ${name}.`, ...offer(write, enforced)].join(" ");
  }
  const edited = additions.length === 0 ? promoted : withAdditions(promoted, name, additions, findProject(folder));
  const now = new Date();
  const after = checked(() => seenConfig(readStackFile(stack, folder, edited), now), name);
  const problems = applyErrors(after, { stack, folder, text: edited }, now);
  if (problems.length > 0) {
    throw new NotWrittenError(notGreen(name, new ConfigError(problems).message));
  }
  requireMeaning(write, after, name, enforced);
  replace(file, text, edited, name);
  const { destinations, ways, rules } = proposal;
  const parts = [
    ...(destinations.length === 0 ? [] : [counted(destinations.length, "destination")]),
    ...(ways.length === 0 ? [] : [`more ways to ${counted(ways.length, "destination")}`]),
    ...(rules.length === 0 ? [] : [counted(rules.length, "rule")]),
  ];
  return [
    ...(parts.length === 0 ? [] : [`Added to ${name}: ${parts.join(", ")}.`]),
    ...(enforced.length === 0
      ? []
      : [`Changed in ${name}: mode: enforce on ${counted(enforced.length, "rule")} that only reported.`]),
    ...offer(write, enforced),
    parts.length === 0
      ? `Look at it, and run egress check ${stack}.`
      : `Look at it, give each rule its owner and reason, and run egress check ${stack}.`,
  ].join(" ");
}

/** The one word that is still to be written, and where that can be left to the command. */
function offer({ proposal: { promotions }, promote }: Write, enforced: readonly { rule: string }[]): string[] {
  const written = new Set(enforced.map(({ rule }) => rule));
  const left = promotions.filter(({ rule }) => !written.has(rule));
  const what = `${counted(left.length, "rule")} that only report${left.length === 1 ? "s" : ""}`;
  return left.length === 0
    ? []
    : [
        promote
          ? `${what} ${left.length === 1 ? "is" : "are"} not in this file: write mode: enforce in its base.`
          : `${what} ${left.length === 1 ? "was" : "were"} used: --promote writes mode: enforce at ${left.length === 1 ? "it" : "each"}.`,
      ];
}

function checked(read: () => StackConfig, name: string): StackConfig {
  try {
    return read();
  } catch (error) {
    throw error instanceof ConfigError || error instanceof StackFileError
      ? new NotWrittenError(notGreen(name, error.message))
      : error;
  }
}

function notGreen(name: string, why: string): string {
  return `${name} is not written: egress check would not be green with it.\n\n${why}`;
}

/** What was granted is granted still, and every learnt call is: a base or a project's key may have been overruled. */
function requireMeaning(
  { config, proposal }: Write,
  after: StackConfig,
  name: string,
  enforced: readonly RuleEnds[],
): void {
  const [old, now] = [grantsOf(config), grantsOf(after)];
  const edges = new Set(now.all.map(({ client, target }) => `${client.key} ${target.name}`));
  const lost = old.all.find(({ client, target }) => !edges.has(`${client.key} ${target.name}`));
  const missed = proposal.learnt.find((call) => {
    const target = now.between(call.from, call.to)?.target;
    return target === undefined || now.way(target, call)?.port !== call.port;
  });
  const reporting = enforced.find(({ from, to }) =>
    after.allow.some((rule) => rule.from === from && rule.to === to && isReported(rule)),
  );
  if (lost === undefined && missed === undefined && reporting !== undefined) {
    throw new NotWrittenError(
      `${name} is not written: ${reporting.from} → ${reporting.to} would only report still, as the project's file or a base says it. Write mode: enforce there.`,
    );
  }
  if (lost !== undefined || missed !== undefined) {
    const what =
      lost === undefined
        ? `${missed!.from} → ${missed!.host} would not be granted`
        : `${lost.client.key} → ${lost.target.name} would be granted no longer, as the project's file or a base says it`;
    throw new NotWrittenError(`${name} is not written: ${what}. Add what is proposed by hand.`);
  }
}

/** Puts the new text in the old one's place at once, unless somebody else has written meanwhile. */
function replace(file: string, text: string, edited: string, name: string): void {
  const target = fs.realpathSync(file);
  const partial = `${target}.${process.pid}.partial`;
  writing(name, () => {
    try {
      fs.writeFileSync(partial, edited, { mode: fs.statSync(target).mode });
      const now = fs.readFileSync(target);
      if (!isUtf8(now)) {
        throw new NotWrittenError(
          `${name} is not written: it is no UTF-8, as YAML is to be, and would lose characters.`,
        );
      }
      if (now.toString("utf8") !== text) {
        throw new NotWrittenError(`${name} has changed since it was read, and is not written: run the command again.`);
      }
      fs.renameSync(partial, target);
    } catch (error) {
      fs.rmSync(partial, { force: true });
      throw error;
    }
  });
}
