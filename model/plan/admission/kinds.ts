import { ObjectRule } from "../../ground/admission";
import { groupedBy } from "../../ground/order";
import { otherPolicyKinds } from "../../ground/other-policies";
import { Resources } from "./policy";

/** Whatever makes an object, or makes it another one. */
export const writes: Resources["operations"] = ["CREATE", "UPDATE"];

/** Whatever changes an object. */
export const changes: Resources["operations"] = [...writes, "DELETE"];

/** Groups of the Gateway API, its experiments and its extension for models, which Istio reads too. */
export const gatewayApiGroups = [
  "gateway.networking.k8s.io",
  "gateway.networking.x-k8s.io",
  "inference.networking.k8s.io",
  "inference.networking.x-k8s.io",
];

/** Groups by which an API server of a network's own has the same kinds. */
const aliases: Record<string, string[]> = { "crd.projectcalico.org": ["projectcalico.org"] };

/** Groups of Istio's own kinds, and of those of others that it reads. */
export const istioGroups = [
  ...gatewayApiGroups,
  "extensions.istio.io",
  "networking.istio.io",
  "security.istio.io",
  "telemetry.istio.io",
];

/** NetworkPolicies of all makers: what is in a namespace, and for its pods. */
export const policyResources: Resources[] = [
  { groups: ["networking.k8s.io"], resources: ["networkpolicies"], operations: changes },
  ...[...groupedBy(otherPolicyKinds, ({ group }) => group)].flatMap(([group, kinds]): Resources[] => {
    const resources = kinds.filter(({ isNamespaced }) => isNamespaced).map(({ resource }) => resource);
    return resources.length === 0
      ? []
      : [{ groups: [group, ...(aliases[group] ?? [])], resources, operations: changes }];
  }),
  // What AWS' nodes read, and a controller of kube-system makes from NetworkPolicies.
  { groups: ["networking.k8s.aws"], resources: ["policyendpoints"], operations: changes },
];

/** What objects other than pods are held against. */
export interface ObjectsSetting {
  /** Namespaces that are guarded and walled in. */
  namespaces: string[];
  gatewayNamespace: string;
  /** Labels of each gateway's pods, as far as they are known before there is a pod. */
  gatewayLabels: Record<string, string>[];
  /** The mesh's root namespace, where the mesh is the stack's own. */
  rootNamespace?: string;
  /** Audiences that anybody may have a token for, beside the API server. */
  audiences: string[];
  /** Whether exec, attach, port-forward and ephemeral containers are the platform's. */
  exec: boolean;
  /** `namespace/Kind/name` of objects that are let pass, by the rule. */
  exemptions: Map<ObjectRule, string[]>;
}
