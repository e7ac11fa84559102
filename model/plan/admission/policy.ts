import { AdmissionRule } from "../../ground/admission";
import { Manifest } from "../../ground/manifest";
import { commonLabels } from "../metadata";
import { listed, quoted } from "./cel";

/** Who is held to nothing, or to less. */
export interface Exempt {
  /** Whoever applies the stack: user names, and groups. */
  users: string[];
  groups: string[];
}

/** What the policies of a stack have in common. */
export interface Setting {
  /** Names the stack among others of the cluster: the namespace of its gateways, which no other stack has. */
  stack: string;
  mode: "warn" | "deny";
  platform: Exempt;
  /** Namespace of istiod, where it is in the cluster. */
  controlPlane: string;
}

export interface Resources {
  groups: string[];
  resources: string[];
  operations: ("CREATE" | "UPDATE" | "DELETE" | "CONNECT")[];
}

/** Something that is refused. */
export interface Refusal {
  rule: AdmissionRule;
  /** An expression for the list of texts that say what is refused; none of them is needed where nothing is. */
  found: string;
  /** An expression for who or what is let pass whatever is found. @default nobody */
  unless?: string;
  /** Why, as a clause without a full stop. */
  why: string;
  /** An expression for a text: what would allow it, without a full stop. */
  allow: string;
}

/** One story of what is refused: a policy and its binding. */
export interface Story {
  /** As `pods`; unique within a stack. */
  name: string;
  /** Where it holds: in these namespaces, or in all but these. */
  where: { in: string[] } | { notIn: string[] };
  resources: Resources[];
  /** Whether whoever applies the stack is let pass. @default of every request */
  platform?: string;
  variables?: Record<string, string>;
  refusals: Refusal[];
}

/** The labels by which policies choose namespaces: the API server sets it itself, and nobody can move it. */
const namespaceName = "kubernetes.io/metadata.name";

/**
 * The two objects of a story. What a policy cannot make out, as in an object of an unknown form, is refused.
 *
 * What is refused is said in one sentence by `messageExpression`; `message` stands for it where it is over-long.
 */
export function policyOf(story: Story, setting: Setting): Manifest[] {
  const name = `${setting.stack}.${story.name}`;
  const metadata = { name, labels: commonLabels() };
  const { where, variables = {}, platform = "true" } = story;
  const apiVersion = "admissionregistration.k8s.io/v1";
  const selector =
    "in" in where
      ? { key: namespaceName, operator: "In", values: where.in }
      : { key: namespaceName, operator: "NotIn", values: where.notIn };
  return [
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: story.resources.map(({ groups, resources, operations }) => ({
            apiGroups: groups,
            apiVersions: ["*"],
            operations,
            resources,
          })),
        },
        matchConditions: [{ name: "not-the-platform", expression: `!(${isOneOf(setting.platform)} && (${platform}))` }],
        variables: [
          ...common(setting),
          ...Object.entries(variables).map(([variable, expression]) => ({ name: variable, expression })),
          ...story.refusals.map(({ rule, found }) => ({ name: variableOf(rule), expression: found })),
        ],
        validations: story.refusals.map(validation),
      },
    },
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicyBinding",
      metadata,
      spec: {
        policyName: name,
        validationActions: setting.mode === "deny" ? ["Deny"] : ["Warn", "Audit"],
        matchResources: { namespaceSelector: { matchExpressions: [selector] } },
      },
    },
  ];
}

/** An expression that holds for requests of certain users and groups. */
export function isOneOf({ users, groups }: Exempt): string {
  const conditions = [
    ...(users.length === 0 ? [] : [`request.userInfo.username in ${listed(users)}`]),
    ...(groups.length === 0 ? [] : [`request.userInfo.?groups.orValue([]).exists(g, g in ${listed(groups)})`]),
  ];
  return conditions.length === 0 ? "false" : `(${conditions.join(" || ")})`;
}

/** Variables that every policy has: they cost nothing where nobody asks for them. */
function common({ controlPlane }: Setting): { name: string; expression: string }[] {
  const user = "request.userInfo.username";
  return [
    {
      // With credentials of their own, controllers are ServiceAccounts of kube-system; without, they are one user.
      name: "controller",
      expression:
        `${user} in ["system:kube-controller-manager", "system:kube-scheduler"] || ` +
        `${user}.startsWith("system:serviceaccount:kube-system:")`,
    },
    { name: "node", expression: `request.userInfo.?groups.orValue([]).exists(g, g == "system:nodes")` },
    {
      name: "object",
      expression: 'request.?namespace.orValue("") + "/" + request.kind.kind + "/" + request.?name.orValue("")',
    },
    { name: "istiod", expression: `${user}.startsWith(${quoted(`system:serviceaccount:${controlPlane}:istiod`)})` },
    {
      name: "subject",
      expression:
        'request.kind.kind + " " + (request.?name.orValue("") != "" ? request.name : ' +
        '(object == null ? "" : object.metadata.?generateName.orValue("")))',
    },
  ];
}

function validation({ rule, unless, why, allow }: Refusal): Record<string, unknown> {
  const nothing = `size(variables.${variableOf(rule)}) == 0`;
  return {
    expression: unless === undefined ? nothing : `${unless} || ${nothing}`,
    message: `istio-egress refuses this by its rule ${rule}: ${why}.`,
    messageExpression:
      `${quoted(`${rule}: `)} + variables.subject + ": " + variables.${variableOf(rule)}.join(", ") + ` +
      `${quoted(`: ${why}. `)} + ${allow} + "."`,
    reason: "Forbidden",
  };
}

/** A rule's name as one of a variable. */
function variableOf(rule: AdmissionRule): string {
  return `found_${rule.replaceAll("-", "_")}`;
}
