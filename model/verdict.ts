import { portOf } from "./explain/call";
import { AllowRule, OutsideConfig, Protocol, StackConfig } from "./config/types";
import { compareText, sortedBy, sortedUnique } from "./ground/order";
import { outsideHost } from "./plan/outside";
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
  /** Of a service beside the mesh, the way to it; absent for an outside host, which is behind a gateway. */
  beside?: OutsideConfig["via"];
}

/**
 * The verdict on every workload × every host that the configuration names × http and https: denied hosts too, and
 * services beside the mesh, on their own ports.
 */
export function verdicts(config: StackConfig): Verdict[] {
  const hosts = hostsOf(config);
  return sortedBy(config.workloads, workloadKey).flatMap((workload) => {
    const from = workloadKey(workload);
    const rules = new Map(config.allow.filter((rule) => rule.from === from).map((rule) => [rule.to, rule]));
    return hosts.flatMap(({ host, grantedAs, ports, beside }) =>
      (["http", "https"] as const).flatMap((protocol): Verdict[] => {
        const open = ports[protocol];
        if (open === undefined && beside !== undefined) {
          return [];
        }
        const rule = open === undefined || grantedAs === undefined ? undefined : rules.get(grantedAs);
        const port = open ?? portOf[protocol];
        const url = `${protocol}://${host}${port === portOf[protocol] ? "" : `:${port}`}`;
        const call = { from, host, protocol, url, ...(beside === undefined ? {} : { beside }) };
        return [rule === undefined ? { ...call, expected: "deny" } : { ...call, expected: "allow", rule }];
      }),
    );
  });
}

interface KnownHost {
  host: string;
  /** What a rule names to grant it; undefined for a host that nobody may be allowed. */
  grantedAs?: string;
  /** Ports that a rule would open, by protocol. */
  ports: Partial<Record<Protocol, number>>;
  beside?: OutsideConfig["via"];
}

function hostsOf(config: StackConfig): KnownHost[] {
  const granted = config.destinations.flatMap(({ name, hosts, protocols }) => {
    const ports = Object.fromEntries(protocols.map((protocol) => [protocol, portOf[protocol]]));
    return sortedUnique(hosts).map((host) => ({ host, grantedAs: name, ports }));
  });
  const denied = config.deny.map((host) => ({ host, ports: {} }));
  const beside = config.outside.map((service) => ({
    host: outsideHost(service),
    grantedAs: service.name,
    ports: service.ports,
    beside: service.via,
  }));
  return [...granted, ...denied, ...beside].sort((a, b) => compareText(a.host, b.host));
}
