/** What a machine type says of itself. */
export interface MachineType {
  /** `e2` of `e2-standard-4`. */
  family: string;
  vcpus: number;
  /** GB; undefined for a family whose figures are not known here. */
  memoryGb?: number;
  /** Whether it has a share of a core instead of whole ones. */
  sharedCore: boolean;
}

const sharedCores: Record<string, MachineType> = {
  "e2-micro": { family: "e2", vcpus: 2, memoryGb: 1, sharedCore: true },
  "e2-small": { family: "e2", vcpus: 2, memoryGb: 2, sharedCore: true },
  "e2-medium": { family: "e2", vcpus: 2, memoryGb: 4, sharedCore: true },
  "f1-micro": { family: "f1", vcpus: 1, memoryGb: 0.6, sharedCore: true },
  "g1-small": { family: "g1", vcpus: 1, memoryGb: 1.7, sharedCore: true },
};

/**
 * GB for each vCPU, by family and class, as Compute Engine's page "General-purpose machine family" lists them. Small
 * machines of c4 and c4d have the whole GB below: c4d-highcpu-2 has 3.
 */
const memoryPerVcpu: Record<string, Record<string, number>> = {
  n1: { standard: 3.75, highmem: 6.5, highcpu: 0.9 },
  e2: { standard: 4, highmem: 8, highcpu: 1 },
  n2: { standard: 4, highmem: 8, highcpu: 1 },
  n2d: { standard: 4, highmem: 8, highcpu: 1 },
  n4: { standard: 4, highmem: 8, highcpu: 2 },
  n4a: { standard: 4, highmem: 8, highcpu: 2 },
  n4d: { standard: 4, highmem: 8, highcpu: 2 },
  c2: { standard: 4 },
  c2d: { standard: 4, highmem: 8, highcpu: 2 },
  c3: { standard: 4, highmem: 8, highcpu: 2 },
  c3d: { standard: 4, highmem: 8, highcpu: 2 },
  c4: { standard: 3.75, highmem: 7.75, highcpu: 2 },
  c4a: { standard: 4, highmem: 8, highcpu: 2 },
  c4d: { standard: 3.875, highmem: 7.875, highcpu: 1.875 },
  t2a: { standard: 4 },
  t2d: { standard: 4 },
};

const predefined = /^([a-z]\d{1,2}[a-z]?)-([a-z]+)-(\d{1,3})(-[a-z]+)?$/;
const custom = /^(?:([a-z]\d[a-z]?)-)?custom-(\d{1,3})-(\d{3,7})(-ext)?$/;

/** The machine type of that name; undefined for what has no machine type's form. */
export function parseMachineType(name: string): MachineType | undefined {
  if (Object.hasOwn(sharedCores, name)) {
    return sharedCores[name];
  }
  const made = custom.exec(name);
  if (made !== null) {
    return { family: made[1] ?? "n1", vcpus: Number(made[2]), memoryGb: Number(made[3]) / 1024, sharedCore: false };
  }
  const match = predefined.exec(name);
  if (match === null) {
    return undefined;
  }
  const [family, kind, vcpus] = [match[1]!, match[2]!, Number(match[3])];
  const perVcpu = memoryPerVcpu[family]?.[kind];
  return { family, vcpus, ...(perVcpu === undefined ? {} : { memoryGb: perVcpu * vcpus }), sharedCore: false };
}

/** The fourth generation of the families c and n, with c4a, c4d, n4a and n4d, boots from Hyperdisk alone. */
export function bootDiskType({ family }: MachineType): string {
  return /^[cn]4/.test(family) ? "hyperdisk-balanced" : "pd-balanced";
}
