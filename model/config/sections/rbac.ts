import { Right, Who } from "../../ground/rbac";
import { sortedBy, sortedUnique } from "../../ground/order";
import { didYouMean, listNames } from "../../ground/suggest";
import { configPath } from "../problem";
import { ConfigKey, ownersSchema, rbacSchema } from "../schema";
import { readFields, Report } from "../shape";
import { AdmissionConfig, NamespaceConfig, RbacConfig } from "../types";
import { reportNobody, reportWho } from "../who";

interface Context {
  namespaces: NamespaceConfig[];
  admission: AdmissionConfig;
}

type At = [ConfigKey, ...PropertyKey[]];

export function readRbac(raw: unknown, context: Context, report: Report): RbacConfig {
  const { sound } = readFields(rbacSchema, raw ?? {}, ["rbac"], report);
  const { deploy = {}, ...rest } = sound;
  const guarded = context.namespaces.map(({ name }) => name);
  const config: RbacConfig = { deploy: [] };
  for (const right of ["change", "look", "probe"] as const) {
    const who = rest[right];
    if (who !== undefined) {
      const at: At = ["rbac", right];
      reportWho(who, at, guarded, report);
      reportNobody(who, at, report);
      config[right] = normal(who);
    }
  }
  for (const [namespace, value] of sortedBy(Object.entries(deploy), ([name]) => name)) {
    const at: At = ["rbac", "deploy", namespace];
    const who = { ...ownersSchema.parse({}), ...readFields(ownersSchema, value ?? {}, at, report).sound };
    if (!guarded.includes(namespace)) {
      report({
        path: configPath(...at),
        value: namespace,
        problem: "Not a configured namespace",
        allowed: listNames(guarded) ?? "none is configured",
        fix: didYouMean(namespace, guarded) ?? `add it to ${configPath("namespaces")}, or remove it`,
      });
    }
    // Who deploys there can act as its ServiceAccounts anyway.
    reportWho(
      who,
      at,
      guarded.filter((name) => name !== namespace),
      report,
    );
    reportNobody(who, at, report);
    config.deploy.push({ namespace, ...normal(who) });
  }
  reportAdmission(config, context, report);
  return config;
}

function normal({ users, groups }: Who): Who {
  return { users: sortedUnique(users), groups: sortedUnique(groups) };
}

/** Admission tells the platform from tenants; what it says of each has to go with what they are let do. */
function reportAdmission(config: RbacConfig, { admission }: Context, report: Report): void {
  const { mode, platform, exec } = admission;
  if (mode === "off") {
    return;
  }
  const path = (right: Right, ...at: PropertyKey[]) => configPath("rbac", right, ...at);
  const platformPath = configPath("admission", "platform");
  const each = (who: Who | undefined, found: (list: keyof Who, name: string, index: number) => void) =>
    (["users", "groups"] as const).forEach((list) => who?.[list].forEach((name, index) => found(list, name, index)));
  const outside = (right: "change" | "probe", problem: string) =>
    each(config[right], (list, name, index) => {
      if (!platform[list].includes(name)) {
        report({
          path: path(right, list, index),
          value: name,
          problem,
          fix: `add ${JSON.stringify(name)} to ${platformPath}.${list}, or name who is there`,
        });
      }
    });
  outside("change", `Admission lets nobody but ${platformPath} change what an allowlist is made into`);
  if (exec === "platform") {
    outside("probe", `${configPath("admission", "exec")} lets nobody but ${platformPath} run commands in pods`);
  }
  for (const { namespace, ...who } of config.deploy) {
    each(who, (list, name, index) => {
      if (platform[list].includes(name)) {
        report({
          path: path("deploy", namespace, list, index),
          value: name,
          problem: `In ${platformPath} as well: admission refuses them nothing that would open the guard`,
          fix: "remove one of the two",
        });
      }
    });
  }
}
