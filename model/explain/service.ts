import { StackConfig } from "../config/types";
import { ServiceName } from "../ground/names";
import { namespaceOf } from "../ground/workload-key";
import { aroundSidecar, sidecarOf } from "./around";
import { Call } from "./call";
import { Explanation, Step } from "./types";

/**
 * Whether a workload may call a Service of the cluster, or one pod behind it by its name. Rules play no part: guarded
 * namespaces reach each other, and what else a namespace reaches its `peers` say.
 */
export function explainService(config: StackConfig, from: string, call: Call, service: ServiceName): Explanation {
  const home = namespaceOf(from);
  const { namespace } = service;
  const isGuarded = config.namespaces.some(({ name }) => name === namespace);
  if (isGuarded) {
    const because = `${namespace} is guarded as well, and guarded namespaces reach each other's Services`;
    return { ...call, from, allowed: true, because, way: insideMesh(from, call, service) };
  }
  return {
    ...call,
    from,
    allowed: false,
    refusal: "namespace",
    because: `it is a Service of the namespace ${namespace}, which is not one of the stack's`,
    way: [
      {
        at: `the sidecar of ${from}`,
        what: "knows no Service of that namespace: it answers 502, or closes the connection",
        by: [sidecarOf(from)],
      },
      aroundSidecar(config, home),
    ],
  };
}

function insideMesh(from: string, { host }: Call, { pod, service, namespace }: ServiceName): Step[] {
  return [
    {
      at: `the sidecar of ${from}`,
      what:
        pod === undefined
          ? `knows ${host}, if ${namespace} has such a Service, on the Service's own ports`
          : `knows the pod ${pod} if ${service} is a headless Service of ${namespace}, on the Service's own ports`,
      by: [sidecarOf(from)],
    },
    {
      at: "from the pod to the pod",
      what: "goes in mutual TLS where the Service's pods have sidecars",
      by: [`NetworkPolicy/${namespaceOf(from)}/egress-to-mesh`],
    },
  ];
}
