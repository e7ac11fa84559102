import { sortedUnique } from "../ground/order";
import { Presence } from "./types";

/** The names that only one side has, sorted. */
export function presences(before: string[], after: string[]): Presence[] {
  const [old, now] = [new Set(before), new Set(after)];
  return sortedUnique([...before, ...after])
    .filter((name) => old.has(name) !== now.has(name))
    .map((name) => ({ name, change: now.has(name) ? "added" : "removed" }));
}
