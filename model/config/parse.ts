import { compareText, sortedUnique } from "../ground/order";
import { configPath } from "./path";
import { ConfigError, ConfigProblem } from "./problem";
import { configKeys, secretKeys } from "./schema";
import { isGke, readCluster } from "./sections/cluster";
import { readDeny } from "./sections/deny";
import { readDestinations } from "./sections/destinations";
import { readGateway, readNamedGateways } from "./sections/gateways";
import { reportHostLimit } from "./sections/host-limit";
import { readMesh } from "./sections/mesh";
import { readNamespaces } from "./sections/namespaces";
import { readOutside } from "./sections/outside";
import { reportPolicyNames } from "./sections/policy-names";
import { readRules } from "./sections/rules";
import { readWorkloads } from "./sections/workloads";
import { unknownKey } from "./shape";
import { StackConfig } from "./types";

/**
 * Reads a stack's configuration.
 *
 * @param given the keys without their prefix, with parsed values: `{ namespaces: {…}, allow: […], … }`
 * @param options.now the day that rules' last days are held against
 * @param options.encrypted keys that the stack file encrypts, wholly or in part; only `secretKeys` may be
 * @throws ConfigError with every problem there is, not just the first
 */
export function parseConfig(given: Record<string, unknown>, options: { now: Date; encrypted?: string[] }): StackConfig {
  const raw = withoutEmptyKeys(given);
  const problems: ConfigProblem[] = [];
  const report = (problem: ConfigProblem) => void problems.push(problem);

  reportUnknownKeys(raw, report);
  reportEncryptedKeys(options.encrypted ?? [], report);
  const cluster = readCluster(raw.cluster, report);
  const mesh = readMesh(raw.mesh, { cluster, onGke: isGke(raw.cluster) }, report);
  const gateway = readGateway(raw.gateway, report);
  const namespaces = readNamespaces(raw.namespaces, gateway.namespace, report);
  const workloads = readWorkloads(raw.workloads, namespaces.names, report);
  const destinations = readDestinations(raw.destinations, report);
  const gateways = readNamedGateways(raw.gateways, gateway, destinations, report);
  reportPolicyNames({ gateways, destinations: destinations.configs }, report);
  const outside = readOutside(
    raw.outside,
    { cluster, namespaces: namespaces.names, workloads: workloads.configs, destinations },
    report,
  );
  const allow = readRules(
    raw.allow,
    { namespaces: namespaces.names, workloads, destinations, outside, now: options.now },
    report,
  );
  const deny = readDeny(raw.deny, destinations.owners, report);
  reportHostLimit({ mesh, gateways, destinations: destinations.configs, allow }, report);

  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
  return {
    cluster,
    mesh,
    gateway,
    gateways,
    namespaces: namespaces.configs,
    workloads: workloads.configs,
    destinations: destinations.configs,
    outside: outside.configs,
    allow,
    deny,
  };
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
    if (!known.includes(key)) {
      report({ path: configPath(key), value: raw[key], ...unknownKey(key, known) });
    }
  }
}

function reportEncryptedKeys(encrypted: string[], report: (problem: ConfigProblem) => void): void {
  const allowed: readonly string[] = secretKeys;
  for (const key of sortedUnique(encrypted).filter((candidate) => !allowed.includes(candidate))) {
    report({
      path: configPath(key),
      problem: "Encrypted, but reviewers must be able to read it, and resources are named after it",
      allowed: `${allowed.map((name) => configPath(name)).join(" and ")} may be encrypted`,
      fix: "set it again without --secret",
    });
  }
}
