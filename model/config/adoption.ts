import { Guard, NamespaceConfig, StackConfig } from "./types";

/** A namespace of somebody else's that a stack guards, and what is to be done and known about it. */
export interface Adoption {
  namespace: string;
  guard: Guard;
  /** How its owners have their pods made anew, as a command; Jobs need nothing, as the next ones are new. */
  restart: string;
  /** What its owners do now, and what the stack says after that; a sentence without a full stop. */
  next: string;
  /** What is not refused as long as the guard is not `enforce`; a sentence without a full stop. */
  open?: string;
}

/** The namespaces that are somebody else's, sorted by name. */
export function adoptions({ namespaces }: Pick<StackConfig, "namespaces">): Adoption[] {
  return namespaces.filter(({ existing }) => existing).map(adoptionOf);
}

/** What is not refused in a namespace, as its guard is not `enforce`; undefined where everything is. */
export function openIn({ existing, guard, name }: NamespaceConfig): string | undefined {
  return !existing || guard === "enforce" ? undefined : open[guard](name);
}

function adoptionOf(namespace: NamespaceConfig): Adoption {
  const { name, guard } = namespace;
  const says = openIn(namespace);
  return {
    namespace: name,
    guard,
    restart: `kubectl rollout restart deployment,statefulset,daemonset --namespace ${name}`,
    next: next[guard],
    ...(says === undefined ? {} : { open: says }),
  };
}

const open: Record<Exclude<Guard, "enforce">, (name: string) => string> = {
  inject: (name) => `pods of ${name} that still run without a sidecar are refused nothing, as its guard is inject`,
  leave: (name) => `pods of ${name} that were restarted have no sidecar and are refused nothing, as its guard is leave`,
};

const next: Record<Guard, string> = {
  inject: "its owners restart their pods, which get sidecars; when all of them have one, the guard can be enforce",
  enforce:
    "pods that were there before its label, and were not restarted since, have no way out: its owners restart them",
  leave: "its owners restart their pods, which lose their sidecars; then the entry can be removed",
};
