const managedBy = { "app.kubernetes.io/managed-by": "pulumi" };

/** Labels of an application's objects: the two by which people and Istio name it, and who made it. */
export function appLabels(name: string): Record<string, string> {
  return { app: name, "app.kubernetes.io/name": name, ...managedBy };
}

/** Labels that say how a namespace's pods are injected, and so whether they are guarded; and who made it. */
export const ownNamespaceLabels: readonly string[] = [
  "istio-injection",
  "istio.io/rev",
  "istio.io/dataplane-mode",
  "app.kubernetes.io/managed-by",
];

/** Labels of objects that belong to no application. */
export function commonLabels(): Record<string, string> {
  return { ...managedBy };
}
