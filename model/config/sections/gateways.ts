import { resolverName } from "../../ground/dns";
import { gatewayName, observerName } from "../../ground/names";
import { sortedBy, sortedUnique } from "../../ground/order";
import { checkDrain } from "../../ground/timeouts";
import { checkIdentityName, checkOwnNamespace, checkServiceName } from "../kubernetes-names";
import { configPath } from "../problem";
import { gatewaySchema, namedGatewaySchema } from "../schema";
import { readEntries, readFields, Report } from "../shape";
import { didYouMean, listNames } from "../../ground/suggest";
import { GatewayConfig, GatewaySize, NamedGatewayConfig } from "../types";
import { Destinations } from "./destinations";

export function readGateway(raw: unknown, report: Report): GatewayConfig {
  const { namespace, replicas } = gatewaySchema.parse({});
  const { drain, ...written } = readFields(gatewaySchema, raw ?? {}, ["gateway"], report).sound;
  const gateway: GatewayConfig = {
    ...{ namespace, replicas, ...written },
    ...readDrain(drain, configPath("gateway", "drain"), report),
  };
  const problem = checkOwnNamespace(gateway.namespace);
  if (problem !== undefined) {
    report({ path: configPath("gateway", "namespace"), value: gateway.namespace, ...problem });
  }
  reportSize(gateway, undefined, (key) => configPath("gateway", key), report);
  return gateway;
}

/** Gateways of certain destinations' own, sorted by name. */
export function readNamedGateways(
  raw: unknown,
  shared: GatewayConfig,
  destinations: Destinations,
  report: Report,
): NamedGatewayConfig[] {
  const takenBy = new Map<string, string>();
  const gateways = readEntries(raw, "gateways", report).map(([name, value]) => {
    reportName(name, report);
    const { sound } = readFields(namedGatewaySchema, value ?? {}, ["gateways", name], report);
    const { destinations: written = [], drain, ...size } = sound;
    written.forEach((destination, index) =>
      reportDestination(
        destination,
        configPath("gateways", name, "destinations", index),
        destinations,
        takenBy,
        report,
      ),
    );
    reportSize(size, shared, (key) => configPath("gateways", name, key), report);
    const draining = readDrain(drain, configPath("gateways", name, "drain"), report);
    return { name, destinations: sortedUnique(written), ...size, ...draining };
  });
  return sortedBy(gateways, ({ name }) => name);
}

function readDrain(written: unknown, path: string, report: Report): Pick<GatewaySize, "drain"> {
  if (written === undefined) {
    return {};
  }
  const check = checkDrain(written);
  if ("problem" in check) {
    report({ path, value: written, ...check });
    return {};
  }
  return { drain: check.time };
}

function reportName(name: string, report: Report): void {
  const problem = checkIdentityName(name) ?? checkServiceName(name);
  if (problem !== undefined) {
    report({ path: configPath("gateways", name), value: name, ...problem });
  } else if (name === gatewayName) {
    report({
      path: configPath("gateways", name),
      value: name,
      problem: "The gateway that all other destinations share has this name",
      fix: "choose another name",
    });
  } else if (name === observerName) {
    report({
      path: configPath("gateways", name),
      value: name,
      problem: "The gateway of what is observed has this name",
      fix: "choose another name",
    });
  } else if (name === resolverName) {
    report({
      path: configPath("gateways", name),
      value: name,
      problem: "The resolver that guarded pods ask has this name",
      fix: "choose another name",
    });
  }
}

function reportDestination(
  destination: string,
  path: string,
  { names, direct }: Destinations,
  takenBy: Map<string, string>,
  report: Report,
): void {
  const first = takenBy.get(destination);
  if (!names.has(destination)) {
    report({
      path,
      value: destination,
      problem: "Not a configured destination",
      allowed: listNames(names) ?? "none is configured",
      fix: didYouMean(destination, names) ?? `add it to ${configPath("destinations")}`,
    });
  } else if (direct.some(({ name }) => name === destination)) {
    report({
      path,
      value: destination,
      problem: "It is the cluster's own, and no gateway leads to it",
      fix: "remove it",
    });
  } else if (first === undefined) {
    takenBy.set(destination, path);
  } else {
    report({
      path,
      value: destination,
      problem: `The destination has a gateway already, at ${first}`,
      fix: "remove one of the two",
    });
  }
}

/**
 * @param own the size that a gateway says itself
 * @param shared what holds where it says nothing; a contradiction in this alone is none of the gateway's
 */
function reportSize(
  own: Partial<GatewaySize>,
  shared: GatewaySize | undefined,
  pathOf: (key: keyof GatewaySize) => string,
  report: Report,
): void {
  const replicas = own.replicas ?? shared?.replicas;
  const maxReplicas = own.maxReplicas ?? shared?.maxReplicas;
  if (replicas === undefined || maxReplicas === undefined || maxReplicas >= replicas) {
    return;
  }
  if (own.maxReplicas !== undefined) {
    const at = own.replicas === undefined ? configPath("gateway", "replicas") : "replicas";
    report({
      path: pathOf("maxReplicas"),
      value: maxReplicas,
      problem: `Fewer pods at most than at least: ${at} is ${replicas}`,
      allowed: `${replicas} or more`,
    });
  } else if (own.replicas !== undefined) {
    report({
      path: pathOf("replicas"),
      value: replicas,
      problem: `More pods at least than at most: ${configPath("gateway", "maxReplicas")} is ${maxReplicas}`,
      allowed: `${maxReplicas} or fewer`,
      fix: "say how many there may be at most, as maxReplicas beside it",
    });
  }
}
