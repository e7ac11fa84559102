import { meshNamespace } from "../ground/names";
import { DestinationRule, objectName } from "./objects";
import { ClientTls, ServerTls } from "./types";
import { isVisible, meansHost } from "./names";

/** A name as its callers' sidecars have it. */
export interface KnownName {
  host: string;
  /** Namespace of the Service or ServiceEntry that makes it known. */
  registeredIn: string;
  /** Whether its endpoints have sidecars that auto mTLS finds. */
  autoMtls: boolean;
}

const spoken = { DISABLE: "HTTP", SIMPLE: "TLS", MUTUAL: "TLS", ISTIO_MUTUAL: "mTLS" } as const;

/** What sidecars of a namespace speak to a name, and by which DestinationRule; without one auto mTLS decides. */
export function clientSide(
  rules: DestinationRule[],
  name: KnownName,
  from: string,
  server: ServerTls,
): { client: ClientTls; destinationRule: string | null } {
  const rule = ruleInForce(rules, name, from);
  const mode = rule?.spec.trafficPolicy?.tls?.mode;
  const auto: ClientTls = name.autoMtls && server !== "HTTP" ? "mTLS" : "HTTP";
  return {
    client: mode === undefined ? auto : spoken[mode],
    destinationRule: rule === undefined ? null : objectName(rule),
  };
}

/**
 * The DestinationRule that a namespace's sidecars follow for a name: their own namespace's comes before that of the
 * name's namespace, and that before the mesh's; within one the most specific host counts.
 *
 * Source: `PushContext.destinationRule` in Istio's source.
 */
export function ruleInForce(
  rules: DestinationRule[],
  { host, registeredIn }: Pick<KnownName, "host" | "registeredIn">,
  from: string,
): DestinationRule | undefined {
  for (const scope of [from, registeredIn, meshNamespace]) {
    const ofScope = rules.filter(
      (rule) => rule.metadata.namespace === scope && (scope !== from ? leavesHome(rule) : sees(from, rule)),
    );
    const rule = mostSpecific(ofScope, host);
    // Istio looks for the most specific rule first, and asks only then whether this namespace may see it.
    if (rule !== undefined && sees(from, rule)) {
      return rule;
    }
  }
  return undefined;
}

function sees(from: string, { metadata, spec }: DestinationRule): boolean {
  return isVisible(spec.exportTo, { home: metadata.namespace, from });
}

function leavesHome({ metadata, spec: { exportTo = [] } }: DestinationRule): boolean {
  return exportTo.length !== 1 || ![".", metadata.namespace].includes(exportTo[0]);
}

/** An exact host before any pattern, and a longer pattern before a shorter one. */
function mostSpecific(rules: DestinationRule[], host: string): DestinationRule | undefined {
  const weight = ({ spec }: DestinationRule) => (spec.host === host ? Infinity : spec.host.length);
  return rules
    .filter(({ spec }) => meansHost(spec.host, host))
    .reduce<DestinationRule | undefined>(
      (best, rule) => (best === undefined || weight(rule) > weight(best) ? rule : best),
      undefined,
    );
}
