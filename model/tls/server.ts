import { sortedBy } from "../ground/order";
import { meshNamespace } from "../ground/names";
import { MtlsMode, objectName, PeerAuthentication } from "./objects";
import { Behind, ServerTls } from "./types";

const asked: Record<"DISABLE" | "PERMISSIVE" | "STRICT", ServerTls> = {
  DISABLE: "HTTP",
  PERMISSIVE: "HTTP/mTLS",
  STRICT: "mTLS",
};

/**
 * What is asked of callers, and by which policy: one for the pods themselves comes before the namespace's, and that
 * before the mesh's; a policy that leaves its mode unset leaves the matter to the next. Istio's root namespace is taken
 * to be `istio-system`.
 *
 * Source: Istio's reference, PeerAuthentication, and `ComposePeerAuthentication` in its source.
 */
export function serverSide(
  policies: PeerAuthentication[],
  behind: Behind,
): { server: ServerTls; authnPolicy: string | null } {
  const oldestFirst = sortedBy(policies, ({ metadata }) => metadata.creationTimestamp ?? "");
  const inScope = [
    oldestFirst.find((policy) => isIn(policy, behind.namespace) && selects(policy, behind)),
    oldestFirst.find((policy) => isIn(policy, behind.namespace) && selectorOf(policy).length === 0),
    oldestFirst.find((policy) => isIn(policy, meshNamespace) && selectorOf(policy).length === 0),
  ];
  for (const policy of inScope) {
    const mode = policy === undefined ? undefined : modeOf(policy, behind.port);
    if (policy !== undefined && mode !== undefined) {
      return { server: asked[mode], authnPolicy: objectName(policy) };
    }
  }
  return { server: asked.PERMISSIVE, authnPolicy: null };
}

function isIn({ metadata }: PeerAuthentication, namespace: string): boolean {
  return metadata.namespace === namespace;
}

function selectorOf({ spec }: PeerAuthentication): [string, string][] {
  return Object.entries(spec?.selector?.matchLabels ?? {});
}

/** Whether a policy is for these pods in particular. In the root namespace Istio knows no such policy. */
function selects(policy: PeerAuthentication, { namespace, labels = {} }: Behind): boolean {
  const selector = selectorOf(policy);
  return (
    namespace !== meshNamespace && selector.length > 0 && selector.every(([label, value]) => labels[label] === value)
  );
}

/** The mode that a policy sets; one for a port counts for pods that the policy selects, and undefined is none. */
function modeOf(policy: PeerAuthentication, port: number | undefined): keyof typeof asked | undefined {
  const { mtls, portLevelMtls = {} } = policy.spec ?? {};
  const ofPort = selectorOf(policy).length > 0 && port !== undefined ? portLevelMtls[port] : undefined;
  return setMode(ofPort) ?? setMode(mtls);
}

function setMode(mtls: MtlsMode | undefined): keyof typeof asked | undefined {
  return mtls?.mode === "UNSET" ? undefined : mtls?.mode;
}
