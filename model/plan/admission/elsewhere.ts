import { resolverName } from "../../ground/dns";
import { breakGlassLabel } from "../../ground/names";
import { joined, mappedTexts, quoted } from "./cel";
import { changes, gatewayApiGroups, istioGroups, ObjectsSetting, policyResources, writes } from "./kinds";
import { Refusal, Story } from "./policy";

/** In the gateways' namespace nobody but the platform makes or changes anything that pods are led, configured or guarded by. */
export function gatewaysNamespace({ gatewayNamespace }: ObjectsSetting): Story {
  const has = (object: string) =>
    `(${object} != null && ${quoted(breakGlassLabel)} in ${object}.metadata.?labels.orValue({}))`;
  return {
    name: "gateways-namespace",
    where: { in: [gatewayNamespace] },
    resources: [
      {
        groups: [""],
        resources: ["pods", "pods/ephemeralcontainers", "serviceaccounts/token", "replicationcontrollers"],
        operations: writes,
      },
      { groups: [""], resources: ["configmaps", "endpoints", "services", "serviceaccounts"], operations: changes },
      { groups: ["discovery.k8s.io"], resources: ["endpointslices"], operations: changes },
      {
        groups: [""],
        resources: ["pods/exec", "pods/attach", "pods/portforward", "pods/proxy", "services/proxy"],
        operations: ["CONNECT"],
      },
      { groups: ["apps", "batch"], resources: ["*"], operations: changes },
      { groups: ["apps"], resources: ["*/scale"], operations: ["UPDATE"] },
      { groups: ["networking.k8s.io", "autoscaling", "policy"], resources: ["*"], operations: changes },
      ...policyResources,
      { groups: istioGroups, resources: ["*"], operations: changes },
    ],
    variables: {
      // Others put ConfigMaps into every namespace, as certificates to trust; these are the resolver's and `egress grant`'s.
      foreign:
        `request.resource.resource == "configmaps" && request.?name.orValue("") != ${quoted(resolverName)} && ` +
        `!${has("object")} && !${has("oldObject")}`,
    },
    refusals: [
      {
        rule: "gateways-namespace",
        found: 'variables.foreign ? [] : [request.operation.lowerAscii() + " by " + request.userInfo.username]',
        unless: "variables.controller || variables.istiod || variables.node",
        why: "the egress gateways have this namespace to themselves, and a way out",
        allow: '"Only the platform, by istio-egress:admission.platform, changes it"',
      },
    ],
  };
}

/** Elsewhere: a Gateway chooses pods of every namespace, and a VirtualService binds to Gateways of every namespace. */
export function routes({ namespaces, gatewayNamespace, gatewayLabels }: ObjectsSetting): Story {
  const labels = `[${gatewayLabels.map(mappedTexts).join(", ")}]`;
  return {
    name: "routes",
    where: { notIn: [...namespaces, gatewayNamespace].sort() },
    resources: [
      { groups: ["networking.istio.io"], resources: ["gateways", "virtualservices"], operations: writes },
      // Its addresses may name a Service of another namespace, whose pods it then configures.
      { groups: ["gateway.networking.k8s.io"], resources: ["gateways"], operations: writes },
    ],
    variables: { gatewayLabels: labels, isIstios: 'request.kind.group == "networking.istio.io"' },
    refusals: [
      {
        rule: "routes",
        found: joined(
          'variables.isIstios && request.kind.kind == "Gateway" && variables.gatewayLabels.exists(l, object.spec.?selector.orValue({}).all(k, ' +
            // What Kubernetes and the injector add, with values that are not known here, is taken to fit.
            'k in ["pod-template-hash", "networking.istio.io/tunnel"] || k.startsWith("topology.") || ' +
            '(k in l && l[k] == object.spec.selector[k]))) ? ["a selector of the egress gateways\' pods"] : []',
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
export function meshWide({ rootNamespace }: ObjectsSetting): Story[] {
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
          groups: istioGroups.filter((group) => !gatewayApiGroups.includes(group)),
          resources: ["*"],
          operations: changes,
        },
      ],
      refusals: [refusal],
    },
  ];
}
