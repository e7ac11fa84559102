import { Manifest } from "../../ground/manifest";
import { meshNamespace } from "../../ground/names";
import { sortedUnique } from "../../ground/order";
import { PolicyRule, Right, roleName, serviceAccountOf, Who } from "../../ground/rbac";
import { RolesArgs } from "../args";
import { rolesChecks, rolesSense } from "../arguments/platform";
import { requireArguments } from "../check";
import { sortManifests } from "../metadata";
import { changeAtGateways, changeEverywhere, changeInNamespace } from "./change";
import { deployInNamespace } from "./deploy";
import {
  lookAtCollector,
  lookAtControlPlane,
  lookAtDns,
  lookAtGateways,
  lookAtMonitors,
  lookEverywhere,
  lookInNamespace,
  probeEverywhere,
  probeInNamespace,
} from "./look";
import { apiGroup, roleAndBinding } from "./role";

/** What a right is, by namespace; and what of it has none, or is for every one. */
interface Reach {
  in: Map<string, PolicyRule[]>;
  everywhere: PolicyRule[];
}

/**
 * Roles for those who work with a stack and are not its platform, and their bindings: in each namespace exactly what is
 * needed there. Nothing is made of a right that nobody has.
 *
 * Whoever applies them has to hold all of it: the API server lets nobody give more than they have.
 *
 * @throws ArgumentError for what could mean another thing than it says
 */
export function planRoles(args: RolesArgs): Manifest[] {
  requireArguments(`The roles of ${args.gatewayNamespace}`, args, rolesChecks, rolesSense);
  const { gatewayNamespace, change, deploy = [], look, probe } = args;
  return sortManifests([
    ...granted(gatewayNamespace, "change", change, changeReach(args)),
    ...deploy.flatMap(({ namespace, ...who }) =>
      granted(gatewayNamespace, "deploy", who, { in: new Map([[namespace, deployInNamespace]]), everywhere: [] }),
    ),
    ...granted(gatewayNamespace, "look", look, lookReach(args)),
    ...granted(gatewayNamespace, "probe", probe, {
      in: new Map(sortedUnique(args.namespaces).map((namespace) => [namespace, probeInNamespace])),
      everywhere: probeEverywhere,
    }),
  ]);
}

function changeReach(args: RolesArgs): Reach {
  const guarded = sortedUnique(args.namespaces).map(
    (namespace) => [namespace, changeInNamespace(args, namespace)] as const,
  );
  return {
    in: new Map([[args.gatewayNamespace, changeAtGateways(args)], ...guarded]),
    everywhere: changeEverywhere(args),
  };
}

function lookReach(args: RolesArgs): Reach {
  const { gatewayNamespace, namespaces, mesh = {}, monitored = false, collectorNamespace } = args;
  const isInCluster = mesh.managed === undefined && mesh.controlPlane?.ranges === undefined;
  const controlPlane = mesh.controlPlane?.namespace ?? meshNamespace;
  const reach = new Map<string, PolicyRule[]>([
    ["kube-system", lookAtDns],
    ...(isInCluster ? [[controlPlane, lookAtControlPlane] as const] : []),
    ...sortedUnique(namespaces).map((namespace) => [namespace, lookInNamespace] as const),
    [gatewayNamespace, [...lookInNamespace, ...lookAtGateways, ...(monitored ? lookAtMonitors : [])]],
  ]);
  if (collectorNamespace !== undefined) {
    // It may be one of those above.
    reach.set(collectorNamespace, [...(reach.get(collectorNamespace) ?? []), ...lookAtCollector]);
  }
  return { in: reach, everywhere: lookEverywhere };
}

function granted(gatewayNamespace: string, right: Right, who: Who | undefined, reach: Reach): Manifest[] {
  if (who === undefined) {
    return [];
  }
  const name = roleName(gatewayNamespace, right);
  const subjects = subjectsOf(who);
  return [
    ...[...reach.in].flatMap(([namespace, rules]) => roleAndBinding({ name, namespace, rules, subjects })),
    ...(reach.everywhere.length === 0 ? [] : roleAndBinding({ name, rules: reach.everywhere, subjects })),
  ];
}

function subjectsOf({ users, groups }: Who): Record<string, string>[] {
  return [
    ...sortedUnique(groups).map((name) => ({ kind: "Group", apiGroup, name })),
    ...sortedUnique(users).map((user): Record<string, string> => {
      const account = serviceAccountOf(user);
      return account === undefined
        ? { kind: "User", apiGroup, name: user }
        : { kind: "ServiceAccount", namespace: account.namespace, name: account.name };
    }),
  ];
}
