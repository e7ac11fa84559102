import { ObjectRule, objectRules, PodRule, podRules } from "../../ground/admission";
import { Manifest } from "../../ground/manifest";
import { gatewayPodLabel, gatewaySelector, meshNamespace } from "../../ground/names";
import { sortedUnique } from "../../ground/order";
import { AdmissionArgs } from "../args";
import { admissionChecks, admissionSense } from "../arguments/platform";
import { requireArguments } from "../check";
import { appLabels, sortManifests } from "../metadata";
import { bypassRanges } from "../../ground/pods/proxy-config";
import { identityStories } from "./identity";
import { objectStories } from "./objects";
import { podStories } from "./pods";
import { policyOf, Setting, Story } from "./policy";

/**
 * What the API server refuses in guarded namespaces, and elsewhere of what would touch them: ValidatingAdmissionPolicies
 * and their bindings, one of each for a story. Their names begin with that of the gateways' namespace, so that stacks
 * of one cluster do not meet.
 *
 * @throws ArgumentError for what could mean another thing than it says
 */
export function planAdmission(args: AdmissionArgs): Manifest[] {
  requireArguments(`The admission policies of ${args.gatewayNamespace}`, args, admissionChecks, admissionSense);
  const { gatewayNamespace, mesh = {} } = args;
  const setting: Setting = {
    stack: gatewayNamespace,
    mode: args.mode,
    platform: args.platform,
    controlPlane: mesh.controlPlane?.namespace ?? meshNamespace,
  };
  return sortManifests(storiesOf(args).flatMap((story) => policyOf(story, setting)));
}

function storiesOf(args: AdmissionArgs): Story[] {
  const {
    gatewayNamespace,
    gateways,
    mesh = {},
    workloads,
    registries = [],
    proxyImage,
    audiences = [],
    exec = false,
  } = args;
  const namespaces = sortedUnique(args.namespaces);
  const identities = workloads.filter(({ namespace }) => namespaces.includes(namespace));
  const guarded =
    namespaces.length === 0
      ? []
      : [
          ...podStories({
            namespaces,
            registries: sortedUnique(registries),
            ...(proxyImage === undefined ? {} : { proxyImage }),
            // Certificates of a managed mesh come from a driver of Google's.
            drivers: mesh.managed === undefined ? [] : ["workloadcertificates.security.cloud.google.com"],
            ...(mesh.revision === undefined ? {} : { revision: mesh.revision }),
            bypassed: new Map(
              identities.flatMap(({ namespace, serviceAccount, bypassed = [] }) =>
                bypassed.length === 0 ? [] : [[`${namespace}/${serviceAccount}`, bypassRanges(bypassed)] as const],
              ),
            ),
            gateways,
            exemptions: exemptionsOf<PodRule>(args, podRules, ({ serviceAccount }) => serviceAccount),
          }),
          ...identityStories(identities.filter(({ granted }) => granted)),
        ];
  return [
    ...guarded,
    ...objectStories({
      namespaces,
      gatewayNamespace,
      gatewayLabels: gateways.map((gateway) => ({
        ...appLabels(gateway),
        ...gatewaySelector(gateway),
        ...gatewayPodLabel(gateway, gatewayNamespace),
        "sidecar.istio.io/inject": "true",
        "security.istio.io/tlsMode": "istio",
        "service.istio.io/canonical-name": gateway,
        "service.istio.io/canonical-revision": "latest",
        ...(mesh.revision === undefined ? {} : { "istio.io/rev": mesh.revision }),
      })),
      ...(mesh.foreign === true ? {} : { rootNamespace: meshNamespace }),
      audiences: sortedUnique(audiences),
      exec,
      exemptions: exemptionsOf<ObjectRule>(args, objectRules, ({ object }) => object),
    }),
  ];
}

type Exempted = NonNullable<AdmissionArgs["exemptions"]>[number];

/** What is let pass, as policies tell it, by the rule. */
function exemptionsOf<R extends string>(
  { exemptions = [] }: AdmissionArgs,
  rules: readonly R[],
  what: (exemption: Exempted) => string | undefined,
): Map<R, string[]> {
  return new Map(
    rules.flatMap((rule) => {
      const own = exemptions.filter((exemption) => exemption.rule === rule);
      return own.length === 0
        ? []
        : [[rule, sortedUnique(own.map((exemption) => `${exemption.namespace}/${what(exemption)}`))] as const];
    }),
  );
}
