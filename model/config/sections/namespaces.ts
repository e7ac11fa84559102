import { sortedBy } from "../../ground/order";
import { checkLabel, checkOwnNamespace } from "../kubernetes-names";
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
    return;
  }
  const problem = checkLabel(label, value);
  if (problem !== undefined) {
    report({ path, value, ...problem });
  }
}
