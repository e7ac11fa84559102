import { Manifest } from "../ground/manifest";
import { groupedBy } from "../ground/order";
import { ArgumentError } from "./check";
import { Plan } from "./types";

/**
 * Holds a plan to one object of each name. Of two a cluster would keep one, in no certain order, and the other may have
 * been the guard.
 *
 * @throws ArgumentError with every name that two objects have, and whose they are
 */
export function requireOneOfEachName(plan: Plan): void {
  const shared = [...groupedBy(ownedManifests(plan), ({ manifest }) => identityOf(manifest))].filter(
    ([, objects]) => objects.length > 1,
  );
  if (shared.length > 0) {
    const problems = shared.map(([identity, objects]) => ({
      argument: identity,
      problem: `${objects.map(({ owner }) => owner).join(", ")} would each have an object of this name; rename one of them`,
    }));
    throw new ArgumentError("A plan", problems);
  }
}

interface Owned {
  /** What of the configuration the object belongs to. */
  owner: string;
  manifest: Manifest;
}

function ownedManifests({
  mesh,
  egress,
  gateways,
  namespaces,
  workloads,
  destinations,
  outside,
  admission,
  dns,
  roles,
  metrics,
}: Plan): Owned[] {
  const owned = (owner: string, manifests: Manifest[]) => manifests.map((manifest) => ({ owner, manifest }));
  const named = (kind: string, items: { name: string; manifests: Manifest[] }[]) =>
    items.flatMap(({ name, manifests }) => owned(`the ${kind} ${name}`, manifests));
  return [
    ...owned("the mesh", mesh === undefined ? [] : [mesh.namespace, ...mesh.certificates, ...mesh.policies]),
    ...owned("the gateways' namespace", egress),
    ...named("gateway", gateways),
    ...named("namespace", namespaces),
    ...named("workload", workloads),
    ...named("destination", destinations),
    ...named("service beside the mesh", outside),
    ...owned("admission", admission),
    ...owned("the resolver", dns),
    ...owned("roles", roles),
    ...owned("the metrics", metrics),
  ];
}

/** What a cluster tells objects apart by: API group, kind, namespace and name. */
function identityOf({ apiVersion, kind, metadata: { namespace = "", name } }: Manifest): string {
  const [group, version] = apiVersion.split("/");
  return `${kind}${version === undefined ? "" : `.${group}`} ${namespace === "" ? name : `${namespace}/${name}`}`;
}
