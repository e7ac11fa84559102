import { forwardingOf } from "../ground/forwarding";
import { namespaceKey, namespaceOf, observerName, workloadKey } from "../ground/names";
import { sortedUnique } from "../ground/order";
import { meshTraits } from "./mesh-traits";
import { configPath, ConfigProblem } from "./problem";
import { StackConfig } from "./types";

/** Whom of a stack is refused nothing, because `mode: observe` says so. */
export interface Observed {
  /** Namespaces that are observed as a whole, by name, sorted. */
  namespaces: string[];
  /** Workloads that are observed in other namespaces, by `namespace/workload`, sorted. */
  workloads: string[];
  /** The namespaces with somebody who is observed, by name. */
  homes: ReadonlySet<string>;
  /** Whether nothing is refused to a workload, by `namespace/workload`. */
  has: (key: string) => boolean;
}

type Modes = Pick<StackConfig, "namespaces" | "workloads">;

/** Whoever has the whole configuration finds it resolved among its grants. */
export function observedOf({ namespaces, workloads }: Modes): Observed {
  const whole = new Set(namespaces.flatMap(({ mode, name }) => (mode === "observe" ? [name] : [])));
  const single = new Set(
    workloads.filter(({ mode, namespace }) => mode === "observe" && !whole.has(namespace)).map(workloadKey),
  );
  return {
    namespaces: sortedUnique(whole),
    workloads: sortedUnique(single),
    homes: new Set([...whole, ...[...single].map(namespaceOf)]),
    has: (key) => whole.has(namespaceOf(key)) || single.has(key),
  };
}

/** Problems of what is said about observing, over all sections. */
export function observedProblems(config: Modes & Pick<StackConfig, "mesh">): ConfigProblem[] {
  const { namespaces, workloads } = observedOf(config);
  const strict = config.workloads.filter(({ mode, namespace }) => mode === "enforce" && namespaces.includes(namespace));
  const said = [
    ...namespaces.map((name) => configPath("namespaces", name, "mode")),
    ...config.workloads
      .filter(({ mode }) => mode === "observe")
      .map(({ name }) => configPath("workloads", name, "mode")),
  ];
  return [
    ...strict.map(({ name, namespace }) => ({
      path: configPath("workloads", name, "mode"),
      value: "enforce",
      problem: `Its namespace ${namespace} is observed as a whole, with every ServiceAccount in it`,
      fix:
        `remove ${configPath("namespaces", namespace, "mode")}, and write mode: observe at each workload of ${namespace} ` +
        "that is still to be observed",
    })),
    ...(forwardingOf(meshTraits(config.mesh)).connects
      ? []
      : said.map((path) => ({
          path,
          value: "observe",
          problem: "What is observed goes out by an EnvoyFilter, and this mesh takes none",
          fix: "remove it",
        }))),
    ...(workloads.length + namespaces.length > mostObserved
      ? [
          {
            path: said[mostObserved]!,
            problem: `More than ${mostObserved} namespaces and workloads are observed at once: each is named in the gateway's listener`,
            fix: "observe a whole namespace, or fewer of them at a time",
          },
        ]
      : []),
  ];
}

/** So many namespaces and workloads are observed at once at most. */
const mostObserved = 500;

/** What an operator is to know of everybody who is observed, a sentence each, without a full stop. */
export function observedSteps(config: Modes & Pick<StackConfig, "cluster">): string[] {
  const { namespaces, workloads } = observedOf(config);
  const who = [...namespaces.map(namespaceKey), ...workloads];
  return who.length === 0
    ? []
    : [
        `${who.join(", ")}: observed, and refused nothing; calls that no rule grants go out by ${observerName}, which logs them as would be denied`,
        "names are seen of http and https, on any port; of other calls only address and port, and no rule can be learnt from these",
        "private addresses, metadata servers and the cluster's own stay refused",
        ...(config.cluster.kind === "gke"
          ? ["the cluster's firewall lets ports 80 and 443 out, and of others only those that rules grant"]
          : []),
      ];
}
