import { isDeepStrictEqual } from "node:util";
import { appLabels } from "../../ground/labels";
import { isObject } from "../../ground/objects";
import { sortedBy } from "../../ground/order";
import { podProblems } from "../../ground/pods/form";
import { mergeKeyOf, podTemplate, PodTemplate } from "../../ground/pods/template";
import { didYouMean, listNames } from "../../ground/suggest";
import { checkIdentityName, checkLabel, checkServiceAccount, checkServiceName } from "../kubernetes-names";
import { configPath } from "../problem";
import { existingWorkloadSchema, madeKeys, madeWorkloadSchema } from "../schema";
import { readFields, Report } from "../shape";
import { readEntries } from "../shape";
import { MadeWorkload, Mode, WorkloadConfig } from "../types";
import { reportPorts } from "./ports";

export interface Workloads {
  configs: WorkloadConfig[];
  /** Namespace by name, for every workload that the configuration mentions; undefined where it says none. */
  namespaces: Map<string, string | undefined>;
  /** Whether the key could be read: of one that is encrypted, or no set, nobody knows which workloads it has. */
  isRead: boolean;
}

/** Whether there is such a workload, as `namespace/workload`, sound or not; of workloads that could not be read any may be. */
export function isWorkload(key: string, { namespaces, isRead }: Workloads): boolean {
  const [namespace, name = ""] = key.split("/");
  // A workload without a namespace is reported where it stands.
  return !isRead || (namespaces.has(name) && `${namespaces.get(name) ?? namespace}/${name}` === key);
}

/** Every workload that says its namespace, as `namespace/workload`. */
export function workloadsSaid({ namespaces }: Workloads): string[] {
  return [...namespaces].flatMap(([name, home]) => (home === undefined ? [] : [`${home}/${name}`]));
}

export function readWorkloads(raw: unknown, namespaces: Set<string>, report: Report): Workloads {
  const workloads: Workloads = { configs: [], namespaces: new Map(), isRead: isObject(raw ?? {}) };
  for (const [name, value] of readEntries(raw, "workloads", report)) {
    const given = isObject(value) && "existing" in value ? value : undefined;
    const { namespace, config } =
      given === undefined ? readMade(name, value, report) : readExisting(name, given, report);
    workloads.namespaces.set(name, namespace);

    const problem =
      checkIdentityName(name) ??
      (config?.made === undefined || !serves(config.made) ? undefined : checkServiceName(name));
    if (problem !== undefined) {
      report({ path: configPath("workloads", name), value: name, ...problem });
    }
    if (namespace !== undefined && !namespaces.has(namespace)) {
      reportNamespace(name, namespace, namespaces, report);
    }
    if (config !== undefined) {
      workloads.configs.push(config);
    }
  }
  const configs = sortedBy(workloads.configs, ({ namespace, name }) => `${namespace}/${name}`);
  reportShared(configs, report);
  return { ...workloads, configs };
}

/** Whether a workload that is made here has a Service. */
export function serves({ port, ports }: Pick<MadeWorkload, "port" | "ports">): boolean {
  return port !== undefined || Object.keys(ports).length > 0;
}

interface Read {
  namespace?: string;
  /** Undefined for one that is out of shape. */
  config?: WorkloadConfig;
}

function readMade(name: string, value: unknown, report: Report): Read {
  const { whole, sound } = readFields(madeWorkloadSchema, value ?? {}, ["workloads", name], report);
  reportPorts(name, sound.port, sound.ports ?? {}, report);
  if (whole === undefined) {
    return { namespace: sound.namespace };
  }
  const { namespace, mode, ...made } = whole;
  const config = { name, namespace, serviceAccount: name, selector: { app: name }, ...modeOf(mode), made };
  reportPod(config, made, report);
  return { namespace, config };
}

function reportPod({ name, serviceAccount, selector }: WorkloadConfig, made: MadeWorkload, report: Report): void {
  const template = podTemplate({ name, ...made });
  for (const { path, ...problem } of podProblems({ ...template }, { serviceAccount, selector })) {
    report({ path: configPath("workloads", name, "pod", ...placeIn(made.pod, template, path)), ...problem });
  }
  for (const part of ["labels", "annotations"] as const) {
    for (const [key, value] of Object.entries(made.pod.metadata?.[part] ?? {})) {
      const problem = checkLabel(key, part === "labels" ? value : "");
      if (problem !== undefined) {
        report({ path: configPath("workloads", name, "pod", "metadata", part, key), value, ...problem });
      }
    }
  }
}

/** The place in what was written of a place in the template: entries of lists meet by their names, not their numbers. */
function placeIn(written: unknown, template: PodTemplate, path: PropertyKey[]): PropertyKey[] {
  let [from, to]: unknown[] = [template, written];
  return path.map((segment, at) => {
    const key = mergeKeyOf(path[at - 1] ?? "");
    const entry: unknown = (from as Record<PropertyKey, unknown> | undefined)?.[segment];
    const isSame = (other: unknown) =>
      isObject(entry) && isObject(other) ? other[key!] === entry[key!] : isDeepStrictEqual(other, entry);
    const index = typeof segment === "number" && key !== undefined && Array.isArray(to) ? to.findIndex(isSame) : -1;
    const place = index === -1 ? segment : index;
    from = entry;
    to = (to as Record<PropertyKey, unknown> | undefined)?.[place];
    return place;
  });
}

function readExisting(name: string, value: Record<string, unknown>, report: Report): Read {
  const made = madeKeys.filter((key) => key in value);
  for (const key of made) {
    report({
      path: configPath("workloads", name, key),
      value: value[key],
      problem: "Of a workload that exists nothing is made here",
      allowed: "namespace and existing",
      fix: `remove it; or remove ${configPath("workloads", name, "existing")}, to have the workload made here`,
    });
  }
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => !made.includes(key)));
  const { whole, sound } = readFields(existingWorkloadSchema, rest, ["workloads", name], report);
  if (whole === undefined) {
    return { namespace: sound.namespace };
  }
  const { namespace, existing, mode } = whole;
  const { serviceAccount, selector = { app: name } } = existing;
  const problem = checkServiceAccount(serviceAccount);
  if (problem !== undefined) {
    report({
      path: configPath("workloads", name, "existing", "serviceAccount"),
      value: serviceAccount,
      ...problem,
    });
  }
  reportSelector(name, selector, report);
  return { namespace, config: { name, namespace, serviceAccount, selector, ...modeOf(mode) } };
}

function modeOf(mode: Mode | undefined): Pick<WorkloadConfig, "mode"> {
  return mode === undefined ? {} : { mode };
}

function reportSelector(name: string, selector: Record<string, string>, report: Report): void {
  const path = configPath("workloads", name, "existing", "selector");
  if (Object.keys(selector).length === 0) {
    report({
      path,
      value: selector,
      problem: "Without a label every pod of the namespace would be this workload",
      allowed: "labels that exactly the workload's pods have, as {app: checkout}",
      fix: `remove it for {app: ${name}}, or write the labels of the pods`,
    });
  }
  for (const [key, value] of sortedBy(Object.entries(selector), ([label]) => label)) {
    const problem = checkLabel(key, value);
    if (problem !== undefined) {
      report({ path: configPath("workloads", name, "existing", "selector", key), value, ...problem });
    }
  }
}

/** A pod has one Sidecar and one identity: two workloads must not claim the same pods, nor be the same identity. */
function reportShared(workloads: WorkloadConfig[], report: Report): void {
  workloads.forEach((workload, index) => {
    for (const other of workloads.slice(0, index).filter(({ namespace }) => namespace === workload.namespace)) {
      // A workload that is made here takes what it has from its name: what can be changed is the other one.
      const [changed, kept] = workload.made === undefined ? [workload, other] : [other, workload];
      const at = configPath("workloads", changed.name, "existing");
      if (changed.serviceAccount === kept.serviceAccount) {
        report({
          path: `${at}.serviceAccount`,
          value: changed.serviceAccount,
          problem: `The identity is that of ${configPath("workloads", kept.name)} already, and a rule cannot tell the two apart`,
          fix: "write one workload with labels that all of its pods have, or give one of the two a ServiceAccount of its own",
        });
      }
      const [narrow, wide] = covers(kept, changed) ? [kept, changed] : [changed, kept];
      if (covers(narrow, wide)) {
        report({
          path: `${at}.selector`,
          value: changed.selector,
          problem:
            `${describeLabels(narrow.selector)} selects pods of ${wide.name}, too (${describeLabels(podLabels(wide))}): two ` +
            "Sidecars would claim them, and Istio takes either",
          fix: `add a label that tells ${changed.name} and ${kept.name} apart`,
        });
      }
    }
  });
}

/** Whether a workload's selector selects all pods of another one. */
function covers({ selector }: WorkloadConfig, other: WorkloadConfig): boolean {
  const labels = podLabels(other);
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** What is known of the labels of a workload's pods. */
function podLabels({ name, selector, made }: WorkloadConfig): Record<string, string> {
  return made === undefined ? selector : { ...appLabels(name), ...made.pod.metadata?.labels, ...selector };
}

function describeLabels(labels: Record<string, string>): string {
  return sortedBy(Object.entries(labels), ([key]) => key)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
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
