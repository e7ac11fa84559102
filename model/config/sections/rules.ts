import { sortedBy } from "../../ground/order";
import { checkLastDay } from "../date";
import { configPath } from "../path";
import { ruleSchema } from "../schema";
import { readFields, readItems, Report } from "../shape";
import { didYouMean, listNames } from "../../ground/suggest";
import { AllowRule } from "../types";
import { Destinations } from "./destinations";
import { Outside } from "./outside";
import { Workloads } from "./workloads";

interface Context {
  workloads: Workloads;
  destinations: Destinations;
  outside: Outside;
  now: Date;
}

export function readRules(raw: unknown, context: Context, report: Report): AllowRule[] {
  const rules: AllowRule[] = [];
  const first = new Map<string, string>();
  readItems(raw, "allow", report).forEach((value, index) => {
    const path = configPath("allow", index);
    const { from, to, owner, reason, expires } = readFields(ruleSchema, value, ["allow", index], report).sound;
    if (from !== undefined && !isWorkload(from, context.workloads)) {
      reportWorkload(from, `${path}.from`, context.workloads, report);
    }
    if (to !== undefined) {
      reportDestination(to, `${path}.to`, context, report);
    }
    if (from !== undefined && to !== undefined && isWorkload(from, context.workloads)) {
      reportForeign(from, to, `${path}.to`, context, report);
    }
    const lastDay = expires === undefined ? undefined : readLastDay(expires, `${path}.expires`, context.now, report);
    if (from === undefined || to === undefined) {
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
    rules.push({ from, to, ...given({ owner, reason, expires: lastDay }), path });
  });
  return sortedBy(rules, ({ from, to }) => `${from} → ${to}`);
}

/** Without the keys that have no value. */
function given<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function isWorkload(from: string, { namespaces }: Workloads): boolean {
  const [namespace, name, ...rest] = from.split("/");
  if (name === undefined || rest.length > 0 || !namespaces.has(name)) {
    return false;
  }
  const home = namespaces.get(name);
  // A workload without a namespace is reported where it stands.
  return home === undefined || home === namespace;
}

function reportWorkload(from: string, path: string, { namespaces }: Workloads, report: Report): void {
  const [namespace, name] = from.split("/");
  const known = [...namespaces].flatMap(([workload, home]) => (home === undefined ? [] : [`${home}/${workload}`]));
  const sameName = known.find((workload) => workload.endsWith(`/${name ?? namespace}`));
  report({
    path,
    value: from,
    problem: "Not a configured workload",
    allowed: listNames(known) ?? "none is configured",
    fix:
      sameName === undefined
        ? (didYouMean(from, known) ?? `add it to ${configPath("workloads")}`)
        : `did you mean "${sameName}"?`,
  });
}

function reportDestination(to: string, path: string, { destinations, outside }: Context, report: Report): void {
  const known = [...destinations.names, ...outside.namespaces.keys()];
  if (known.includes(to)) {
    return;
  }
  const owner = destinations.owners.get(to.toLowerCase());
  report({
    path,
    value: to,
    problem: "Not a configured destination",
    allowed: listNames(known) ?? "none is configured",
    fix:
      owner === undefined
        ? (didYouMean(to, known) ?? `add it to ${configPath("destinations")}`)
        : `write "${owner.destination}", the destination that the host belongs to`,
  });
}

/** A service beside the mesh is one namespace's: others would need a Service, and a rule for their pods, of their own. */
function reportForeign(from: string, to: string, path: string, context: Context, report: Report): void {
  const home = context.outside.namespaces.get(to);
  // A name that a destination has too is reported where it stands.
  if (context.destinations.names.has(to)) {
    return;
  }
  if (home !== undefined && !from.startsWith(`${home}/`)) {
    report({
      path,
      value: to,
      problem: `The service is one of the namespace ${home}, and ${from} is not`,
      allowed: `workloads of ${home}`,
      fix: `give ${from.split("/")[0]} one of its own under ${configPath("outside")}`,
    });
  }
}

function readLastDay(value: unknown, path: string, now: Date, report: Report): string | undefined {
  const check = checkLastDay(value, now);
  if ("date" in check) {
    return check.date;
  }
  report({ path, ...check });
  return undefined;
}
