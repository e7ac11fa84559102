import { Caller, IngressVerdict, Ports } from "../../model/callers";
import { isAlive, isReady, Pod, proxyOf } from "../../model/doctor/pods";
import { asRange, contains, parseCidr } from "../../model/ground/cidr";
import { IngressSource } from "../../model/ground/ingress";
import { haveLabels } from "../../model/ground/label-selector";
import { compareText } from "../../model/ground/order";

/** A pod that is called, and the port on which it would take a connection. */
export interface Called {
  pod: Pod;
  address: string;
  port: number;
}

/** Ports of a sidecar's own, which take connections of whoever reaches them, and ask no identity. */
const sidecarPorts = [15021, 15020, 15090];

/**
 * A pod from which a verdict can be asked: one with labels by which the sources of the called namespace say of it just what
 * the verdict says.
 *
 * @param pods of the caller's namespace, which probes can be made from
 * @param sources of the called namespace, where they close it
 */
export function callingPod(
  pods: readonly Pod[],
  caller: Extract<Caller, { kind: "pods" | "other pods" }>,
  sources: readonly IngressSource[],
): Pod | undefined {
  const own = sources.filter(({ namespace }) => namespace === caller.namespace);
  const ranges = sources.flatMap(({ addresses = [] }) => addresses.map((text) => parseCidr(text)!));
  const isIn = ({ metadata }: Pod, { selector }: IngressSource) => haveLabels(metadata.labels, selector);
  return pods.find((pod) => {
    const address = parseCidr(asRange(pod.status!.podIP!))!;
    return (
      (caller.kind === "other pods" || haveLabels(pod.metadata.labels, caller.selector)) &&
      // Its other labels, or its address, could let it in as somebody else.
      own.every((source) => isIn(pod, source) === isImplied(caller, source)) &&
      !ranges.some((range) => contains(range, address))
    );
  });
}

/** Whether a source holds all callers of this kind. */
function isImplied(caller: Extract<Caller, { kind: "pods" | "other pods" }>, { selector }: IngressSource): boolean {
  return caller.kind === "pods" && haveLabels(caller.selector, selector);
}

/** Pods that a probe can be made from or sent to, in the order of their names. */
export function asking(pods: readonly Pod[]): Pod[] {
  return pods
    .filter(
      (pod) =>
        isAlive(pod) &&
        isReady(pod) &&
        // What is on its node's network comes from the node, which no policy keeps out.
        pod.spec.hostNetwork !== true &&
        parseCidr(asRange(pod.status?.podIP ?? "")) !== undefined,
    )
    .sort((a, b) => compareText(a.metadata.name, b.metadata.name));
}

/** A pod to call among those that probes can be sent to, and where: undefined where none of the pods is known to take connections on such a port. */
export function calledPod(
  pods: readonly Pod[],
  { ports, but = [] }: Pick<IngressVerdict, "ports" | "but">,
): Called | undefined {
  // A sidecar takes connections on every port, so that what ends without an answer was kept out on the way.
  const guarded = pods.find((pod) => proxyOf(pod) !== undefined);
  const inOrder = guarded === undefined ? pods : [guarded, ...pods.filter((pod) => pod !== guarded)];
  for (const pod of inOrder) {
    const port = portOf(pod, ports, but);
    if (port !== undefined) {
      return { pod, address: pod.status!.podIP!, port };
    }
  }
  return undefined;
}

function portOf(pod: Pod, ports: Ports, but: readonly number[]): number | undefined {
  const declared = pod.spec.containers.flatMap(({ ports: own = [] }) =>
    own.filter(({ protocol = "TCP" }) => protocol === "TCP").map(({ containerPort }) => containerPort),
  );
  const hasSidecar = proxyOf(pod) !== undefined;
  if (typeof ports === "number") {
    return hasSidecar || declared.includes(ports) ? ports : undefined;
  }
  return [...(hasSidecar ? sidecarPorts : []), ...declared].find((port) => !but.includes(port));
}
