/** `namespace/name`, the form in which rules name a workload. */
export function workloadKey({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}

/** `namespace/*`, the form in which rules name every ServiceAccount of a namespace. */
export function namespaceKey(namespace: string): string {
  return `${namespace}/*`;
}

/** The namespace of a client that a rule names in either form. */
export function namespaceOf(key: string): string {
  return key.slice(0, key.indexOf("/"));
}
