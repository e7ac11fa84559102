import { sourcesPath } from "../callers";
import { groupedBy } from "../ground/order";
import { anybody, hasMorePorts } from "./callers";
import { CallerChange, RiskNote, StackDiff } from "./types";

/** What is risky about who may call guarded pods; of a namespace that is new, only that nothing closes it. */
export function callerRisks({ callers, namespaces }: Pick<StackDiff, "callers" | "namespaces">): RiskNote[] {
  const changed = new Map(namespaces.map(({ name, change }) => [name, change]));
  const byNamespace = [...groupedBy(callers, ({ into }) => into)].map(([into, own]) => ({ into, own }));
  const isOpen = (side: "before" | "after") => (change: CallerChange) =>
    change.from === anybody && change[side] !== undefined;
  const kinds: { risk: string; is: (of: { into: string; own: CallerChange[] }) => boolean }[] = [
    {
      risk: "whoever reaches the cluster's pods may open connections to its pods, and pull data out of them",
      is: ({ own }) => own.some(isOpen("after")),
    },
    {
      risk: "more callers may open connections to its pods, and pull data out of them",
      is: ({ into, own }) =>
        !changed.has(into) &&
        !own.some((change) => change.from === anybody) &&
        own.some(({ before, after }) => hasMorePorts(before, after)),
    },
    {
      risk: "whoever else calls its pods from outside the guarded namespaces is cut off: egress doctor lists what it finds",
      is: ({ into, own }) =>
        changed.get(into) !== "removed" &&
        !own.some(isOpen("after")) &&
        own.some(({ before, after }) => hasMorePorts(after, before)),
    },
  ];
  return kinds.flatMap(({ risk, is }) => {
    const paths = byNamespace.filter(is).map(({ into }) => sourcesPath(into));
    return paths.length === 0 ? [] : [{ about: paths.join(", "), risk }];
  });
}
