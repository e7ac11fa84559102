import { isReported } from "./config/reporting";
import { harmlessRequest, opensTls } from "./config/traits/told";
import { AllowRule, OutsideConfig, StackConfig } from "./config/types";
import { unreachable } from "./config/unreachable";
import { answeredNames, connectPorts, Grants, grantsOf, isByAddress, isNameRefused, Target } from "./grants";
import { anyOfAddresses } from "./ground/addresses";
import { isWildcard, suffixOf } from "./ground/hosts";
import { HttpRequest } from "./ground/origination";
import { compareText } from "./ground/order";
import { isConnect } from "./ground/ports";
import { defaultPort, PortProtocol, Protocol, protocols } from "./ground/protocols";
import { namespaceKey, workloadKey } from "./ground/names";

/** What the model says of one call: a caller, a host and a protocol. */
export interface Verdict {
  /** `namespace/workload`; `namespace/*` is every ServiceAccount of a namespace that no workload has. */
  from: string;
  /** As the configuration names it: a host, a wildcard, or addresses without a name. */
  host: string;
  /** On a port of a destination's own, what is spoken there. */
  protocol: PortProtocol;
  /** A port of a destination's own, on which bytes pass and nothing of them is looked at; absent for the protocols' own. */
  port?: number;
  /** What the workload would call: `https://github.com`; for a wildcard a made-up name below it, for a range its first address. */
  url: string;
  /**
   * `report`: it passes by a rule in report mode only, and would be denied without. `observe`: nothing grants it, and it
   * passes all the same, to be logged, as its caller is observed.
   */
  expected: "allow" | "report" | "deny" | "observe";
  /** The rule by which the call passes; without one it is denied, or observed. */
  rule?: AllowRule;
  /**
   * What may be asked over http, where that is not everything: something that changes nothing, or null where all would. Null as
   * well over TCP on a port that sidecars take for another protocol's: they wait there for what the caller says.
   */
  request?: HttpRequest | null;
  /** That the caller's resolver refuses the name, so that no call is made at all. */
  unresolved?: true;
  /** That who refuses it is the observer, which closes the connection: the caller's sidecar answers 503 then. */
  closed?: true;
  /** Of a service beside the mesh, the way to it; absent for an external host, which is behind a gateway. */
  beside?: OutsideConfig["via"];
}

/**
 * The verdict on every workload × every host that the configuration names × every protocol, and every other port of its
 * destination: denied hosts too, and services beside the mesh, on their own ports. Where rules grant something to every
 * ServiceAccount of a namespace, those that no workload has are a caller too.
 */
export function verdicts(config: StackConfig): Verdict[] {
  const grants = grantsOf(config);
  const calls = knownCalls(config, grants);
  return callersOf(config, grants).flatMap((from) => {
    const observed = grants.observed.has(from);
    const answered = observed ? answeredNames(config, from) : undefined;
    return calls.map(({ target, ...call }): Verdict => {
      const rule = target === undefined ? undefined : grants.between(from, target.name)?.rule;
      if (rule !== undefined) {
        return { from, ...call, expected: isReported(rule) ? "report" : "allow", rule };
      }
      const leadsOut = call.beside === undefined && unreachable(call.host) === undefined && !answered?.has(call.host);
      const passes = observed && leadsOut;
      const unresolved: Pick<Verdict, "unresolved"> = isNameRefused(config, from, call.host)
        ? { unresolved: true }
        : {};
      const closed: Pick<Verdict, "closed"> = observed && !passes ? { closed: true } : {};
      return { from, ...call, expected: passes ? "observe" : "deny", ...unresolved, ...closed };
    });
  });
}

/** Every caller that there are verdicts on, sorted. */
function callersOf({ workloads, namespaces }: StackConfig, { of }: Grants): string[] {
  const whole = namespaces.map(({ name }) => namespaceKey(name)).filter((key) => of(key).length > 0);
  return [...workloads.map(workloadKey), ...whole].sort(compareText);
}

interface KnownCall extends Pick<Verdict, "host" | "protocol" | "port" | "url" | "request" | "beside"> {
  /** What a rule grants to allow the call; absent where no rule can. */
  target?: Target;
}

/** Every call that there is a verdict on, sorted by host. */
function knownCalls(config: StackConfig, grants: Grants): KnownCall[] {
  const named = [...grants.targets.values()].flatMap((target) =>
    target.hosts.flatMap((host) => [
      ...(isByAddress(target) ? [] : protocols.flatMap((protocol) => callsOf(grants, target, host, protocol))),
      ...connectPorts(target).map(({ protocol, port }) => ({
        ...{ host, protocol, port, target },
        url: urlOf(isByAddress(target) ? anyOfAddresses(host) : host, protocol, port),
        ...(protocols.some((own) => defaultPort(own) === port) ? { request: null } : {}),
      })),
    ]),
  );
  const denied = config.deny.flatMap(({ host }) =>
    protocols.map((protocol) => ({ host, protocol, url: urlOf(host, protocol, defaultPort(protocol)) })),
  );
  return [...named, ...denied].sort((a, b) => compareText(a.host, b.host));
}

/** A call of a target's host; of a protocol that the target is not spoken to in, only where a gateway would refuse it. */
function callsOf(grants: Grants, target: Target, host: string, protocol: Protocol): KnownCall[] {
  const way = grants.way(target, { host, protocol });
  if (target.kind === "beside") {
    const beside = target.config.via;
    // What the cluster has itself is called by its address, which needs no name to be found.
    const [address = host] = target.direct === undefined ? [] : target.config.addresses;
    return way === undefined ? [] : [{ host, protocol, url: urlOf(address, protocol, way.port), beside, target }];
  }
  const isSeen = opensTls(target.config) && protocol === "http";
  const request = isSeen ? { request: harmlessRequest(target.config) ?? null } : {};
  const called = isWildcard(host) ? nameBelow(grants, host) : host;
  const call = { host, protocol, ...request, url: urlOf(called, protocol, way?.port ?? defaultPort(protocol)) };
  return [way === undefined ? call : { ...call, target }];
}

/** A name that only the wildcard holds. */
function nameBelow({ meaning, denied }: Grants, wildcard: string): string {
  for (let number = 1; ; number++) {
    const name = `any-name${number === 1 ? "" : `-${number}`}${suffixOf(wildcard)}`;
    const meant = meaning(name);
    if (meant.kind === "destination" && meant.listed === wildcard && denied(name) === undefined) {
      return name;
    }
  }
}

function urlOf(host: string, protocol: PortProtocol, port: number): string {
  return `${protocol}://${host}${isConnect({ protocol, port }) ? `:${port}` : ""}`;
}
