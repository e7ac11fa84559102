import { isClosed } from "../config/ingress";
import { configPath } from "../config/problem";
import { AdmissionConfig, NamespaceConfig, StackConfig, WorkloadConfig } from "../config/types";
import { workloadKey } from "../ground/names";
import { SettingChange } from "./types";
import { isObject } from "../ground/objects";
import { valueChanges } from "./values";

/** Values that differ, of everything that is there before and after and that no list of its own speaks of. */
export function settingChanges(before: StackConfig, after: StackConfig): SettingChange[] {
  const changes = valueChanges(settingsOf(before, after), settingsOf(after, before));
  return changes.map(({ key, ...values }) => ({ path: key, ...values }));
}

/** Settings by their path; of namespaces and workloads, only those that the other side has too. */
function settingsOf(config: StackConfig, other: StackConfig): Map<string, unknown> {
  // Whatever section is added to the configuration is compared from its first day.
  const { namespaces, workloads, gateways, destinations, outside, allow, deny, admission, ...sections } = config;
  const settings = new Map<string, unknown>();
  Object.entries(sections).forEach(([key, section]) => addValues(settings, section, [key]));
  addValues(settings, admissionSettings(admission), ["admission"]);
  const others = new Map(other.namespaces.map((namespace) => [namespace.name, namespace]));
  for (const namespace of shared(namespaces, other.namespaces, namespaceKey)) {
    const { name, ingress, ...rest } = namespace;
    addValues(settings, rest, ["namespaces", name]);
    // Who may call is told by itself, as soon as it holds: what is written before is a setting.
    if (!isClosed(namespace) && !isClosed(others.get(name)!)) {
      addValues(settings, ingress, ["namespaces", name, "ingress"]);
    }
  }
  for (const { name, serviceAccount, selector, mode, made } of shared(workloads, other.workloads, workloadKey)) {
    addValues(settings, { ...(made ?? { existing: { serviceAccount, selector } }), mode }, ["workloads", name]);
  }
  // That nothing is refused is said of new ones too.
  const observed = ({ mode }: { mode?: string }) => mode === "observe";
  namespaces.filter(observed).forEach(({ name, mode }) => addValues(settings, { mode }, ["namespaces", name]));
  workloads.filter(observed).forEach(({ name, mode }) => addValues(settings, { mode }, ["workloads", name]));
  gateways.forEach(({ name, ...rest }) => addValues(settings, rest, ["gateways", name]));
  return settings;
}

/** What of admission says something: not in which line an exemption is, and not one that no longer holds. */
function admissionSettings({ expired: _, owners, exemptions, ...rest }: AdmissionConfig): Record<string, unknown> {
  return {
    ...rest,
    owners: Object.fromEntries(owners.map(({ workload, ...who }) => [workload, who])),
    ...(exemptions.length === 0 ? {} : { exemptions: exemptions.map(({ path: __, ...exemption }) => exemption) }),
  };
}

function namespaceKey({ name }: NamespaceConfig): string {
  return name;
}

function shared<T extends NamespaceConfig | WorkloadConfig>(items: T[], others: T[], key: (item: T) => string): T[] {
  const keys = new Set(others.map(key));
  return items.filter((item) => keys.has(key(item)));
}

/** Of an object each part by itself; a list as a whole. */
function addValues(settings: Map<string, unknown>, value: unknown, path: [string, ...string[]]): void {
  if (isObject(value)) {
    Object.entries(value).forEach(([key, part]) => addValues(settings, part, [...path, key]));
  } else if (value !== undefined) {
    settings.set(configPath(...path), value);
  }
}
