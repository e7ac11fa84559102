import { sortedBy } from "../../ground/order";
import { checkIdentityName, checkServiceName } from "../kubernetes-names";
import { configPath } from "../path";
import { workloadSchema } from "../schema";
import { readEntries, readFields, Report } from "../shape";
import { didYouMean, listNames } from "../../ground/suggest";
import { WorkloadConfig } from "../types";

export interface Workloads {
  configs: WorkloadConfig[];
  /** Namespace by name, for every workload that the configuration mentions; undefined where it says none. */
  namespaces: Map<string, string | undefined>;
}

export function readWorkloads(raw: unknown, namespaces: Set<string>, report: Report): Workloads {
  const workloads: Workloads = { configs: [], namespaces: new Map() };
  for (const [name, value] of readEntries(raw, "workloads", report)) {
    const { whole, sound } = readFields(workloadSchema, value ?? {}, ["workloads", name], report);
    workloads.namespaces.set(name, sound.namespace);

    const problem = checkIdentityName(name) ?? (sound.port === undefined ? undefined : checkServiceName(name));
    if (problem !== undefined) {
      report({ path: configPath("workloads", name), value: name, ...problem });
    }
    if (sound.namespace !== undefined && !namespaces.has(sound.namespace)) {
      reportNamespace(name, sound.namespace, namespaces, report);
    }
    if (whole !== undefined) {
      workloads.configs.push({ name, replicas: 1, env: {}, ...whole });
    }
  }
  return { ...workloads, configs: sortedBy(workloads.configs, ({ namespace, name }) => `${namespace}/${name}`) };
}

function reportNamespace(workload: string, namespace: string, namespaces: Set<string>, report: Report): void {
  report({
    path: configPath("workloads", workload, "namespace"),
    value: namespace,
    problem: "Not a configured namespace",
    allowed: listNames(namespaces),
    fix: didYouMean(namespace, namespaces) ?? `add it to ${configPath("namespaces")}`,
  });
}
