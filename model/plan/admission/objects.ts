import { ObjectRule } from "../../ground/admission";
import { joined, listed, quoted } from "./cel";
import { gatewaysNamespace, meshWide, routes } from "./elsewhere";
import { changes, istioGroups, ObjectsSetting, policyResources, writes } from "./kinds";
import { Resources, Story } from "./policy";

/** What is told of objects other than pods. */
export function objectStories(setting: ObjectsSetting): Story[] {
  const { namespaces } = setting;
  const guarded: Story[] =
    namespaces.length === 0
      ? []
      : [
          changedByOthers(setting, "network-policies", networkPolicies),
          changedByOthers(setting, "istio-objects", istioObjects),
          changedByOthers(setting, "ingresses", ingresses),
          changedByOthers(setting, "endpoints", endpoints),
          services(setting),
          tokens(setting),
          namespaceLabels(namespaces),
          ...(setting.exec ? [exec(namespaces)] : []),
        ];
  return [...guarded, gatewaysNamespace(setting), routes(setting), ...meshWide(setting)];
}

/** Kinds that only the platform changes, and why. */
interface OthersKinds {
  resources: Resources[];
  why: string;
  /** Of an exempt object what is refused all the same, as an expression for a list of texts. @default nothing */
  still?: string;
  /** Of which objects there are exemptions, as a condition. @default of all */
  exemptible?: string;
}

const isKubernetesOwn = 'request.kind.group == "networking.k8s.io"';
const isCiliums = 'request.kind.kind == "CiliumNetworkPolicy"';

const networkPolicies: OthersKinds = {
  resources: policyResources,
  why: "NetworkPolicies add up, so one more can open every way out, and one less can close none",
  // One that is let pass opens ways in: `egress: [{}]` in it would open everything.
  still:
    "object == null || " +
    `(${isKubernetesOwn} && object.?spec.?policyTypes.orValue([]) == ["Ingress"] && !has(object.spec.egress)) || ` +
    `(${isCiliums} && has(object.spec) && !has(object.specs) && !has(object.spec.egress) && !has(object.spec.egressDeny)) ` +
    '? [] : ["a way out, or policyTypes other than [Ingress]"]',
  exemptible: `${isKubernetesOwn} || ${isCiliums}`,
};

const istioObjects: OthersKinds = {
  resources: [{ groups: istioGroups, resources: ["*"], operations: changes }],
  why: "it could lead the guarded pods' traffic elsewhere, or take what guards it away",
};

const ingresses: OthersKinds = {
  resources: [
    { groups: ["networking.k8s.io"], resources: ["ingresses"], operations: writes },
    // To other clusters.
    {
      groups: ["multicluster.x-k8s.io", "net.gke.io"],
      resources: ["serviceexports"],
      operations: writes,
    },
    // Routes of ingress controllers with kinds of their own.
    { groups: ["projectcontour.io"], resources: ["httpproxies"], operations: writes },
    { groups: ["route.openshift.io"], resources: ["routes"], operations: writes },
    {
      groups: ["traefik.io", "traefik.containo.us"],
      resources: ["ingressroutes", "ingressroutetcps", "ingressrouteudps"],
      operations: writes,
    },
  ],
  why: "data could be pulled out through it, from outside of the cluster",
};

const endpoints: OthersKinds = {
  resources: [
    { groups: ["discovery.k8s.io"], resources: ["endpointslices"], operations: writes },
    { groups: [""], resources: ["endpoints"], operations: writes },
  ],
  why: "it would give an address of anybody's choice a name in the cluster",
};

function changedByOthers({ namespaces, exemptions }: ObjectsSetting, rule: ObjectRule, kinds: OthersKinds): Story {
  const exempt = exemptions.get(rule) ?? [];
  const one = '[request.operation.lowerAscii() + " by " + request.userInfo.username]';
  const found = exempt.length === 0 || kinds.still === undefined ? one : `variables.exempt ? (${kinds.still}) : ${one}`;
  const infrastructure = "variables.controller || variables.istiod";
  return {
    name: rule,
    where: { in: namespaces },
    resources: kinds.resources,
    variables: exempt.length === 0 ? {} : { exempt: `variables.object in ${listed(exempt)}` },
    refusals: [
      {
        rule,
        found,
        unless:
          exempt.length === 0 || kinds.still !== undefined ? infrastructure : `${infrastructure} || variables.exempt`,
        why: `${kinds.why}; only the platform changes it here`,
        allow:
          kinds.exemptible === undefined
            ? allowObject(rule)
            : `(${kinds.exemptible} ? ${allowObject(rule)} : "Nothing allows it: ways out are destinations of the stack's file")`,
      },
    ],
  };
}

/** What would let one object pass. */
function allowObject(rule: ObjectRule): string {
  return (
    `${quoted(`The platform's owners can allow it by istio-egress:admission.exemptions: {rule: ${rule}, namespace: `)} + ` +
    'request.namespace + ", object: " + variables.object.substring(variables.object.indexOf("/") + 1) + ' +
    '", owner, reason, expires}"'
  );
}

function services({ namespaces, exemptions }: ObjectsSetting): Story {
  const exempt = exemptions.get("services") ?? [];
  const istios = (field: string) =>
    `object.metadata.?${field}.orValue({}).filter(k, k.startsWith("istio.io/") || k.contains(".istio.io/"))`;
  return {
    name: "services",
    where: { in: namespaces },
    resources: [{ groups: [""], resources: ["services"], operations: writes }],
    variables: {
      unchanged:
        'request.operation == "UPDATE" && object.spec == oldObject.spec && ' +
        "object.metadata.?labels.orValue({}) == oldObject.metadata.?labels.orValue({}) && " +
        "object.metadata.?annotations.orValue({}) == oldObject.metadata.?annotations.orValue({})",
    },
    refusals: [
      {
        rule: "services",
        found: joined(
          'object.spec.?type.orValue("ClusterIP") == "ClusterIP" ? [] : ["type " + object.spec.type]',
          'size(object.spec.?externalIPs.orValue([])) == 0 ? [] : ["externalIPs"]',
          `${istios("labels")}.map(k, "label " + k)`,
          `${istios("annotations")}.map(k, "annotation " + k)`,
        ),
        unless: [
          "variables.controller || variables.istiod || variables.unchanged",
          ...(exempt.length === 0 ? [] : [`variables.object in ${listed(exempt)}`]),
        ].join(" || "),
        why: "it would be reached from outside of the cluster, catch the calls of others, or stand for an external name",
        allow: allowObject("services"),
      },
    ],
  };
}

/**
 * Audiences of API servers, which a token is for that names none: as Kubernetes, and as GKE, sets them by itself.
 * Others are listed by the stack.
 */
const apiServers =
  "^https://(kubernetes[.]default[.]svc([.][a-z0-9.-]+)?|" +
  "container[.]googleapis[.]com/v1/projects/[^/]+/(locations|zones)/[^/]+/clusters/[^/]+)$";

/** With a token for the mesh's authority anybody is the workload; with one for a cloud, anywhere. */
function tokens({ namespaces, audiences }: ObjectsSetting): Story {
  return {
    name: "tokens",
    where: { in: namespaces },
    resources: [{ groups: [""], resources: ["serviceaccounts/token"], operations: ["CREATE"] }],
    refusals: [
      {
        rule: "tokens",
        found:
          `object.spec.?audiences.orValue([]).filter(a, !a.matches(${quoted(apiServers)}) && !(a in ${listed(audiences)}))` +
          '.map(a, "audience " + a)',
        unless: "variables.controller || variables.node",
        why: "whoever has it is the workload to the mesh, or to a cloud, wherever they are",
        allow:
          "\"The platform's owners can allow it by istio-egress:admission.audiences, but one for the mesh's own authority\"",
      },
    ],
  };
}

/** Labels that say how a namespace's pods are injected and what they may ask for. */
const guardLabels = [
  "istio-injection",
  "istio.io/rev",
  "istio.io/dataplane-mode",
  "istio.io/use-waypoint",
  "istio.io/use-waypoint-namespace",
  "topology.istio.io/network",
  "pod-security.kubernetes.io/enforce",
];

function namespaceLabels(namespaces: string[]): Story {
  const label = (object: string) => `${object}.metadata.?labels.orValue({})[?k].orValue("")`;
  return {
    name: "namespace-labels",
    where: { in: namespaces },
    resources: [{ groups: [""], resources: ["namespaces"], operations: ["UPDATE"] }],
    refusals: [
      {
        rule: "namespace-labels",
        found: `${listed(guardLabels)}.filter(k, ${label("object")} != ${label("oldObject")}).map(k, "label " + k)`,
        unless: "variables.controller",
        why: "pods would be injected in another way, or not at all",
        allow: '"Only the platform, by istio-egress:admission.platform, changes it"',
      },
    ],
  };
}

/** What lets somebody become a pod that runs. It costs `kubectl exec`, `port-forward` and `debug` for all but the platform. */
function exec(namespaces: string[]): Story {
  return {
    name: "exec",
    where: { in: namespaces },
    resources: [
      {
        groups: [""],
        resources: ["pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy"],
        operations: ["CONNECT"],
      },
      { groups: [""], resources: ["pods/ephemeralcontainers"], operations: ["UPDATE"] },
    ],
    refusals: [
      {
        rule: "exec",
        found: '[request.resource.resource + "/" + request.subResource]',
        unless: "variables.controller",
        why: "whoever is in a pod has its identity, and all that is granted to it",
        allow: '"istio-egress:admission.exec: anybody allows it to all who may do so in the namespace"',
      },
    ],
  };
}
