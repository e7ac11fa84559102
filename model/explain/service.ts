import { ingressPolicies } from "../callers";
import { isClosed } from "../config/ingress";
import { isClustersOwn } from "../config/kubernetes-names";
import { configPath } from "../config/problem";
import { NamespaceConfig, StackConfig } from "../config/types";
import { sourceText } from "../ground/ingress";
import { namespaceOf, ServiceName } from "../ground/names";
import { aroundSidecar, namespaceNamed, sidecarOf } from "./around";
import { Call } from "./call";
import { Explanation, Step, Suggestion } from "./types";

/**
 * Whether a workload may call a Service of the cluster, or one pod behind it by its name. Rules play no part: guarded
 * namespaces reach each other, and what else a namespace reaches its `peers` say.
 */
export function explainService(config: StackConfig, from: string, call: Call, service: ServiceName): Explanation {
  const home = namespaceOf(from);
  const { namespace } = service;
  const peers = namespaceNamed(config, home)?.peers ?? [];
  const called = namespaceNamed(config, namespace);
  if (called !== undefined) {
    const because = `${namespace} is guarded as well, and guarded namespaces reach each other's Services`;
    return {
      ...call,
      from,
      allowed: true,
      because,
      way: [...insideMesh(from, call, service, "egress-to-mesh"), ...intoPods(called)],
    };
  }
  if (peers.includes(namespace)) {
    const because = `${configPath("namespaces", home, "peers")} holds ${namespace}`;
    return { ...call, from, allowed: true, because, way: insideMesh(from, call, service, "egress-to-peers") };
  }
  return {
    ...call,
    from,
    allowed: false,
    refusal: "namespace",
    because: `it is a Service of the namespace ${namespace}, which is neither guarded nor a peer of ${home}`,
    way: [
      {
        at: `the sidecar of ${from}`,
        what: "knows no Service of that namespace: it answers 502, or closes the connection",
        by: [sidecarOf(from)],
      },
      aroundSidecar(config, home),
    ],
    ...(mayBePeer(config, namespace) ? { suggestion: addPeer(home, [...peers, namespace]) } : {}),
  };
}

/** Whether a namespace may be opened for its neighbours: not the cluster's own, and not the gateways'. */
function mayBePeer({ gateway, cluster }: StackConfig, namespace: string): boolean {
  const controlPlane = cluster.kind === "existing" ? cluster.controlPlane?.namespace : undefined;
  return !isClustersOwn(namespace) && ![gateway.namespace, controlPlane].includes(namespace);
}

function addPeer(home: string, peers: string[]): Suggestion {
  return {
    add: { namespaces: { [home]: { peers } } },
    beware: `every pod of ${home} may call every pod of ${peers.at(-1)} then, which nobody guards`,
  };
}

/** Who else may call the pods, where it is said. */
function intoPods(called: NamespaceConfig): Step[] {
  if (!isClosed(called)) {
    return [];
  }
  const { name, ingress } = called;
  const others = (ingress?.from ?? []).map(sourceText);
  return [
    {
      at: `the pods of ${name}`,
      what: `take connections from guarded namespaces${others.length === 0 ? "" : `, from ${others.join("; ")}`}, from their own node, and from nobody else`,
      by: ingressPolicies(called),
    },
  ];
}

function insideMesh(from: string, { host }: Call, { pod, service, namespace }: ServiceName, policy: string): Step[] {
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
      by: [`NetworkPolicy/${namespaceOf(from)}/${policy}`],
    },
  ];
}
