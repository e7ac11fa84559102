import { gatewayName } from "../../plan/names";
import { sortedBy, sortedUnique } from "../../order";
import { checkOwnNamespace, checkServiceName, checkLabelName } from "../kubernetes-names";
import { configPath } from "../path";
import { gatewaySchema, namedGatewaySchema } from "../schema";
import { readEntries, readFields, Report } from "../shape";
import { didYouMean, listNames } from "../suggest";
import { GatewayConfig, GatewaySize, NamedGatewayConfig } from "../types";
import { Destinations } from "./destinations";

const defaultGateway: GatewayConfig = { namespace: "istio-egress", replicas: 2 };

export function readGateway(raw: unknown, report: Report): GatewayConfig {
  const gateway = { ...defaultGateway, ...readFields(gatewaySchema, raw ?? {}, ["gateway"], report).sound };
  const problem = checkOwnNamespace(gateway.namespace);
  if (problem !== undefined) {
    report({ path: configPath("gateway", "namespace"), value: gateway.namespace, ...problem });
  }
  reportSize(gateway, configPath("gateway", "maxReplicas"), report);
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
    const { destinations: written = [], ...size } = sound;
    written.forEach((destination, index) =>
      reportDestination(
        destination,
        configPath("gateways", name, "destinations", index),
        destinations,
        takenBy,
        report,
      ),
    );
    reportSize({ ...shared, ...size }, configPath("gateways", name, "maxReplicas"), report);
    return { name, destinations: sortedUnique(written), ...size };
  });
  return sortedBy(gateways, ({ name }) => name);
}

function reportName(name: string, report: Report): void {
  const problem = checkLabelName(name) ?? checkServiceName(name);
  if (problem !== undefined) {
    report({ path: configPath("gateways", name), value: name, ...problem });
  } else if (name === gatewayName) {
    report({
      path: configPath("gateways", name),
      value: name,
      problem: "The gateway that all other destinations share has this name",
      fix: "choose another name",
    });
  }
}

function reportDestination(
  destination: string,
  path: string,
  { names }: Destinations,
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

function reportSize({ replicas, maxReplicas }: GatewaySize, path: string, report: Report): void {
  if (maxReplicas !== undefined && maxReplicas < replicas) {
    report({
      path,
      value: maxReplicas,
      problem: `Fewer pods at most than at least: replicas is ${replicas}`,
      allowed: `${replicas} or more`,
    });
  }
}
