import * as pulumi from "@pulumi/pulumi";
import { planRoles, RolesArgs as PlannedArgs } from "../model";
import { manifestResource } from "./manifest-resource";
import type { Every } from "./known-arguments";
import { given, planned } from "./planned";

export type EgressRolesArgs = PlannedArgs;

const everyArgument: Every<EgressRolesArgs> = {
  gatewayNamespace: true,
  gateways: true,
  namespaces: true,
  made: true,
  mesh: true,
  admission: true,
  resolver: true,
  monitored: true,
  collectorNamespace: true,
  change: true,
  deploy: true,
  look: true,
  probe: true,
};

/**
 * Roles for those who work with a stack and are not its platform, with their bindings: who may change the allowlist, deploy
 * into a guarded namespace, look at the stack, and run commands in its pods. Each has in each namespace what is needed there,
 * and no wildcard.
 *
 * Name the namespaces, where the program makes them, in its `dependsOn`.
 *
 * Errors: the API server refuses roles that hold more than whoever applies them has.
 */
export class EgressRoles extends pulumi.ComponentResource {
  constructor(name: string, args: EgressRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("istio-egress:index:EgressRoles", name, {}, opts);

    const manifests = planned(`EgressRoles "${name}"`, { of: { args, known: everyArgument } }, () =>
      planRoles(given(args)),
    );
    const isRole = ({ kind }: { kind: string }) => /Role$/.test(kind);
    const { dependsOn = [] } = opts ?? {};
    const roles = manifests.filter(isRole).map((role) => manifestResource(this, name, role, { dependsOn }));
    manifests
      .filter((manifest) => !isRole(manifest))
      .forEach((binding) => manifestResource(this, name, binding, { dependsOn: roles }));
    this.registerOutputs({});
  }
}
