import { Release } from "@pulumi/kubernetes/helm/v3/release";
import * as pulumi from "@pulumi/pulumi";
import { PlannedRelease } from "../model";

/** How long Helm waits for what a chart makes to become ready. Seconds. */
const timeout = 300;

/**
 * Registers one Helm release as a child of `owner`, called `owner/namespace/name`.
 *
 * A Release, not a Chart: istiod rewrites failurePolicy and caBundle of its webhooks while it runs, and only Helm's
 * own comparison, chart against chart, takes no notice of that.
 *
 * @param later its values, where they are known later than what it is called
 * @param secret whether the values hold secrets: the state and previews hide them then
 */
export function releaseResource(
  owner: pulumi.ComponentResource,
  ownerName: string,
  release: PlannedRelease,
  {
    opts,
    later,
    secret = false,
  }: { opts: pulumi.CustomResourceOptions; later?: pulumi.Output<Record<string, unknown>>; secret?: boolean },
): Release {
  const { name, namespace, chart, repository, version, values } = release;
  return new Release(
    `${ownerName}/${namespace}/${name}`,
    {
      name,
      namespace,
      chart,
      ...(repository === undefined ? {} : { repositoryOpts: { repo: repository } }),
      // A chart in a folder has the version that it has; asking for one would be a difference that never goes away.
      ...(isFolder(release) ? {} : { version }),
      values: secret ? pulumi.secret(later ?? values) : (later ?? values),
      timeout,
    },
    {
      ...opts,
      parent: owner,
      ...(secret ? { additionalSecretOutputs: ["values", "manifest"] } : {}),
    },
  );
}

function isFolder({ chart, repository }: PlannedRelease): boolean {
  return repository === undefined && !chart.startsWith("oci://");
}
