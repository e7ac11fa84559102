import { checkOwnNamespace } from "../kubernetes-names";
import { configPath } from "../path";
import { gatewaySchema, meshSchema } from "../schema";
import { readFields, Report } from "../shape";
import { GatewayConfig, MeshConfig } from "../types";

const defaultMesh: MeshConfig = {
  version: "1.31.1",
  mtls: "STRICT",
  charts: "https://istio-release.storage.googleapis.com/charts",
  values: {},
};

const defaultGateway: GatewayConfig = { namespace: "istio-egress", replicas: 2 };

/** Values of the istiod chart on which the guard rests, and the only value that each may be given. */
const fixedValues: { path: string[]; value: string; why: string }[] = [
  {
    path: ["meshConfig", "outboundTrafficPolicy", "mode"],
    value: "REGISTRY_ONLY",
    why: "Sidecars would let every host through",
  },
  {
    path: ["meshConfig", "trustDomain"],
    value: "cluster.local",
    why: "Policies name identities of the domain cluster.local",
  },
  {
    path: ["global", "trustDomain"],
    value: "cluster.local",
    why: "Policies name identities of the domain cluster.local",
  },
  {
    path: ["global", "proxy", "clusterDomain"],
    value: "cluster.local",
    why: "Sidecars find the gateway under cluster.local",
  },
  {
    path: ["global", "istioNamespace"],
    value: "istio-system",
    why: "NetworkPolicies let pods reach istiod there only",
  },
];

export function readMesh(raw: unknown, report: Report): MeshConfig {
  const mesh = { ...defaultMesh, ...readFields(meshSchema, raw ?? {}, ["mesh"], report).sound };
  if (!/^\d+\.\d+\.\d+$/.test(mesh.version)) {
    const bare = mesh.version.replace(/^v/, "");
    report({
      path: configPath("mesh", "version"),
      value: mesh.version,
      problem: "Not a version of Istio",
      allowed: "three numbers, as 1.31.1",
      fix: /^\d+\.\d+\.\d+$/.test(bare) ? `write "${bare}"` : undefined,
    });
  }
  if (/^(?!https?:)[a-z][a-z0-9+.-]*:\/\//i.test(mesh.charts)) {
    report({
      path: configPath("mesh", "charts"),
      value: mesh.charts,
      problem: "Charts cannot be had from there",
      allowed: "the http(s) URL of a chart repository, or a folder",
    });
  }
  reportFixedValues(mesh.values, report);
  return mesh;
}

function reportFixedValues(values: Record<string, unknown>, report: Report): void {
  for (const { path, value: only, why } of fixedValues) {
    const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined | null)?.[key], values);
    if (value !== undefined && value !== only) {
      report({ path: configPath("mesh", "values", ...path), value, problem: why, allowed: only, fix: "remove it" });
    }
  }
}

export function readGateway(raw: unknown, report: Report): GatewayConfig {
  const gateway = { ...defaultGateway, ...readFields(gatewaySchema, raw ?? {}, ["gateway"], report).sound };
  const problem = checkOwnNamespace(gateway.namespace);
  if (problem !== undefined) {
    report({ path: configPath("gateway", "namespace"), value: gateway.namespace, ...problem });
  }
  if (gateway.maxReplicas !== undefined && gateway.maxReplicas < gateway.replicas) {
    report({
      path: configPath("gateway", "maxReplicas"),
      value: gateway.maxReplicas,
      problem: `Fewer pods at most than at least: replicas is ${gateway.replicas}`,
      allowed: `${gateway.replicas} or more`,
    });
  }
  return gateway;
}
