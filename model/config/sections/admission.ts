import { isOfRegistry, plainProxyConfig } from "../../ground/admission";
import { isObject } from "../../ground/objects";
import { sortedBy, sortedUnique } from "../../ground/order";
import { proxyConfigAnnotation } from "../../ground/pods/proxy-config";
import { didYouMean, listNames } from "../../ground/suggest";
import { checkAudience, checkRegistry } from "../admitted-names";
import { configPath } from "../problem";
import { admissionSchema, ownersSchema } from "../schema";
import { readFields, Report } from "../shape";
import { AdmissionConfig, NamespaceConfig } from "../types";
import { reportNobody, reportWho } from "../who";
import { readExemptions } from "./exemptions";
import { isWorkload, workloadsSaid, Workloads } from "./workloads";

interface Context {
  namespaces: NamespaceConfig[];
  workloads: Workloads;
  onGke: boolean;
  now: Date;
}

export function readAdmission(raw: unknown, context: Context, report: Report): AdmissionConfig {
  const { sound } = readFields(admissionSchema, raw ?? {}, ["admission"], report);
  const { owners, exemptions, ...rest } = { ...admissionSchema.parse({}), ...sound };
  reportPlatform(rest, context, report);
  reportRegistries(rest, context, report);
  reportAudiences(rest, report);
  if (rest.mode !== "off") {
    reportProxyConfig(exemptions, context, report);
  }
  return {
    ...rest,
    registries: sortedUnique(rest.registries),
    audiences: sortedUnique(rest.audiences),
    owners: readOwners(owners, context, report),
    ...readExemptions(exemptions, { ...context, workloads: context.workloads.configs }, report),
  };
}

/** Whoever is the platform is refused nothing; without the one who applies the stack it could not be changed again. */
function reportPlatform(
  { mode, platform }: Pick<AdmissionConfig, "mode" | "platform">,
  context: Context,
  report: Report,
) {
  reportWho(platform, ["admission", "platform"], namesOf(context), report);
  if (mode !== "off" && platform.users.length + platform.groups.length === 0) {
    report({
      path: configPath("admission", "platform"),
      value: platform,
      problem: "Names nobody: nobody could change what the policies are about, nor apply the stack again",
      allowed: "users and groups as the API server knows them, as {users: [deployer@acme.iam.gserviceaccount.com]}",
      fix: "write what `kubectl auth whoami` says of whoever runs `pulumi up`",
    });
    return;
  }
  const defaults = admissionSchema.parse({}).platform.groups;
  const isNamed = platform.users.length > 0 || platform.groups.some((group) => !defaults.includes(group));
  if (mode !== "off" && context.onGke && !isNamed) {
    report({
      path: configPath("admission", "platform"),
      value: platform,
      problem: "On GKE nobody is in these groups: whoever applies the stack would be refused by its own policies",
      allowed: "users and groups as the API server knows them, as {users: [deployer@acme.iam.gserviceaccount.com]}",
      fix: "write what `kubectl auth whoami` says of whoever runs `pulumi up`",
    });
  }
}

function namesOf({ namespaces }: Context): string[] {
  return namespaces.map(({ name }) => name);
}

function reportRegistries(
  { registries, proxyImage }: Pick<AdmissionConfig, "registries" | "proxyImage">,
  { workloads: { configs: workloads } }: Context,
  report: Report,
): void {
  registries.forEach((registry, index) => {
    const problem = checkRegistry(registry);
    if (problem !== undefined) {
      report({ path: configPath("admission", "registries", index), value: registry, ...problem });
    }
  });
  if (proxyImage !== undefined) {
    const tagged = /[:@][^/]*$/.exec(proxyImage.slice(proxyImage.lastIndexOf("/") + 1));
    const problem =
      tagged === null
        ? checkRegistry(proxyImage)
        : {
            problem: "Named with its tag, which changes with every version of the mesh",
            fix: `write "${proxyImage.slice(0, -tagged[0].length)}"`,
          };
    if (problem !== undefined) {
      report({ path: configPath("admission", "proxyImage"), value: proxyImage, ...problem });
    } else if (registries.length > 0 && !isOfRegistry(proxyImage, registries)) {
      report({
        path: configPath("admission", "registries"),
        value: registries,
        problem: "The sidecars' own image is of none of these, so every pod would be refused",
        fix: `add ${proxyImage.slice(0, proxyImage.lastIndexOf("/"))}`,
      });
    }
  }
  if (registries.length === 0 || registries.some((registry) => checkRegistry(registry) !== undefined)) {
    return;
  }
  for (const { name, made } of workloads) {
    if (made !== undefined && !isOfRegistry(made.image, registries)) {
      report({
        path: configPath("workloads", name, "image"),
        value: made.image,
        problem: `The image is of none of ${configPath("admission", "registries")}, so its pods would be refused`,
        allowed: listNames(registries),
        fix: "add its registry there, or take the image from one of them",
      });
    }
  }
}

function reportAudiences({ audiences }: Pick<AdmissionConfig, "audiences">, report: Report): void {
  audiences.forEach((audience, index) => {
    const problem = checkAudience(audience);
    if (problem !== undefined) {
      report({ path: configPath("admission", "audiences", index), value: audience, ...problem });
    }
  });
}

/** What a workload of the stack may say of its sidecar, and a policy cannot read. */
function reportProxyConfig(exemptions: unknown[], { workloads }: Context, report: Report): void {
  for (const { name, namespace, serviceAccount, made } of workloads.configs) {
    const key = proxyConfigAnnotation;
    const value = made?.pod.metadata?.annotations?.[key];
    const isExempt = exemptions.some(
      (each) =>
        isObject(each) &&
        each.rule === "annotations" &&
        each.namespace === namespace &&
        each.serviceAccount === serviceAccount,
    );
    if (value !== undefined && !isExempt && !new RegExp(plainProxyConfig).test(value)) {
      report({
        path: configPath("workloads", name, "pod", "metadata", "annotations", key),
        value,
        problem: "Admission takes a key and a word in each line only, and its pods would be refused",
        allowed: "as concurrency: 2",
        fix: `write it so, or add {rule: annotations, namespace: ${namespace}, serviceAccount: ${serviceAccount}, owner, reason, expires} to ${configPath("admission", "exemptions")}`,
      });
    }
  }
}

function readOwners(raw: Record<string, unknown>, context: Context, report: Report): AdmissionConfig["owners"] {
  const known = workloadsSaid(context.workloads);
  const owners = Object.entries(raw).map(([workload, value]) => {
    const { sound } = readFields(ownersSchema, value ?? {}, ["admission", "owners", workload], report);
    const who = { ...ownersSchema.parse({}), ...sound };
    if (!isWorkload(workload, context.workloads)) {
      report({
        path: configPath("admission", "owners", workload),
        value: workload,
        problem: "Not a configured workload",
        allowed: listNames(known) ?? "none is configured",
        fix: didYouMean(workload, known) ?? `add it to ${configPath("workloads")}, or remove it`,
      });
    }
    reportWho(who, ["admission", "owners", workload], namesOf(context), report);
    reportNobody(who, ["admission", "owners", workload], report);
    return { workload, ...who };
  });
  return sortedBy(owners, ({ workload }) => workload);
}
