import { openIn } from "../config/adoption";
import { meshTraits } from "../config/mesh-traits";
import { NamespaceConfig, StackConfig } from "../config/types";
import { namespaceKey, namespaceOf } from "../ground/names";
import { listNames } from "../ground/suggest";
import { Step } from "./types";

/** The Sidecar that says what a workload's sidecar knows; of pods that no workload names it is their namespace's. */
export function sidecarOf(from: string): string {
  return isWholeNamespace(from) ? `Sidecar/${namespaceOf(from)}/default` : `Sidecar/${from}`;
}

/** Whether it is asked for every ServiceAccount of a namespace, `payments/*`. */
export function isWholeNamespace(from: string): boolean {
  return from === namespaceKey(namespaceOf(from));
}

/** A namespace of the stack; undefined for any other. */
export function namespaceNamed({ namespaces }: StackConfig, name: string): NamespaceConfig | undefined {
  return namespaces.find((namespace) => namespace.name === name);
}

/** What is behind a sidecar's refusal: how far a process gets that goes round it. */
export function aroundSidecar(config: StackConfig, home: string): Step {
  const namespace = namespaceNamed(config, home);
  const peers = namespace?.peers ?? [];
  if (namespace !== undefined && openIn(namespace) !== undefined) {
    return {
      at: "around the sidecar",
      what: `no NetworkPolicy stands around ${home}: a process that goes round its sidecar reaches what it likes`,
      by: [],
    };
  }
  const controlPlane = controlPlaneOutside(config);
  return {
    at: "around the sidecar",
    what:
      `whatever user a process in the pod runs as, it reaches the gateways and guarded pods${ofPeers(peers)}` +
      `${controlPlane ?? ""} at most${throughOthers(config, home)}`,
    by: [
      "egress-to-gateway",
      ...(controlPlane === undefined ? [] : ["egress-to-managed-control-plane"]),
      "egress-to-mesh",
      ...(peers.length === 0 ? [] : ["egress-to-peers"]),
    ].map((policy) => `NetworkPolicy/${home}/${policy}`),
  };
}

/** Who makes pods that are granted something; undefined where nobody is refused to. */
export function madeBy({ admission, gateway }: StackConfig, from: string, home: string): Step | undefined {
  // Whoever may make pods of a namespace may make some under any of its ServiceAccounts that is granted nothing itself.
  if (admission.mode === "off" || isWholeNamespace(from)) {
    return undefined;
  }
  const { users = [], groups = [] } = admission.owners.find(({ workload }) => workload === from) ?? {};
  const owners = listNames([...users, ...groups.map((group) => `group ${group}`)]);
  const name = `${gateway.namespace}.identity.${home}`;
  return {
    at: `the pods of ${from}`,
    what:
      `are made by the platform${owners === undefined ? "" : `, or ${owners}`}, with the labels of the workload: the API server ` +
      (admission.mode === "deny" ? "refuses its ServiceAccount to others" : "warns others who use its ServiceAccount"),
    by: [`ValidatingAdmissionPolicy/${name}`, `ValidatingAdmissionPolicyBinding/${name}`],
  };
}

function ofPeers(peers: string[]): string {
  return peers.length === 0 ? "" : `, and pods of ${listNames(peers)}, which are guarded by nobody,`;
}

/** What is reached of a control plane outside the cluster; undefined where it is in it. */
function controlPlaneOutside({ mesh, cluster }: StackConfig): string | undefined {
  if (meshTraits(mesh).managed !== undefined) {
    return ", and Google's APIs, of which the mesh's control plane is one,";
  }
  const ranges = cluster.kind === "existing" ? cluster.controlPlane?.ranges : undefined;
  return ranges === undefined ? undefined : `, and the mesh's control plane in ${ranges.join(", ")},`;
}

/** Pods of the stack that reach what they like, and may be called. */
function throughOthers({ namespaces }: StackConfig, home: string): string {
  const open = namespaces.filter((namespace) => namespace.name !== home && openIn(namespace) !== undefined);
  return open.length === 0
    ? ""
    : `; and what pods of ${listNames(open.map(({ name }) => name))}, which no NetworkPolicy holds, would reach for it`;
}
