/** Prefix of this program's keys in a stack file: the project's name, from Pulumi.yaml. */
export const projectPrefix = "istio-egress:";

/** A place in the configuration, in Pulumi's own notation: `istio-egress:workloads.app-a.env["LOG.LEVEL"]`. */
export function configPath(key: string, ...segments: PropertyKey[]): string {
  return segments.reduce<string>((path, segment) => {
    if (typeof segment === "number") {
      return `${path}[${segment}]`;
    }
    const name = String(segment);
    return /^[\w-]+$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`;
  }, `${projectPrefix}${key}`);
}
