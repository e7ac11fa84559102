import { sortedBy } from "../../ground/order";
import { checkOwnNamespace } from "../kubernetes-names";
import { configPath } from "../path";
import { namespaceSchema } from "../schema";
import { readEntries, readFields, Report } from "../shape";
import { NamespaceConfig } from "../types";

export interface Namespaces {
  configs: NamespaceConfig[];
  /** Every name that the configuration mentions, those with problems of their own included. */
  names: Set<string>;
}

/** Labels that say how a namespace's pods are injected, and so whether they are guarded. */
const ownLabels = ["istio-injection", "istio.io/rev", "istio.io/dataplane-mode", "app.kubernetes.io/managed-by"];

export function readNamespaces(raw: unknown, gatewayNamespace: string, report: Report): Namespaces {
  const names = new Set<string>();
  const configs: NamespaceConfig[] = [];
  for (const [name, value] of readEntries(raw, "namespaces", report)) {
    names.add(name);
    reportName(name, gatewayNamespace, report);
    // `test-app:` with nothing behind it is a namespace without further wishes.
    const { labels = {} } = readFields(namespaceSchema, value ?? {}, ["namespaces", name], report).sound;
    for (const [label, labelValue] of sortedBy(Object.entries(labels), ([key]) => key)) {
      reportLabel(name, label, labelValue, report);
    }
    configs.push({ name, labels });
  }
  return { configs: sortedBy(configs, (namespace) => namespace.name), names };
}

function reportName(name: string, gatewayNamespace: string, report: Report): void {
  const path = configPath("namespaces", name);
  const problem = checkOwnNamespace(name);
  if (problem !== undefined) {
    report({ path, value: name, ...problem });
  } else if (name === gatewayNamespace) {
    report({
      path,
      value: name,
      problem: "The egress gateway has this namespace to itself",
      fix: `choose another name, here or for ${configPath("gateway", "namespace")}`,
    });
  }
}

function reportLabel(namespace: string, label: string, value: string, report: Report): void {
  const path = configPath("namespaces", namespace, "labels", label);
  if (ownLabels.includes(label)) {
    report({ path, value, problem: "The label is set here already, to have every pod guarded", fix: "remove it" });
  } else if (!/^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/.test(label)) {
    report({ path, value, problem: "Kubernetes takes no label of this name", allowed: "as team, or example.com/team" });
  } else if (!/^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/.test(value)) {
    report({
      path,
      value,
      problem: "Kubernetes takes no such value for a label",
      allowed: "up to 63 letters, digits and, between them, hyphens, dots and underscores",
    });
  }
}
