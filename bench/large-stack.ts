import { stringify } from "yaml";

/** How much a stack holds. */
export interface StackSize {
  workloads: number;
  destinations: number;
  hosts: number;
  rules: number;
}

/** What a large organization would have in one stack. */
export const large: StackSize = { workloads: 100, destinations: 100, hosts: 1000, rules: 10_000 };

/** A quarter of its rules, of its file and of its matrix, and half of everything else. */
export const quarter: StackSize = { workloads: 50, destinations: 50, hosts: 500, rules: 2500 };

export function describeSize({ workloads, destinations, hosts, rules }: StackSize): string {
  return `${workloads} workloads, ${destinations} destinations, ${hosts} hosts and ${rules} rules`;
}

/** Namespaces that the workloads are spread over. */
const namespaces = 10;

/**
 * A stack's settings, by their keys without the project's prefix. The same for the same size: every rule is another
 * pair of a workload and a destination, and every host has one destination.
 *
 * @param size rules are at most workloads × destinations, and hosts at least as many as destinations
 */
export function largeSettings(size: StackSize): Record<string, unknown> {
  return {
    cluster: { kind: "existing" },
    namespaces: Object.fromEntries(numbers(namespaces).map((index) => [`domain-${pad(index)}`, {}])),
    workloads: Object.fromEntries(
      numbers(size.workloads).map((index) => [
        `service-${pad(index)}`,
        { namespace: `domain-${pad(index % namespaces)}`, image: `registry.example/service-${pad(index)}:1.4` },
      ]),
    ),
    destinations: Object.fromEntries(
      numbers(size.destinations).map((index) => [`partner-${pad(index)}`, { hosts: hostsOf(index, size) }]),
    ),
    allow: numbers(size.rules).map((index) => {
      const workload = index % size.workloads;
      // Each round of all workloads moves on by one destination, so that no pair comes twice.
      const destination = (workload + Math.floor(index / size.workloads)) % size.destinations;
      return {
        from: `domain-${pad(workload % namespaces)}/service-${pad(workload)}`,
        to: `partner-${pad(destination)}`,
        owner: `team-${workload % 12}`,
        reason: `exchanges documents of kind ${index}`,
      };
    }),
    deny: ["denied.example"],
  };
}

/**
 * The files of two stacks, by their names: `large`, and `changed`, which is the same but for its last rule. Each has its
 * settings in a base of its own: Pulumi cannot hand so many to a program.
 */
export function stackFiles(size: StackSize): Record<string, string> {
  const { cluster, ...settings } = largeSettings(size);
  const changed = { ...settings, allow: (settings.allow as unknown[]).slice(0, -1) };
  return {
    "Pulumi.large.yaml": fileOf({ extends: "large", cluster }),
    "large.yaml": fileOf(settings),
    "Pulumi.changed.yaml": fileOf({ extends: "changed", cluster }),
    "changed.yaml": fileOf(changed),
  };
}

function fileOf(settings: Record<string, unknown>): string {
  const config = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`istio-egress:${key}`, value]));
  return stringify({ config }, { aliasDuplicateObjects: false });
}

/** Hosts are dealt out one by one, so that no two destinations differ by more than one. */
function hostsOf(destination: number, size: StackSize): string[] {
  const count = Math.ceil((size.hosts - destination) / size.destinations);
  return numbers(count).map((host) => `api-${pad(host)}.partner-${pad(destination)}.example`);
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function pad(value: number): string {
  return String(value).padStart(3, "0");
}
