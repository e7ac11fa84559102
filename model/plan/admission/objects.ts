import { ObjectRule } from "../../ground/admission";
import { joined, listed, mappedTexts, quoted } from "./cel";
import { Refusal, Resources, Story } from "./policy";

const changes: Resources["operations"] = ["CREATE", "UPDATE", "DELETE"];

/** Groups of Istio's own kinds, and of the Gateway API, which Istio reads too. */
const istioGroups = [
  "extensions.istio.io",
  "gateway.networking.k8s.io",
  "networking.istio.io",
  "security.istio.io",
  "telemetry.istio.io",
];

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
}

const networkPolicies: OthersKinds = {
  resources: [
    { groups: ["networking.k8s.io", "crd.projectcalico.org"], resources: ["networkpolicies"], operations: changes },
    { groups: ["projectcalico.org"], resources: ["networkpolicies"], operations: changes },
    { groups: ["cilium.io"], resources: ["ciliumnetworkpolicies"], operations: changes },
  ],
  why: "NetworkPolicies add up, so one more can open every way out, and one less can close none",
  // One that is let pass opens ways in: `egress: [{}]` in it would open everything.
  still:
    'object == null || (object.?spec.?policyTypes.orValue([]) == ["Ingress"] && !has(object.spec.egress)) ? [] : ' +
    '["policyTypes other than [Ingress]"]',
};

const istioObjects: OthersKinds = {
  resources: [{ groups: istioGroups, resources: ["*"], operations: changes }],
  why: "it could lead the guarded pods' traffic elsewhere, or take what guards it away",
};

const ingresses: OthersKinds = {
  resources: [{ groups: ["networking.k8s.io"], resources: ["ingresses"], operations: ["CREATE", "UPDATE"] }],
  why: "data could be pulled out through it, from outside of the cluster",
};

const endpoints: OthersKinds = {
  resources: [
    { groups: ["discovery.k8s.io"], resources: ["endpointslices"], operations: ["CREATE", "UPDATE"] },
    { groups: [""], resources: ["endpoints"], operations: ["CREATE", "UPDATE"] },
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
        allow: allowObject(rule),
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
    resources: [{ groups: [""], resources: ["services"], operations: ["CREATE", "UPDATE"] }],
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

/** In the gateways' namespace nobody but the platform makes or changes anything. */
function gatewaysNamespace({ gatewayNamespace }: ObjectsSetting): Story {
  return {
    name: "gateways-namespace",
    where: { in: [gatewayNamespace] },
    resources: [
      {
        groups: [""],
        resources: ["pods", "pods/ephemeralcontainers", "serviceaccounts/token", "replicationcontrollers"],
        operations: ["CREATE", "UPDATE"],
      },
      { groups: [""], resources: ["services", "serviceaccounts"], operations: changes },
      {
        groups: [""],
        resources: ["pods/exec", "pods/attach", "pods/portforward", "pods/proxy"],
        operations: ["CONNECT"],
      },
      { groups: ["apps", "batch"], resources: ["*"], operations: changes },
      { groups: ["networking.k8s.io", "autoscaling", "policy"], resources: ["*"], operations: changes },
      { groups: istioGroups, resources: ["*"], operations: changes },
    ],
    refusals: [
      {
        rule: "gateways-namespace",
        found: '[request.operation.lowerAscii() + " by " + request.userInfo.username]',
        unless: "variables.controller || variables.istiod || variables.node",
        why: "the egress gateways have this namespace to themselves, and a way out",
        allow: '"Only the platform, by istio-egress:admission.platform, changes it"',
      },
    ],
  };
}

/** Elsewhere: a Gateway chooses pods of every namespace, and a VirtualService binds to Gateways of every namespace. */
function routes({ namespaces, gatewayNamespace, gatewayLabels }: ObjectsSetting): Story {
  const labels = `[${gatewayLabels.map(mappedTexts).join(", ")}]`;
  return {
    name: "routes",
    where: { notIn: [...namespaces, gatewayNamespace].sort() },
    resources: [
      { groups: ["networking.istio.io"], resources: ["gateways", "virtualservices"], operations: ["CREATE", "UPDATE"] },
      // Its addresses may name a Service of another namespace, whose pods it then configures.
      { groups: ["gateway.networking.k8s.io"], resources: ["gateways"], operations: ["CREATE", "UPDATE"] },
    ],
    variables: { gatewayLabels: labels, isIstios: 'request.kind.group == "networking.istio.io"' },
    refusals: [
      {
        rule: "routes",
        found: joined(
          'variables.isIstios && request.kind.kind == "Gateway" && variables.gatewayLabels.exists(l, object.spec.?selector.orValue({}).all(k, ' +
            'k == "pod-template-hash" || (k in l && l[k] == object.spec.selector[k]))) ? ["a selector of the egress gateways\' pods"] : []',
          'request.kind.kind == "VirtualService" ? object.spec.?gateways.orValue([]).filter(g, ' +
            `g.startsWith(${quoted(`${gatewayNamespace}/`)}) || g.contains(${quoted(`.${gatewayNamespace}`)})).map(g, "gateway " + g) : []`,
          "variables.isIstios ? [] : object.spec.?addresses.orValue([]).filter(a, " +
            `(a.?value.orValue("") + ".").contains(${quoted(`.${gatewayNamespace}.`)})).map(a, "address " + a.value)`,
        ),
        // It tries its own webhook with a Gateway that is refused, and has it fail closed once the webhook has refused it.
        unless: "variables.istiod",
        why: "it would open ports on the egress gateways, or lead what passes them elsewhere",
        allow: '"Only the platform, by istio-egress:admission.platform, does so"',
      },
    ],
  };
}

/** What is in the mesh's root namespace holds for every namespace. */
function meshWide({ rootNamespace }: ObjectsSetting): Story[] {
  if (rootNamespace === undefined) {
    return [];
  }
  const refusal: Refusal = {
    rule: "mesh-wide",
    found: '[request.operation.lowerAscii() + " by " + request.userInfo.username]',
    unless: "variables.controller || variables.istiod",
    why: "what is here holds for the whole mesh, the guarded namespaces too",
    allow: '"Only the platform, by istio-egress:admission.platform, changes it"',
  };
  return [
    {
      name: "mesh-wide",
      where: { in: [rootNamespace] },
      resources: [
        {
          groups: istioGroups.filter((group) => group !== "gateway.networking.k8s.io"),
          resources: ["*"],
          operations: changes,
        },
      ],
      refusals: [refusal],
    },
  ];
}
