import { directTable } from "../../config/direct";
import { checkAudience, checkRegistry } from "../../config/admitted-names";
import { checkOwnNamespace, checkServiceAccount, NameProblem } from "../../config/kubernetes-names";
import { whoProblems } from "../../config/who";
import { exemptionProblems } from "../../config/exemption-scope";
import { objectRules, podRules } from "../../ground/admission";
import type { Who } from "../../ground/rbac";
import type { AdmissionArgs, MetricsArgs, RolesArgs } from "../args";
import { ArgumentProblem, Check, problemText, Sense } from "../check";
import * as check from "../check";
import { checkMoment, dns, portsBySpoken, somebody, who } from "./shared";

/** What planners of a platform's own parts ask of their arguments: mesh, gateways' namespace, resolver, metrics, roles, admission. */

const { label, listOf, mesh, oneOf, onlyOf, optional, setOf, text, wholeNumber } = check;

export const meshChecks: Record<string, Check> = {
  version: text((written) =>
    /^\d+\.\d+\.\d+/.test(written)
      ? undefined
      : { problem: "Not a version of Istio", allowed: "three numbers, as 1.31.1" },
  ),
  charts: text(),
  values: setOf({}),
  forceClientMtls: optional(oneOf(true, false)),
  discovered: optional(listOf(label)),
  resolver: optional(
    onlyOf({
      address: check.address,
      namespaces: listOf(onlyOf({ name: label, except: optional(listOf(check.labels({ atLeast: 1 }))) }), {
        atLeast: 1,
      }),
    }),
  ),
};

export const egressNamespaceChecks: Record<string, Check> = {
  name: text(checkOwnNamespace),
  mesh,
  // Without any, nobody reaches a gateway.
  guardedNamespaces: listOf(label),
  ...dns,
  known: optional(
    listOf(
      onlyOf({
        host: check.knownHost,
        addresses: listOf(check.address, { atLeast: 1 }),
        ports: portsBySpoken,
        namespaces: listOf(label, { atLeast: 1 }),
      }),
    ),
  ),
};

const directNames = Object.values(directTable).map(({ host }) => host);

export const resolverChecks: Record<string, Check> = {
  namespace: text(checkOwnNamespace),
  address: check.address,
  image: text(),
  replicas: wholeNumber(2, 1000),
  askers: listOf(label),
  zones: listOf(label, { atLeast: 1 }),
  hosts: listOf(check.host),
  except: optional(listOf(check.host)),
  own: optional(listOf(onlyOf({ host: oneOf(...directNames), address: check.address }))),
};

export const metricsChecks: Record<string, Check> = {
  namespace: text(checkOwnNamespace),
  gateways: listOf(label, { atLeast: 1 }),
  namespaces: listOf(label),
  prometheus: onlyOf({ namespace: label, selector: check.labels({ atLeast: 1 }) }),
  operator: optional(oneOf(true, false)),
  labels: optional(check.labels({ taken: ["app.kubernetes.io/managed-by"] })),
  dates: optional(
    listOf(onlyOf({ what: oneOf("ends", "review"), name: text(), at: text(checkMoment), owner: optional(text()) })),
  ),
};

/** Guarded pods reach gateways on the ports of calls only. */
export const metricsSense: Sense<MetricsArgs> = ({ namespace, namespaces = [], prometheus }) =>
  prometheus !== undefined && [namespace, ...namespaces].includes(prometheus.namespace)
    ? [
        {
          argument: "prometheus.namespace",
          problem: `${prometheus.namespace} is guarded, or the gateways' own, so Prometheus could not reach the gateways from there`,
        },
      ]
    : [];

const holder = somebody("a role that is for nobody is none");

export const rolesChecks: Record<string, Check> = {
  gatewayNamespace: label,
  gateways: listOf(label, { atLeast: 1 }),
  namespaces: listOf(label),
  made: listOf(setOf({ namespace: label, name: label })),
  mesh,
  admission: optional(oneOf(true, false)),
  resolver: optional(oneOf(true, false)),
  monitored: optional(oneOf(true, false)),
  collectorNamespace: optional(label),
  change: optional(holder),
  deploy: optional(listOf((value) => [...listed(setOf({ namespace: label })(value)), ...listed(holder(value))])),
  look: optional(holder),
  probe: optional(holder),
};

/** Roles for everybody, and for those who may act as anybody's ServiceAccount. */
export const rolesSense: Sense<RolesArgs> = ({ namespaces = [], change, deploy = [], look, probe }) => [
  ...Object.entries({ change, look, probe }).flatMap(([right, who]) => everybodyIn(right, who, namespaces)),
  // Who deploys there can act as its ServiceAccounts anyway.
  ...deploy.flatMap(({ namespace, ...who }, index) =>
    everybodyIn(
      `deploy[${index}]`,
      who,
      namespaces.filter((name) => name !== namespace),
    ),
  ),
];

/** Whoever is the platform, or an owner, is refused less than everybody. */
export const admissionSense: Sense<AdmissionArgs> = ({
  namespaces = [],
  platform,
  workloads = [],
  exemptions = [],
}) => [
  ...exemptions.flatMap((exemption, index) =>
    exemptionProblems(
      exemption,
      workloads.map(({ namespace, name }) => ({ namespace, name, isMade: false })),
    ).map(({ at, ...problem }) => ({ argument: `exemptions[${index}].${at}`, problem: valueText(problem) })),
  ),
  ...everybodyIn("platform", platform, namespaces),
  ...workloads.flatMap(({ owners }, index) => everybodyIn(`workloads[${index}].owners`, owners, namespaces)),
];

function everybodyIn(argument: string, who: Who | undefined, guarded: readonly string[]): ArgumentProblem[] {
  return (who === undefined ? [] : whoProblems(who, guarded)).map(({ at: [list, index], ...problem }) => ({
    argument: `${argument}.${list}[${index}]`,
    problem: valueText(problem),
  }));
}

/** A problem behind the value that has it. */
function valueText({ value, ...problem }: NameProblem & { value?: string }): string {
  return `${value === undefined ? "" : `${JSON.stringify(value)}: `}${problemText(problem)}`;
}

function listed(found: ReturnType<Check>): Exclude<ReturnType<Check>, string | undefined> {
  return found === undefined ? [] : typeof found === "string" ? [{ argument: "", problem: found }] : found;
}

export const admissionChecks: Record<string, Check> = {
  mode: oneOf("warn", "deny"),
  platform: somebody("nobody could change what the policies are about, nor apply the stack again"),
  gatewayNamespace: label,
  gateways: listOf(label, { atLeast: 1 }),
  namespaces: listOf(label),
  mesh,
  workloads: listOf(
    onlyOf({
      name: label,
      namespace: label,
      serviceAccount: text(checkServiceAccount),
      selector: check.labels({ atLeast: 1 }),
      granted: oneOf(true, false),
      owners: who,
      bypassed: optional(listOf(check.addressOrRange)),
    }),
  ),
  registries: optional(listOf(text(checkRegistry))),
  proxyImage: optional(text(checkRegistry)),
  audiences: optional(listOf(text(checkAudience))),
  exec: optional(oneOf(true, false)),
  exemptions: optional(
    listOf(
      onlyOf({
        rule: oneOf(...podRules, ...objectRules),
        namespace: label,
        serviceAccount: optional(text(checkServiceAccount)),
        object: optional(text()),
      }),
    ),
  ),
};
