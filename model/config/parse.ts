import { compareText, sortedUnique } from "../ground/order";
import { EncryptedPart } from "./file/stack";
import { resolvePlain } from "./file/scalar";
import { forwardingOf } from "../ground/forwarding";
import { Service, services } from "../ground/presets";
import { inQuotes } from "../ground/words";
import { meshTraits } from "./mesh-traits";
import { observedProblems } from "./observed";
import { reportingProblems } from "./reporting";
import { ConfigError, configPath, ConfigProblem } from "./problem";
import { configKeys, secretKeys } from "./schema";
import { hidingSecrets } from "./secret";
import { readAdmission } from "./sections/admission";
import { readBreakGlass } from "./sections/break-glass";
import { isGke, readCluster } from "./sections/cluster";
import { readDeny } from "./sections/deny";
import { readDns } from "./sections/dns";
import { readDestinations } from "./sections/destinations";
import { readGateway, readNamedGateways } from "./sections/gateways";
import { reportCountedNames, reportHostLimit } from "./sections/host-limit";
import { readMesh } from "./sections/mesh";
import { readLogs } from "./sections/logs";
import { readMetrics } from "./sections/metrics";
import { readNamespaces } from "./sections/namespaces";
import { readOutside } from "./sections/outside";
import { reportPolicyNames } from "./sections/policy-names";
import { readRbac } from "./sections/rbac";
import { readRules } from "./sections/rules";
import { reportWildcards } from "./sections/wildcards";
import { readWorkloads } from "./sections/workloads";
import { unknownKey, withoutIdleQuotes } from "./shape";
import { StackConfig } from "./types";

export interface ParseOptions {
  /** The day in UTC that rules' last days are held against. */
  now: Date;
  /**
   * What the stack's file encrypts: whole keys, or parts of them by what leads there, `["workloads", "app", "env"]`.
   * Only parts of `secretKeys` may be. @default nothing
   */
  encrypted?: readonly (string | EncryptedPart)[];
  /**
   * The source of numbers and truth values that do not read as they are written, by `configPath`. @default not known
   */
  spelled?: ReadonlyMap<string, string>;
  /** What destinations may name as their preset. @default the table of this package */
  services?: readonly Service[];
}

/**
 * Reads a stack's configuration.
 *
 * @param given the keys without their prefix, with parsed values: `{ namespaces: {…}, allow: […], … }`
 * @throws ConfigError with every problem there is, not just the first, and with nothing that is encrypted
 */
export function parseConfig(given: Record<string, unknown>, options: ParseOptions): StackConfig {
  const raw = withoutEmptyKeys(given);
  const encrypted = (options.encrypted ?? []).map((part): EncryptedPart => (typeof part === "string" ? [part] : part));
  const problems: ConfigProblem[] = [];
  const hide = hidingSecrets(raw, encrypted);
  const report = (problem: ConfigProblem) => void problems.push(hide(withSpelling(problem, options.spelled)));

  reportEncryptedKeys(encrypted, (problem) => void problems.push(problem));
  if (problems.length > 0) {
    // What else is wrong would be told by what was not to be encrypted, or be wrong only because it cannot be read.
    throw new ConfigError(problems);
  }
  reportUnknownKeys(raw, report);
  reportPrototypes(raw, report);
  const cluster = readCluster(raw.cluster, report);
  const mesh = readMesh(raw.mesh, { cluster, onGke: isGke(raw.cluster) }, report);
  const gateway = readGateway(raw.gateway, report);
  const namespaces = readNamespaces(raw.namespaces, { gatewayNamespace: gateway.namespace, cluster }, report);
  const workloads = readWorkloads(raw.workloads, namespaces.names, report);
  const destinations = readDestinations(
    raw.destinations,
    {
      connects: forwardingOf(meshTraits(mesh)).connects,
      cluster,
      now: options.now,
      services: options.services ?? services,
    },
    report,
  );
  const gateways = readNamedGateways(raw.gateways, gateway, destinations, report);
  reportPolicyNames({ gateways, destinations: destinations.configs }, report);
  const outside = readOutside(
    raw.outside,
    { cluster, namespaces: namespaces.names, workloads: workloads.configs, destinations },
    report,
  );
  const { allow, expired } = readRules(
    raw.allow,
    { namespaces: namespaces.names, workloads, destinations, outside, now: options.now },
    report,
  );
  const deny = readDeny(raw.deny, destinations.owners, report);
  observedProblems({ mesh, namespaces: namespaces.configs, workloads: workloads.configs }).forEach(report);
  reportingProblems({ mesh, allow, direct: destinations.direct, outside: outside.configs }).forEach(report);
  const admission = readAdmission(
    raw.admission,
    { namespaces: namespaces.configs, workloads, onGke: isGke(raw.cluster), now: options.now },
    report,
  );
  const rbac = readRbac(raw.rbac, { namespaces: namespaces.configs, admission }, report);
  const breakGlass = readBreakGlass(raw.breakGlass, report);
  const dns = readDns(
    raw.dns,
    { cluster, mesh, workloads: workloads.configs, destinations: destinations.configs },
    report,
  );
  const metrics = readMetrics(raw.metrics, { mesh, gateway, namespaces: namespaces.configs }, report);
  const logs = readLogs(raw.logs, { mesh, gateway, namespaces: namespaces.configs }, report);
  const sections = { mesh, gateways, destinations: destinations.configs, allow, deny };
  reportWildcards({ ...sections, namespaces: namespaces.configs, workloads: workloads.configs }, report);
  reportHostLimit({ mesh, gateways, destinations: destinations.configs, allow }, report);
  reportCountedNames({ mesh, gateways, destinations: destinations.configs, allow, metrics }, report);

  if (problems.length > 0) {
    throw new ConfigError(withoutIdleQuotes(problems));
  }
  return {
    cluster,
    mesh,
    gateway,
    gateways,
    namespaces: namespaces.configs,
    workloads: workloads.configs,
    destinations: destinations.configs,
    direct: destinations.direct,
    outside: outside.configs,
    allow,
    expired,
    deny,
    admission,
    breakGlass,
    dns,
    rbac,
    metrics,
    logs,
  };
}

/** How a number or truth value is to be put in quotes: as its author wrote it, because `1.10` is read as 1.1. */
function withSpelling(problem: ConfigProblem, spelled: ParseOptions["spelled"]): ConfigProblem {
  const { path, value, fix } = problem;
  if ((typeof value !== "number" && typeof value !== "boolean") || fix !== inQuotes(String(value))) {
    return problem;
  }
  const source = spelled?.get(path);
  if (source !== undefined && resolvePlain(source) === value) {
    return { ...problem, fix: inQuotes(source) };
  }
  return spelled === undefined && typeof value === "number"
    ? { ...problem, fix: "put it in quotes as it is in the file: without them digits are lost, as 1.10 is read as 1.1" }
    : problem;
}

/** A key with nothing behind it is null in YAML, but an empty text from Pulumi's engine. */
function withoutEmptyKeys(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => [key, value === "" || value === null ? undefined : value]),
  );
}

function reportUnknownKeys(raw: Record<string, unknown>, report: (problem: ConfigProblem) => void): void {
  const known: readonly string[] = configKeys;
  for (const key of Object.keys(raw).sort(compareText)) {
    if (!known.includes(key) && key !== "__proto__") {
      report({ path: configPath(key), value: raw[key], ...unknownKey(key, known) });
    }
  }
}

/** A key that JavaScript takes for something else, and that readers lose in silence. */
function reportPrototypes(value: unknown, report: (problem: ConfigProblem) => void, at: PropertyKey[] = []): void {
  if (typeof value !== "object" || value === null) {
    return;
  }
  for (const [key, part] of Object.entries(value)) {
    const place = [...at, Array.isArray(value) ? Number(key) : key];
    if (key === "__proto__") {
      const [first = "", ...rest] = place.map(String);
      report({ path: configPath(first, ...rest), value: part, problem: "No name, and no key", fix: "remove it" });
    }
    reportPrototypes(part, report, place);
  }
}

function reportEncryptedKeys(encrypted: readonly EncryptedPart[], report: (problem: ConfigProblem) => void): void {
  const allowed: readonly string[] = secretKeys;
  for (const key of sortedUnique(encrypted.map(([first]) => first)).filter(
    (candidate) => !allowed.includes(candidate),
  )) {
    report({
      path: configPath(key),
      problem: "Encrypted, but reviewers must be able to read it, and resources are named after it",
      allowed: `${allowed.map((name) => configPath(name)).join(" and ")} may be encrypted`,
      fix: "set it again without --secret",
    });
  }
}
