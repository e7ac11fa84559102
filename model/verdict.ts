import { AllowRule, Protocol, StackConfig } from "./config/types";
import { compareText, sortedBy, sortedUnique } from "./order";
import { workloadKey } from "./plan/stack";

/** What the model says of one call: a workload, a host and a protocol. */
export interface Verdict {
  /** `namespace/workload` */
  from: string;
  host: string;
  protocol: Protocol;
  /** What the workload would call: `https://github.com`. */
  url: string;
  expected: "allow" | "deny";
  /** The rule that allows the call; without one it is denied. */
  rule?: AllowRule;
}

/** The verdict on every workload × every host that the configuration names, denied hosts too × http and https. */
export function verdicts(config: StackConfig): Verdict[] {
  return sortedBy(config.workloads, workloadKey).flatMap((workload) => {
    const from = workloadKey(workload);
    return hostsOf(config).flatMap(({ host, destination, protocols }) =>
      (["http", "https"] as const).map((protocol) => {
        const rule = protocols.includes(protocol)
          ? config.allow.find((candidate) => candidate.from === from && candidate.to === destination)
          : undefined;
        const call = { from, host, protocol, url: `${protocol}://${host}` };
        return rule === undefined ? { ...call, expected: "deny" } : { ...call, expected: "allow", rule };
      }),
    );
  });
}

interface KnownHost {
  host: string;
  /** Undefined for a host that nobody may be allowed. */
  destination?: string;
  protocols: Protocol[];
}

function hostsOf(config: StackConfig): KnownHost[] {
  const granted = config.destinations.flatMap(({ name, hosts, protocols }) =>
    sortedUnique(hosts).map((host) => ({ host, destination: name, protocols })),
  );
  const denied = config.deny.map((host) => ({ host, protocols: [] }));
  return [...granted, ...denied].sort((a, b) => compareText(a.host, b.host));
}
