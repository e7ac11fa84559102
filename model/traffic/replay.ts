import { isReported } from "../config/reporting";
import { StackConfig } from "../config/types";
import { explain, readCall } from "../explain";
import { Seen } from "./proposal";
import { callUrl } from "./recorded";
import { passes, Standing, standings } from "./standing";
import { CountedCall, together } from "./tally";

/** Calls that passed when they were made, and that a configuration would refuse. */
export interface BrokenCall extends Seen {
  /** A workload, or the identity that is none. */
  from: string;
  /** What was called: `https://github.com`. */
  url: string;
  /** Why it would be refused, as a sentence without a full stop. */
  because: string;
}

/** A configuration held against recorded calls. */
export interface Replay {
  /** The most frequent first. */
  broken: BrokenCall[];
  /** Calls that passed and would pass. */
  held: Seen;
  /** Those of them that pass by a rule in report mode only: they break when that is removed. */
  reported: Seen;
  /** With a base: calls that passed and that neither of the two grants; the change is not what refuses them. */
  before: Seen;
  /** Calls that were refused, and would pass. */
  opened: Seen;
}

/**
 * Which recorded calls a configuration would refuse. Those that were refused already break by nothing, and those that
 * ended before anything passed tell nothing.
 *
 * @param base what the configuration is to take the place of: only what that lets pass can break @default anything can
 */
export function replay(config: StackConfig, counted: Iterable<CountedCall>, base?: StackConfig): Replay {
  const now = standings(config);
  const was = base === undefined ? undefined : standings(base);
  const broken = new Map<string, BrokenCall>();
  const sums = {
    held: [] as CountedCall[],
    reported: [] as CountedCall[],
    before: [] as CountedCall[],
    opened: [] as CountedCall[],
  };
  for (const call of counted) {
    const standing = now(call);
    if (call.outcome === "unclear" || (standing.kind === "left" && standing.mark === "inside")) {
      continue;
    }
    const stays = passes(config, standing);
    if (call.outcome === "refused") {
      sums.opened.push(...(stays ? [call] : []));
    } else if (stays) {
      sums.held.push(call);
      sums.reported.push(...(standing.kind === "granted" && isReported(standing.rule) ? [call] : []));
    } else if (base !== undefined && was !== undefined && !passes(base, was(call))) {
      sums.before.push(call);
    } else {
      const from = standing.kind === "left" ? standing.from : standing.place.from;
      const url = callUrl(call);
      const key = `${from} ${url}`;
      const earlier = broken.get(key);
      const seen = together(earlier === undefined ? [call] : [earlier, call]);
      broken.set(key, { from, url, because: earlier?.because ?? reasonOf(config, standing, url), ...seen });
    }
  }
  return {
    broken: [...broken.values()].sort((a, b) => b.calls - a.calls),
    held: together(sums.held),
    reported: together(sums.reported),
    before: together(sums.before),
    opened: together(sums.opened),
  };
}

function reasonOf(config: StackConfig, standing: Standing, url: string): string {
  if (standing.kind === "left" && (standing.mark !== "identity" || standing.client === undefined)) {
    return standing.because;
  }
  const check = readCall(url);
  const client = standing.kind === "left" ? standing.client! : standing.place.from;
  return "problem" in check ? check.problem : explain(config, client, check.call).because;
}
