import { ConfigError, parseConfig } from "../../model";
import { diffStacks, isEmptyDiff, RiskNote, riskNotes, StackDiff } from "../../model/diff";
import { sortedUnique } from "../../model/ground/order";
import { stacksIn } from "../project";
import { StackFileError } from "../../model/config/file/stack";
import { atRevision } from "./revision";
import { readSide, Side } from "./side";

/** What came of comparing one pair. */
export interface Comparison {
  /** What was compared, in the user's words. */
  title: string;
  /** `added` and `removed` are stacks that one side does not have at all. */
  stack: "on both sides" | "added" | "removed";
  /** Absent when a side cannot be read. */
  diff?: StackDiff;
  risks: RiskNote[];
  /** Sides that are no sound configuration, and why, in the words of `egress check`. */
  unreadable: { side: "old" | "new"; title: string; problem: string }[];
}

/** @throws RevisionError, NoSuchStackError */
export function compareSides(before: Side, after: Side): Comparison {
  return compare(`${before.title} → ${after.title}`, before, after);
}

/**
 * Compares stacks as a revision has them with what they are now.
 *
 * @param stacks the stacks' names; with none, every stack that there is or was
 * @throws RevisionError, NoSuchStackError
 */
export function compareWithBase(revision: string, folder: string, stacks: string[]): Comparison[] {
  return atRevision(revision, folder, (oldFolder) => {
    const [was, is] = [stacksIn(oldFolder), stacksIn(folder)];
    return sortedUnique(stacks.length === 0 ? [...was, ...is] : stacks).map((stack) => {
      const before = { title: `${revision}:${stack}`, stack, folder: oldFolder };
      const after = { title: stack, stack, folder };
      const [hasBefore, hasAfter] = [was.includes(stack), is.includes(stack)];
      // A stack that neither side has is read all the same, for the error that says which there are.
      return compare(stack, hasAfter && !hasBefore ? undefined : before, hasBefore && !hasAfter ? undefined : after);
    });
  });
}

export function isDifferent({ stack, diff, unreadable }: Comparison): boolean {
  return stack !== "on both sides" || unreadable.length > 0 || (diff !== undefined && !isEmptyDiff(diff));
}

function compare(title: string, before: Side | undefined, after: Side | undefined): Comparison {
  const unreadable: Comparison["unreadable"] = [];
  const read = (side: "old" | "new", from: Side | undefined) => {
    try {
      return from === undefined ? parseConfig({}, { now: new Date(0) }) : readSide(from);
    } catch (error) {
      if (error instanceof ConfigError || error instanceof StackFileError) {
        unreadable.push({ side, title: from!.title, problem: error.message });
        return undefined;
      }
      throw error;
    }
  };
  const [old, now] = [read("old", before), read("new", after)];
  const stack = before === undefined ? "added" : after === undefined ? "removed" : "on both sides";
  if (old === undefined || now === undefined) {
    return { title, stack, risks: [], unreadable };
  }
  const diff = diffStacks(old, now);
  return {
    title,
    stack,
    diff,
    risks: stack === "removed" ? [] : riskNotes(diff, { isNew: stack === "added" }),
    unreadable,
  };
}
