import { denials, denyText } from "../config/denied";
import { DenyEntry, StackConfig } from "../config/types";
import { presences } from "./presences";
import { DenyChange } from "./types";

/** The entries of `deny` that only one side has, by name. */
export function denyChanges(before: StackConfig, after: StackConfig): DenyChange[] {
  const entries = new Map([...before.deny, ...after.deny].map((entry) => [denyText(entry), entry]));
  const [old, now] = [denials(before.deny), denials(after.deny)];
  return presences(before.deny.map(denyText), after.deny.map(denyText)).map((presence) => {
    const entry = entries.get(presence.name)!;
    const others = (presence.change === "added" ? old : now)(entry.host);
    return { ...presence, ...entry, elsewhere: coverage(entry, others) };
  });
}

/** What of an entry others deny, each of which holds its host. */
function coverage({ below }: DenyEntry, others: readonly DenyEntry[]): DenyChange["elsewhere"] {
  if (others.length === 0) {
    return "nothing";
  }
  return !below || others.some((other) => other.below) ? "all" : "host";
}
