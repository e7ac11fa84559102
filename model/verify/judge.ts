import { classify } from "../observation";
import { Attempt, Call, Row, Told, Twin } from "./types";

/** What a call came to: it got through, or it was refused; `unclear` could be either. */
export interface Outcome {
  seen: string;
  shows: "through" | "refused" | "unclear";
}

/** curl's exit codes, from its manual. */
const exits = {
  noSuchName: 6,
  noConnection: 7,
  timedOut: 28,
  tlsRefused: 35,
  empty: 52,
  notSent: 55,
  reset: 56,
} as const;

/** Ends of a request that a proxy has refused by ending the connection. */
const ended: readonly number[] = [exits.noConnection, exits.tlsRefused, exits.empty, exits.notSent, exits.reset];

/** How long a connection may take. Seconds. */
export const connectTimeout = 3;

/** @param unresolved whether the stack's resolver refuses names that are not granted */
export function outcomeOf({ how }: Pick<Call, "how">, told: Told, unresolved: boolean): Outcome {
  const { exitCode, status, connected } = told;
  if (exitCode === exits.noSuchName && how !== "connection") {
    return unresolved
      ? { seen: "name refused", shows: "refused" }
      : { seen: "name does not resolve", shows: "unclear" };
  }
  switch (how) {
    case "connection":
      return connected
        ? { seen: "connected", shows: "through" }
        : exitCode === exits.noConnection || exitCode === exits.timedOut
          ? { seen: "no connection", shows: "refused" }
          : { seen: `curl exit code ${exitCode}`, shows: "unclear" };
    case "raw":
      return status > 0
        ? { seen: `${status}`, shows: "through" }
        : ended.includes(exitCode)
          ? { seen: exitCode === exits.tlsRefused ? "TLS refused" : "connection closed", shows: "refused" }
          : { seen: exitCode === exits.timedOut ? "timed out" : `curl exit code ${exitCode}`, shows: "unclear" };
    default: {
      // What a sidecar answers by itself, in whatever words, has not left the pod.
      if (how === "http" && exitCode === 0 && told.fromEnvoy && !told.hasUpstreamTime && status >= 400) {
        return { seen: `${status} from the sidecar`, shows: "refused" };
      }
      const { seen, shows } = classify({ protocol: how }, told);
      return { seen, shows: shows === "allow" ? "through" : shows === "deny" ? "refused" : "unclear" };
    }
  }
}

/**
 * What is known of an attempt: only beside twins that got through does a refusal show anything.
 *
 * @param twins what came of each twin, by its id; absent where it was not made
 */
export function rowOf(
  from: string,
  { tries, layer, twins: needed }: Attempt,
  outcome: Outcome,
  twins: ReadonlyMap<string, { twin: Twin; outcome: Outcome }>,
): Row {
  const beside = needed.map((id) => twins.get(id));
  const failed = beside.find((each) => each === undefined || each.outcome.shows !== "through");
  const shown = failed ?? beside[0];
  const twin = shown === undefined ? "not made" : `${shown.twin.title}: ${shown.outcome.seen}`;
  const result =
    outcome.shows === "through"
      ? "leaked"
      : outcome.shows === "unclear" || beside.some((each) => each?.outcome.shows !== "through")
        ? "unknown"
        : "held";
  return { from, tries, layer, result, seen: outcome.seen, twin };
}
