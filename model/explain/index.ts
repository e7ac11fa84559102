import { didYouMean } from "../ground/suggest";
import { AllowRule, DestinationConfig, StackConfig } from "../config/types";
import { Call, portOf } from "./call";
import { explainOutside, serviceOf } from "./outside";
import { suggest } from "./suggest";
import { Explanation, Refusal } from "./types";
import { allowedWay, refusedWay } from "./way";

export { Call, CallCheck, readCall } from "./call";
export * from "./types";

/**
 * Whether a workload may make a call, by which rule and on which way, or why not and where it ends.
 *
 * @param from `namespace/workload`, one of the configuration's
 */
export function explain(config: StackConfig, from: string, call: Call): Explanation {
  const service = serviceOf(config, call);
  if (service !== undefined) {
    return explainOutside(config, from, call, service);
  }
  const destination = config.destinations.find(({ hosts }) => hosts.includes(call.host));
  const own = config.allow.find((rule) => rule.from === from && rule.to === destination?.name);
  const others = config.allow.filter((rule) => rule.to === destination?.name && rule.from !== from);
  const refusal = refusalOf(config, call, destination, own);
  const facts = { config, from, call, destination };
  if (refusal === undefined) {
    const because = `${own!.path} allows ${call.protocol} to it, in the destination "${destination!.name}"`;
    return { ...call, from, allowed: true, because, rule: own!, way: allowedWay(facts) };
  }
  const kin = destination === undefined ? kinOf(config, call.host) : undefined;
  const nearest = own ?? others[0] ?? config.allow.find((rule) => rule.to === kin?.destination);
  const suggestion = suggest({ config, from, call, destination, refusal });
  return {
    ...call,
    from,
    allowed: false,
    refusal,
    because: reasons[refusal]({ call, destination, own, others, kin }),
    ...(nearest === undefined ? {} : { rule: nearest }),
    way: refusedWay(facts),
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

function refusalOf(
  config: StackConfig,
  call: Call,
  destination: DestinationConfig | undefined,
  rule: AllowRule | undefined,
): Refusal | undefined {
  if (call.isAddress) {
    return "address";
  }
  if (config.deny.includes(call.host)) {
    return "denied";
  }
  if (call.port !== portOf[call.protocol]) {
    return "port";
  }
  if (destination === undefined) {
    return "host";
  }
  if (rule === undefined) {
    return "rule";
  }
  return destination.protocols.includes(call.protocol) ? undefined : "protocol";
}

interface Found {
  call: Call;
  destination?: DestinationConfig;
  own?: AllowRule;
  others: AllowRule[];
  kin?: Kin;
}

const reasons: Record<Refusal, (found: Found) => string> = {
  denied: ({ call }) => `istio-egress:deny holds ${call.host}: nobody may be allowed it`,
  address: () => "rules are for names: an address is refused, whatever host it belongs to",
  port: ({ call }) =>
    `${call.protocol} leaves the mesh on port ${portOf[call.protocol]} only, and this is port ${call.port}`,
  protocol: ({ call, destination, own }) =>
    `${own!.path} allows ${destination!.protocols.join(" and ")} to it, and not ${call.protocol}`,
  rule: ({ destination, others }) =>
    `it belongs to the destination "${destination!.name}", which is allowed to ${list(others.map(({ from }) => from)) ?? "nobody"}`,
  host: ({ kin }) =>
    kin === undefined
      ? "no destination has this host"
      : `no destination has this host; names are exact, so ${kin.host} in the destination "${kin.destination}" is another one`,
};

interface Kin {
  host: string;
  destination: string;
}

/** A host of some destination that is taken for this one easily: above it, below it, or written almost alike. */
function kinOf({ destinations }: StackConfig, host: string): Kin | undefined {
  const known = destinations.flatMap(({ name, hosts }) => hosts.map((other) => ({ host: other, destination: name })));
  return (
    known.find((other) => other.host.endsWith(`.${host}`) || host.endsWith(`.${other.host}`)) ??
    known.find((other) => didYouMean(host, [other.host]) !== undefined)
  );
}

const mostNamed = 5;

function list(names: string[]): string | undefined {
  const rest = names.length - mostNamed;
  return names.length === 0 ? undefined : names.slice(0, mostNamed).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
