import { PoolConfig } from "../../../ground/gke/config";
import { Location } from "../../../ground/gke/locations";
import { parseMachineType } from "../../../ground/gke/machine-types";
import { sortedUnique } from "../../../ground/order";
import { poolSchema } from "../../gke-schema";
import { configPath } from "../../problem";
import { NameProblem } from "../../kubernetes-names";
import { readFields, Report } from "../../shape";
import { reportZones } from "./locations";

type PoolKey = "nodes" | "gateways";

const defaults = {
  nodes: { machineType: "e2-standard-4", min: 1, max: 3 },
  gateways: { machineType: "e2-standard-2", min: 1, max: 2 },
} as const;

/** What a node must have for GKE's own agents, and for an Envoy that carries everybody's egress. */
const leastMemoryGb = 4;
const leastVcpus = 2;

/**
 * A pool with its defaults; problems with it are reported.
 *
 * @param zones the cluster's zones, undefined when its location is none
 */
export function readPool(
  key: PoolKey,
  raw: unknown,
  place: Location | undefined,
  zones: string[] | undefined,
  report: Report,
): PoolConfig {
  const { sound } = readFields(poolSchema, raw ?? {}, ["cluster", key], report);
  const machineType = sound.machineType ?? defaults[key].machineType;
  const machineProblem = checkMachineType(key, machineType);
  if (machineProblem !== undefined) {
    report({ path: configPath("cluster", key, "machineType"), value: machineType, ...machineProblem });
  }
  if (place !== undefined && sound.zones !== undefined) {
    reportZones(sound.zones, place, [key, "zones"], report);
  }
  reportTags(key, sound.tags ?? [], report);
  return {
    machineType,
    ...readSize(key, sound, report),
    spot: sound.spot ?? false,
    tags: sortedUnique(sound.tags ?? []),
    zones: sortedUnique(sound.zones ?? zones ?? []),
    diskSizeGb: sound.diskSizeGb ?? 100,
  };
}

function readSize(
  key: PoolKey,
  { count, min, max }: { count?: number; min?: number; max?: number },
  report: Report,
): { min: number; max: number } {
  if (count !== undefined) {
    if (min !== undefined || max !== undefined) {
      report({
        path: configPath("cluster", key, "count"),
        value: count,
        problem: "A fixed number of nodes beside a range of them",
        fix: "leave count, or min and max",
      });
    }
    reportNoNodes(key, "count", count, report);
    return { min: count, max: count };
  }
  const least = min ?? Math.min(defaults[key].min, max ?? Infinity);
  const most = max ?? Math.max(defaults[key].max, least);
  if (least > most) {
    report({
      path: configPath("cluster", key, "min"),
      value: least,
      problem: `More nodes at least than at most: max is ${most}`,
      allowed: `0 to ${most}`,
    });
  }
  reportNoNodes(key, "max", most, report);
  if (key === "gateways" && most > 0) {
    reportNoNodes(key, "min", least, report);
  }
  return { min: least, max: most };
}

function reportNoNodes(key: PoolKey, field: string, nodes: number, report: Report): void {
  if (nodes === 0) {
    report({
      path: configPath("cluster", key, field),
      value: nodes,
      problem: key === "gateways" ? "Without a node for the gateway there is no way out" : "A pool without nodes",
      allowed: "1 at least, in each zone",
    });
  }
}

function checkMachineType(key: PoolKey, name: string): NameProblem | undefined {
  const machine = parseMachineType(name);
  const fix = `write ${defaults[key].machineType}, for instance`;
  if (machine === undefined) {
    return { problem: "Not a machine type", allowed: "as e2-standard-4, n1-standard-2 or n2-custom-4-8192", fix };
  }
  const { vcpus, memoryGb, sharedCore } = machine;
  if (memoryGb !== undefined && memoryGb < leastMemoryGb) {
    return {
      problem: `${gigabytes(memoryGb)} of memory: GKE's own agents and a sidecar in every pod leave nothing of it`,
      allowed: `${gigabytes(leastMemoryGb)} at least`,
      fix,
    };
  }
  if (key === "gateways" && sharedCore) {
    return {
      problem: "A share of a core: everybody's egress would wait for it, and its network is throttled",
      allowed: `${leastVcpus} whole vCPUs at least`,
      fix,
    };
  }
  if (vcpus < leastVcpus) {
    return {
      problem: `${vcpus} vCPU: GKE's own agents take most of it`,
      allowed: `${leastVcpus} vCPUs at least`,
      fix,
    };
  }
  return undefined;
}

function gigabytes(amount: number): string {
  return `${Number(amount.toFixed(1))} GB`;
}

function reportTags(key: PoolKey, tags: string[], report: Report): void {
  tags.forEach((tag, index) => {
    if (!/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(tag)) {
      report({
        path: configPath("cluster", key, "tags", index),
        value: tag,
        problem: "Google takes no such network tag",
        allowed: "1 to 63 lower-case letters, digits and hyphens, a letter first and no hyphen last",
      });
    }
  });
}
