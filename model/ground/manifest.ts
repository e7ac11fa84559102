/** A plain Kubernetes object, as it would be written in YAML. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

/** `Kind/namespace/name`, or `Kind/name` for an object without a namespace: stable and unique within a plan. */
export function manifestKey(manifest: Manifest): string {
  const { namespace, name } = manifest.metadata;
  return namespace === undefined ? `${manifest.kind}/${name}` : `${manifest.kind}/${namespace}/${name}`;
}
