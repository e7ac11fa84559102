import { defined } from "../../ground/objects";
import { sortedBy } from "../../ground/order";
import { checkEnd, checkReview } from "../date";
import { isPublic } from "../addresses";
import { DirectConfig, directTable } from "../direct";
import { checkHost } from "../host";
import { checkLabelName } from "../kubernetes-names";
import { configPath } from "../problem";
import { ruleSchema } from "../schema";
import { readFields, readItems, Report } from "../shape";
import { didYouMean, listNames } from "../../ground/suggest";
import { AllowRule, ExpiredRule } from "../types";
import { Destinations } from "./destinations";
import { Outside } from "./outside";
import { isWorkload, Workloads, workloadsSaid } from "./workloads";

interface Context {
  /** Every guarded namespace that the configuration mentions. */
  namespaces: Set<string>;
  workloads: Workloads;
  destinations: Destinations;
  outside: Outside;
  now: Date;
}

/** Rules by whether they hold on the day; one that does not may be followed by a new one for the same edge. */
interface Rules {
  allow: AllowRule[];
  expired: ExpiredRule[];
}

/** What a rule's `to` is looked up in: there are as many look-ups as rules. */
interface Called {
  /** Ranges of addresses without a name, by their destination. */
  addresses: ReadonlyMap<string, readonly string[]>;
  /** What the cluster has itself, by its name. */
  direct: ReadonlyMap<string, DirectConfig>;
}

export function readRules(raw: unknown, context: Context, report: Report): Rules {
  const { configs, direct } = context.destinations;
  const called: Called = {
    addresses: new Map(configs.map(({ name, addresses = [] }) => [name, addresses])),
    direct: new Map(direct.map((each) => [each.name, each])),
  };
  const rules: Rules = { allow: [], expired: [] };
  const first = new Map<string, string>();
  readItems(raw, "allow", report).forEach((value, index) => {
    const path = configPath("allow", index);
    const { sound } = readFields(ruleSchema, value, ["allow", index], report);
    const { from, to, owner, reason, expires } = sound;
    const mode = sound.mode === "report" ? sound.mode : undefined;
    if (from !== undefined && !isCaller(from, context)) {
      reportCaller(from, `${path}.from`, context, report);
    }
    if (to !== undefined) {
      reportDestination(to, `${path}.to`, context, report);
    }
    if (from !== undefined && to !== undefined && isCaller(from, context)) {
      reportForeign(from, to, `${path}.to`, context, report);
      reportWholeNamespace(from, to, `${path}.from`, called, report);
    }
    if (to !== undefined && (reason === undefined || reason.trim() === "")) {
      reportWithoutReason(to, path, called, report);
    }
    const end = expires === undefined ? undefined : readEnd(expires, `${path}.expires`, context.now, report);
    const reviewed =
      sound.reviewed === undefined ? undefined : readReview(sound.reviewed, `${path}.reviewed`, context.now, report);
    if (from === undefined || to === undefined) {
      return;
    }
    const rule = { from, to, ...defined({ owner, reason, expires: end?.date, reviewed, mode }), path };
    if (end?.isOver) {
      rules.expired.push({ ...rule, expires: end.date });
      return;
    }
    const edge = `${from} → ${to}`;
    const earlier = first.get(edge);
    if (earlier !== undefined) {
      report({
        path,
        value: edge,
        problem: `The same workload is allowed the same destination at ${earlier} already`,
        fix: "remove one of the two",
      });
    }
    first.set(edge, earlier ?? path);
    rules.allow.push(rule);
  });
  const byEdge = ({ from, to }: AllowRule) => `${from} → ${to}`;
  return { allow: sortedBy(rules.allow, byEdge), expired: sortedBy(rules.expired, byEdge) };
}

/** Whether a rule's `from` is a workload, or every pod of a guarded namespace. */
function isCaller(from: string, { namespaces, workloads }: Context): boolean {
  const [namespace, name, ...rest] = from.split("/");
  if (name === undefined || rest.length > 0) {
    return false;
  }
  return name === everyone ? namespaces.has(namespace!) : isWorkload(from, workloads);
}

/** What stands for every ServiceAccount of a namespace, in the place of a workload's name. */
const everyone = "*";

function reportCaller(from: string, path: string, { namespaces, workloads }: Context, report: Report): void {
  const [namespace = "", name] = from.split("/");
  if (from.includes("*")) {
    const isWhole = name === everyone && !namespace.includes("*");
    report({
      path,
      value: from,
      problem: isWhole ? "Not a configured namespace" : "A pattern that could be more than one namespace's pods",
      allowed: `${listNames([...namespaces].map((each) => `${each}/*`)) ?? "no namespace is configured"}, or namespace/workload`,
      fix: isWhole
        ? (suggestion(namespace, namespaces, (each) => `${each}/*`) ??
          `add ${namespace} to ${configPath("namespaces")}`)
        : "write one rule for each namespace or workload",
    });
    return;
  }
  const known = workloadsSaid(workloads);
  const sameName = known.find((workload) => workload.endsWith(`/${name ?? namespace}`));
  report({
    path,
    value: from,
    problem: "Not a configured workload",
    allowed: listNames(known) ?? "none is configured",
    fix:
      sameName === undefined
        ? (identityFix(from, known) ?? didYouMean(from, known) ?? addition(namespace, name))
        : `did you mean "${sameName}"?`,
  });
}

/** A workload by the identity that it has, as logs and policies print it. */
function identityFix(from: string, known: readonly string[]): string | undefined {
  const [, namespace, account] = /^(?:spiffe:\/\/)?[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(from) ?? [];
  const workload = `${namespace}/${account}`;
  return known.includes(workload) ? `write "${workload}"` : undefined;
}

/** What to do about a workload that is not there. */
function addition(namespace: string, name: string | undefined): string {
  const isSound = [namespace, name ?? namespace].every((each) => checkLabelName(each) === undefined);
  const add = `add it to ${configPath("workloads")}`;
  return isSound
    ? name === undefined
      ? `${add}, and write it as namespace/workload`
      : add
    : "write namespace/workload, each as it is under its own key";
}

/** `did you mean "…"?` for what is made of the known name that is nearest. */
function suggestion(written: string, known: Iterable<string>, form: (name: string) => string): string | undefined {
  const nearest = didYouMean(written, known);
  return nearest?.replace(/"(.*)"/, (_, name: string) => `"${form(name)}"`);
}

function reportDestination(to: string, path: string, { destinations, outside }: Context, report: Report): void {
  if (destinations.names.has(to) || outside.namespaces.has(to)) {
    return;
  }
  const known = [...destinations.names, ...outside.namespaces.keys()];
  const host = hostIn(to);
  const owner = host === undefined ? undefined : destinations.owners.get(host);
  const add =
    checkLabelName(to) === undefined
      ? `add it to ${configPath("destinations")}`
      : `add a destination for it to ${configPath("destinations")}, and write the name of that one`;
  report({
    path,
    value: to,
    problem: "Not a configured destination",
    allowed: listNames(known) ?? "none is configured",
    fix:
      owner === undefined
        ? (didYouMean(to, known) ?? add)
        : `write "${owner.destination}", the destination that the host belongs to`,
  });
}

/** The host that is named in a destination's place, unless by a way that no destination opens. */
function hostIn(to: string): string | undefined {
  const check = checkHost(to);
  if ("host" in check) {
    return check.host;
  }
  return check.called?.protocols.length === 0 ? undefined : check.name;
}

/** A service beside the mesh is one namespace's: others would need a Service, and a rule for their pods, of their own. */
function reportForeign(from: string, to: string, path: string, context: Context, report: Report): void {
  const home = context.outside.namespaces.get(to);
  // A name that a destination has too is reported where it stands.
  if (context.destinations.names.has(to)) {
    return;
  }
  if (home === undefined) {
    return;
  }
  const [namespace, name = ""] = from.split("/");
  if (namespace !== home) {
    report({
      path,
      value: to,
      problem: `The service is one of the namespace ${home}, and ${from} is not`,
      allowed: `workloads of ${home}`,
      fix: `give ${namespace} one of its own under ${configPath("outside")}`,
    });
  } else if (name === everyone) {
    report({
      path,
      value: to,
      problem:
        "No gateway asks for the identity on this way: labels of pods open it, so that it would be open for any pod",
      allowed: "from: workloads, one rule for each",
      fix: `name the workloads of ${namespace} that call it, or give the service a public name and make it a destination`,
    });
  }
}

/** Whoever has a public address is reached by it: no name, and no certificate, says who that is. */
function reportWithoutReason(to: string, path: string, { addresses }: Called, report: Report): void {
  const open = addresses.get(to)?.find(isPublic);
  if (open !== undefined) {
    report({
      path: `${path}.reason`,
      problem: `Missing, and ${to} holds public addresses, ${open}: no name says whose they are, so the rule does`,
      fix: "add reason: with what is called there, and whose it is",
    });
  }
}

/** What the cluster has itself is opened for pods, by their labels: of a whole namespace that would be any pod. */
function reportWholeNamespace(from: string, to: string, path: string, called: Called, report: Report): void {
  const direct = called.direct.get(to);
  if (direct !== undefined && from.endsWith(`/${everyone}`)) {
    report({
      path,
      value: from,
      problem: `${to} is ${directTable[direct.kind].what}: it is opened for pods by their labels, and of a whole namespace would be for any of them`,
      allowed: "workloads, one rule for each",
      fix: "name the workloads that call it",
    });
  }
}

type End = Extract<ReturnType<typeof checkEnd>, { date: string }>;

function readEnd(value: unknown, path: string, now: Date, report: Report): End | undefined {
  const check = checkEnd(value, now);
  if ("date" in check) {
    return check;
  }
  report({ path, ...check });
  return undefined;
}

function readReview(value: string, path: string, now: Date, report: Report): string | undefined {
  const check = checkReview(value, now);
  if ("reviewed" in check) {
    return check.reviewed;
  }
  report({ path, value, ...check });
  return undefined;
}
