import { commonLabels } from "../labels";
import { Fields, mergeDeep } from "../objects";
import { sortedUnique } from "../order";

/** What the istiod chart is given here, before anybody's wishes. */
function ownValues(discovered: readonly string[]): Fields {
  return {
    // Two at least, because without istiod no pod can be injected, and so none can start.
    autoscaleEnabled: true,
    autoscaleMin: 2,
    // A Gateway selects pods of its own namespace only: nobody else can open ports on an egress gateway by its labels.
    env: { PILOT_SCOPE_GATEWAY_TO_NAMESPACE: "true" },
    meshConfig: {
      accessLogFile: "/dev/stdout",
      outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
      discoverySelectors: discoverySelectors(discovered),
    },
  };
}

/**
 * istiod puts its certificate into every namespace it looks at, and leaves it there when it goes: so it looks at those
 * of Pulumi's stacks, and of whoever asks for sidecars. Namespaces of others are told by their names: nothing more is
 * written on them, and pods whose sidecars outlive the label are still told of their hosts.
 *
 * @param discovered names of others' namespaces
 */
export function discoverySelectors(discovered: readonly string[]): Fields[] {
  return [
    { matchLabels: commonLabels() },
    { matchLabels: { "istio-injection": "enabled" } },
    ...(discovered.length === 0 ? [] : [namedOneOf(discovered)]),
  ];
}

function namedOneOf(namespaces: readonly string[]): Fields {
  const values = sortedUnique(namespaces);
  return { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values }] };
}

/**
 * The values of the istiod chart, those given laid over our own; `meshValueProblems` tells whether the mesh is closed.
 *
 * @param discovered names of others' namespaces that istiod looks at, too
 */
export function istiodValues(given: Fields, discovered: readonly string[] = []): Fields {
  return mergeDeep(ownValues(discovered), given);
}
