import { isPublic } from "../config/addresses";
import { blockedByGoogle, unservedByGoogle } from "../config/google-apis";
import { expiredRule } from "../config/expired";
import { dialledInstead, refusalOfRequest, wayWords } from "../config/traits/told";
import { AllowRule, ExpiredRule, StackConfig } from "../config/types";
import { unreachableAddress } from "../config/unreachable";
import { unreachableBy } from "../config/unreachable-hosts";
import { meshTraits } from "../config/mesh-traits";
import { DestinationTarget, Grants, grantsOf, isByAddress, isNameRefused, ruleEnd, spokenTo, Way } from "../grants";
import { resolverName } from "../ground/dns";
import { forwardingOf } from "../ground/forwarding";
import { isWildcard } from "../ground/hosts";
import { isConnect, isRequest, portProblem, portText } from "../ground/ports";
import { listNames, nearestName } from "../ground/suggest";
import { namespaceKey, namespaceOf } from "../ground/names";
import { Call } from "./call";
import { suggest } from "./suggest";
import { Explanation, Refusal, Step } from "./types";
import { allowedWay, refusedRequestWay, refusedWay, wildcardFor } from "./way";

/** What a call of an external host is held against. */
export interface Question {
  config: StackConfig;
  from: string;
  call: Call;
  /** The destination that has the host; absent where none has. */
  target?: DestinationTarget;
  /** The host as that destination lists it: itself, or the wildcard that it is below. */
  listed?: string;
}

/** Whether a workload may call an external host, behind a gateway or unknown. */
export function explainExternal(
  config: StackConfig,
  from: string,
  call: Call,
  { target, listed }: Pick<Question, "target" | "listed"> = {},
): Explanation {
  const grants = grantsOf(config);
  const question: Question = { config, from, call, target, listed };
  const own = target === undefined ? undefined : grants.between(from, target.name)?.rule;
  const refusal = refusalOf(grants, question, own);
  const never = whyNever(question);
  if (refusal === undefined) {
    const because = `${own!.path} allows ${allowedBy(grants.way(target!, call)!)} to it, in the destination "${target!.name}"${heldBy(question)}${wayWords(target!.config).because(call)}`;
    const way = allowedWay({ ...question, target: target!, listed: listed! });
    return {
      ...call,
      from,
      allowed: true,
      because,
      ...never,
      rule: own!,
      ...presetOf(question),
      ...whenItEnds(config, from, target!.name),
      way,
    };
  }
  const others = target === undefined ? [] : rulesOfOthers(grants, target.name, own);
  const kin = target === undefined ? kinOf(grants, call.host) : undefined;
  const over = target === undefined ? undefined : expiredRule(config, from, target.name);
  const nearest = own ?? over ?? others[0] ?? (kin === undefined ? undefined : grants.to(kin.destination)[0]?.rule);
  // What would be allowed and never reached is not worth a rule.
  const suggestion = never === undefined ? suggest(question, refusal) : undefined;
  return {
    ...call,
    from,
    allowed: false,
    refusal,
    because: reasons[refusal]({ ...question, grants, own, over, others, kin }),
    ...never,
    ...(nearest === undefined ? {} : { rule: nearest }),
    ...presetOf(question),
    way: [
      ...refusedName(question),
      ...(refusal === "request"
        ? refusedRequestWay({ ...question, target: target!, listed: listed! })
        : refusedWay(question)),
    ],
    ...(suggestion === undefined ? {} : { suggestion }),
  };
}

/** Where a name ends that is granted to nobody, and whose caller asks the stack's resolver: before any call. */
function refusedName({ config, from, call }: Question): Step[] {
  if (call.isAddress || !isNameRefused(config, from, call.host)) {
    return [];
  }
  const { namespace } = config.gateway;
  return [
    {
      at: `the resolver ${resolverName}`,
      what: `knows what the stack grants, and ${call.host} is granted to nobody: this name is not resolved for ${from}, nor asked of any other resolver`,
      by: [`ConfigMap/${namespace}/${resolverName}`, `NetworkPolicy/${namespaceOf(from)}/egress-to-dns`],
    },
  ];
}

/** By which wildcard a destination has a host; nothing where it lists the host itself. */
function heldBy({ call, listed = call.host }: Question): string {
  if (listed === call.host) {
    return "";
  }
  if (call.isAddress) {
    return `: ${listed} holds the address`;
  }
  return `: ${listed} holds every name below ${listed.slice(2)}, of however many labels`;
}

/** The preset that a destination has the host from; nothing where it lists the host itself. */
function presetOf({ target, listed }: Question): Pick<Explanation, "preset"> {
  const preset = target?.config.preset;
  if (preset === undefined || listed === undefined || !preset.hosts.includes(listed)) {
    return {};
  }
  const { name, read, hosts, sources } = preset;
  return { preset: { name, read, hosts, sources } };
}

/** What is known of a call that no gateway could ever make. */
function whyNever({
  config,
  call: { host, isAddress, port },
  target,
}: Question): Pick<Explanation, "unreachable"> | undefined {
  const said = target?.config ?? {};
  const ofAddress = target === undefined ? unreachableAddress : () => undefined;
  const ofPlace = isAddress
    ? ofAddress(host)
    : (unreachableBy(target?.config, host)?.reason ??
      (dialledInstead(said) === undefined ? unservedByGoogle(config, host) : undefined));
  const isOutside = !isAddress || (target !== undefined && isPublic(host));
  const reason = ofPlace ?? (isOutside ? blockedByGoogle(config, port, said) : undefined);
  return reason === undefined ? undefined : { unreachable: reason };
}

function rulesOfOthers(grants: Grants, target: string, own: AllowRule | undefined): AllowRule[] {
  return grants
    .to(target)
    .map(({ rule }) => rule)
    .filter((rule) => rule !== own);
}

type ExternalRefusal = Exclude<Refusal, "namespace" | "ingress">;

function refusalOf(
  grants: Grants,
  { config, call, target }: Question,
  rule: AllowRule | undefined,
): ExternalRefusal | undefined {
  if (call.isAddress && target === undefined) {
    return "address";
  }
  if (grants.denied(call.host) !== undefined) {
    return "denied";
  }
  const way = target === undefined ? undefined : grants.way(target, call);
  const isOpen = way !== undefined && way.port === call.port;
  if (!isOpen && call.isAddress) {
    return rule === undefined ? "rule" : "port";
  }
  if (!isOpen && isConnect(call) && whyNoPort(config, call) !== undefined) {
    return "port";
  }
  if (target === undefined) {
    return "host";
  }
  if (rule === undefined) {
    return "rule";
  }
  if (!isOpen) {
    return isConnect(call) ? "port" : "protocol";
  }
  return refusedRequest(target, call) === undefined ? undefined : "request";
}

/** What is wrong with a request to a host that the gateway opens TLS to; undefined for one that passes, and where nobody looks. */
function refusedRequest({ config }: DestinationTarget, call: Call): string | undefined {
  return call.request === undefined || !isRequest(call) ? undefined : refusalOfRequest(config, call.request);
}

/** Why no destination could ever open a call's port to it; undefined where one could. */
export function whyNoPort({ mesh }: Pick<StackConfig, "mesh">, { protocol, port }: Call): string | undefined {
  const problem = portProblem({ port, protocol })?.problem;
  return problem === undefined && !forwardingOf(meshTraits(mesh)).connects
    ? "gateways of this mesh, which takes no EnvoyFilter, reach ports 80 and 443 only"
    : problem?.replace(/^(Sidecars|The|No|Nothing)\b/, (word) => word.toLowerCase());
}

/** What a rule allows on a way, in words: on a port of a destination's own bytes pass, and nobody looks at them. */
function allowedBy(way: Way): string {
  return isConnect(way) ? `port ${way.port} (${portText(way)}), and whatever is spoken there,` : way.protocol;
}

interface Found extends Question {
  grants: Grants;
  own?: AllowRule;
  /** The rule that allowed it until its last day. */
  over?: ExpiredRule;
  others: AllowRule[];
  kin?: Kin;
}

const reasons: Record<ExternalRefusal, (found: Found) => string> = {
  denied: ({ call, grants, config, from }) => {
    const { host } = grants.denied(call.host)!;
    const wildcard = wildcardFor(config, from, call);
    const even = wildcard === undefined ? "" : `, not even by ${wildcard.listed}`;
    return host === call.host
      ? `istio-egress:deny holds ${host}: nobody may be allowed it${even}`
      : `istio-egress:deny holds ${host}, and ${call.host} is below it: nobody may be allowed it${even}`;
  },
  address: ({ call }) =>
    unreachableAddress(call.host) === undefined
      ? "rules are for names: an address is refused, whatever host it belongs to, unless a destination lists it under addresses"
      : "rules are for names: an address is refused, whatever it belongs to. A pod is called by its Service's name, and one " +
        "behind a headless Service by its own below that; what has no Service, such as an agent on a node, is one of " +
        "istio-egress:outside or is not called",
  port: ({ config, call, target, own }) =>
    (target !== undefined && isByAddress(target) ? undefined : whyNoPort(config, call)) ??
    `${own!.path} allows ${listNames(spokenTo(target!))} to it, and not port ${call.port}`,
  protocol: ({ call, target, own }) =>
    `${own!.path} allows ${spokenTo(target!).join(" and ")} to it, and not ${call.protocol}`,
  request: ({ call, target, own }) =>
    `${own!.path} allows http to it, in the destination "${target!.name}", and ${refusedRequest(target!, call)!}`,
  rule: ({ config, from, call, target, listed, over, others }) => {
    const wildcard = wildcardFor(config, from, call);
    const instead =
      wildcard === undefined
        ? ""
        : `; a name is of the destination that lists it, so ${wildcard.listed} of "${wildcard.target.name}" does not hold ${listed!}`;
    return (
      `it belongs to the destination "${target!.name}", which is allowed to ` +
      `${listNames(others.map(({ from: other }) => other)) ?? "nobody"}${until(over)}${instead}`
    );
  },
  host: ({ kin }) => {
    if (kin === undefined) {
      return "no destination has this host";
    }
    const another = isWildcard(kin.host)
      ? `${kin.host} in the destination "${kin.destination}" holds names below ${kin.host.slice(2)}, with a dot before it, and nothing else`
      : `names are exact, so ${kin.host} in the destination "${kin.destination}" is another one`;
    return `no destination has this host; ${another}`;
  },
};

/** What is added to a refusal that a rule kept away until its last day. */
export function until(over: ExpiredRule | undefined): string {
  return over === undefined ? "" : `; ${over.path} allowed it until ${over.expires}`;
}

/** When a workload's access to a target ends, and by what: with the last of the rules that grant it. */
export function whenItEnds(config: StackConfig, from: string, target: string): Pick<Explanation, "ends"> {
  const rules = grantsOf(config)
    .to(target)
    .flatMap(({ client, rule }) => ([from, namespaceKey(namespaceOf(from))].includes(client.key) ? [rule] : []));
  const ends = rules.map((rule) => ruleEnd(config, rule));
  const last = ends.reduce((a, b) => (a === undefined || b === undefined ? undefined : a.at > b.at ? a : b));
  if (last === undefined) {
    return {};
  }
  const { at, late } = last;
  return {
    ends:
      late === undefined
        ? `from ${at} on the gateway refuses it by itself; over TLS and TCP, connections that are open then go on`
        : `it goes on until the first update of the stack after ${at}: ${late}`,
  };
}

interface Kin {
  host: string;
  destination: string;
}

/** A host of some destination that is taken for this one easily: above it, below it, or written almost alike. */
function kinOf({ targets }: Grants, host: string): Kin | undefined {
  const known = [...targets.values()].flatMap(({ kind, name, hosts }) =>
    kind === "destination" ? hosts.map((other) => ({ host: other, destination: name })) : [],
  );
  const near = nearestName(
    host,
    known.map((other) => other.host),
  );
  return (
    known.find((other) => other.host.endsWith(`.${host}`) || host.endsWith(`.${other.host}`)) ??
    known.find((other) => other.host === near)
  );
}
