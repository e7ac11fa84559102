import { callerText, letIn } from "../callers";
import { isClosed } from "../config/ingress";
import { NamespaceConfig, StackConfig } from "../config/types";
import { sortedUnique } from "../ground/order";
import { CallerChange, LetInChange } from "./types";
import { canonicalText } from "./values";

/** Who may open connections to guarded pods on one side only, or otherwise; guarded namespaces may on both. */
export function callerChanges(before: StackConfig, after: StackConfig): CallerChange[] {
  const [was, is] = [callersIn(before), callersIn(after)];
  return sortedUnique([...was.keys(), ...is.keys()])
    .map((key): CallerChange => {
      const [old, now] = [was.get(key), is.get(key)];
      const { into, from } = (old ?? now)!;
      return {
        ...{ into, from },
        ...(old === undefined ? {} : { before: old.how }),
        ...(now === undefined ? {} : { after: now.how }),
      };
    })
    .filter((change) => canonicalText(change.before) !== canonicalText(change.after));
}

interface LetIn {
  into: string;
  from: string;
  how: LetInChange;
}

/** What stands for whoever reaches the pods of a namespace that nothing closes. */
export const anybody = "anybody";

function callersIn({ namespaces }: StackConfig): Map<string, LetIn> {
  return new Map(
    namespaces.flatMap((namespace) =>
      callersOfNamespace(namespace).map((caller) => [`${caller.into} ${caller.from}`, caller] as const),
    ),
  );
}

function callersOfNamespace(namespace: NamespaceConfig): LetIn[] {
  const into = namespace.name;
  if (!isClosed(namespace)) {
    return [{ into, from: anybody, how: {} }];
  }
  return letIn(namespace.ingress!.from).map(({ caller, ports, reason }) => ({
    ...{ into, from: callerText(caller) },
    how: { ...(ports === undefined ? {} : { ports }), ...(reason === undefined ? {} : { reason }) },
  }));
}

/** Whether the second has ports that the first has not; every port where they are not said. */
export function hasMorePorts(before: LetInChange | undefined, after: LetInChange | undefined): boolean {
  if (before === undefined || after === undefined) {
    return after !== undefined;
  }
  const known = new Set(before.ports);
  return before.ports !== undefined && (after.ports?.some((port) => !known.has(port)) ?? true);
}
