import { addressesProblem, isPublic } from "../config/addresses";
import { meshTraits } from "../config/mesh-traits";
import { traitsIn } from "../config/traits";
import { DestinationConfig, StackConfig } from "../config/types";
import { connectPorts, DestinationTarget, grantsOf, isPastOrigination, protocolsOf, whyNoWay } from "../grants";
import { isWildcard } from "../ground/hosts";
import { forwardingOf } from "../ground/forwarding";
import { isConnect, portProblem, portText } from "../ground/ports";
import { defaultPort } from "../ground/protocols";
import { defined } from "../ground/objects";
import { sortedUnique } from "../ground/order";
import { listNames } from "../ground/suggest";
import { Call } from "./call";
import { type Question, whyNoPort } from "./external";
import { Refusal, SuggestedDestination, Suggestion } from "./types";

/** What somebody has to say about a rule; a reviewer sees at once that nobody has yet. */
export const conditions = { owner: "WHO-ANSWERS-FOR-IT", reason: "WHAT-IT-IS-FOR" };

/** The least that has to be added so that the call is allowed; undefined where no rule could allow it. */
export function suggest(
  { config, from, call, target, listed = call.host }: Question,
  refusal: Refusal,
): Suggestion | undefined {
  if (call.isAddress) {
    return suggestAddress(config, from, call, { target, refusal });
  }
  if (isWildcard(listed) && isConnect(call)) {
    // A tunnel is for one host: the name by itself, in a destination of its own.
    const isOne = !isWildcard(call.host) && whyNoPort(config, call) === undefined;
    return isOne && (refusal === "rule" || refusal === "port") ? outOfWildcard(config, from, call, target!) : undefined;
  }
  if (target !== undefined && refusal !== "host" && whyNoWay(target, call) !== undefined) {
    return undefined;
  }
  switch (refusal) {
    case "protocol":
      return addProtocol(config, from, listed, call, target!);
    case "port":
      return target === undefined || whyNoPort(config, call) !== undefined
        ? undefined
        : addProtocol(config, from, listed, call, target);
    case "rule":
      return addRule(config, from, listed, call, target!);
    case "host":
      return addDestination(config, from, call);
    default:
      return undefined;
  }
}

/** An address without a name, by one port more, one rule more, or a destination of its own. */
function suggestAddress(
  config: StackConfig,
  from: string,
  { host, port, protocol }: Call,
  { target, refusal }: { target?: DestinationTarget; refusal: Refusal },
): Suggestion | undefined {
  const called = port === defaultPort("http") || port === defaultPort("https") ? "tcp" : protocol;
  const connects = forwardingOf(meshTraits(config.mesh)).connects;
  if (!connects || portProblem({ port, protocol: called }, { address: true }) !== undefined) {
    return undefined;
  }
  const text = portText({ port, protocol: called });
  if (target === undefined) {
    const name = freeName(host, grantsOf(config).targets);
    return addressesProblem(host) !== undefined || !isPublic(host)
      ? undefined
      : {
          add: {
            destinations: { [name]: { addresses: [host], ports: [text] } },
            allow: [{ from, to: name, ...conditions }],
          },
          beware: "if it has a name, grant that: of an address nothing says whose it is",
        };
  }
  const { addresses = [] } = target.config;
  const ports = connectPorts(target);
  const isOpen = ports.some((open) => open.port === port);
  const others = addresses.filter((each) => each !== host);
  return {
    add: {
      ...(isOpen
        ? {}
        : { destinations: { [target.name]: entryOf(target.config, { ports: [...ports.map(portText), text] }) } }),
      ...(refusal === "rule" ? { allow: [{ from, to: target.name, ...conditions }] } : {}),
    },
    ...(others.length === 0 ? {} : { beware: `the destination holds ${listNames(others)} as well` }),
  };
}

function addProtocol(
  config: StackConfig,
  from: string,
  listed: string,
  call: Call,
  target: DestinationTarget,
): Suggestion {
  const others = grantsOf(config)
    .to(target.name)
    .map(({ client }) => client.key)
    .filter((key) => key !== from);
  const also = [...target.hosts.filter((host) => host !== listed), ...others];
  const beware = [
    ...(also.length === 0 ? [] : [`this holds for ${listNames(also)} as well`]),
    ...pastOrigination(target, call),
  ];
  return {
    add: { destinations: { [target.name]: withProtocol(target, call) } },
    ...(beware.length === 0 ? {} : { beware: beware.join(", and ") }),
  };
}

function addRule(config: StackConfig, from: string, listed: string, call: Call, target: DestinationTarget): Suggestion {
  const others = target.hosts.filter((host) => host !== listed || host !== call.host);
  const isOpen = grantsOf(config).way(target, call)?.port === call.port;
  const beware = [
    ...(others.length === 0 ? [] : [`the destination holds ${listNames(others)} as well`]),
    ...(isOpen ? [] : pastOrigination(target, call)),
  ];
  return {
    add: {
      ...(isOpen ? {} : { destinations: { [target.name]: withProtocol(target, call) } }),
      allow: [{ from, to: target.name, ...conditions }],
    },
    ...(beware.length === 0 ? {} : { beware: beware.join(", and ") }),
  };
}

/** That a way leads past the TLS which the gateway opens, and past what it asks of requests. */
function pastOrigination(target: DestinationTarget, call: Call): string[] {
  return isPastOrigination(target, call)
    ? ["the gateway opens no TLS on this way, and sees neither methods nor paths"]
    : [];
}

/** The destination with one way more: a protocol, or another port. */
function withProtocol(target: DestinationTarget, call: Call): SuggestedDestination {
  const protocols: string[] = protocolsOf(target);
  const ports = connectPorts(target).map(portText);
  return entryOf(
    target.config,
    isConnect(call)
      ? { protocols, ports: [...ports, portText(call)] }
      : { protocols: sortedUnique([...protocols, call.protocol]), ports },
  );
}

/** A destination as it stands in a stack's file, called in these ways; an empty list would be an error. */
function entryOf(
  config: DestinationConfig,
  { protocols = [], ports }: { protocols?: string[]; ports: string[] },
): SuggestedDestination {
  const { hosts, addresses, preset } = config;
  const own = hosts.filter((host) => preset?.hosts.includes(host) !== true);
  return {
    ...defined<SuggestedDestination>({
      preset: preset === undefined ? undefined : preset.pinned ? `${preset.name}@${preset.read}` : preset.name,
      hosts: own.length === 0 ? undefined : own,
      addresses,
      protocols: protocols.length === 0 ? undefined : protocols,
      ports: ports.length === 0 ? undefined : ports,
    }),
    ...traitsIn(config),
  };
}

function addDestination(config: StackConfig, from: string, call: Call): Suggestion {
  const { host, protocol } = call;
  const name = freeName(host, grantsOf(config).targets);
  return {
    add: {
      destinations: {
        [name]: { hosts: [host], ...(isConnect(call) ? { ports: [portText(call)] } : { protocols: [protocol] }) },
      },
      allow: [{ from, to: name, ...conditions }],
    },
  };
}

/** A name of its own for what a wildcard holds: whoever is allowed the wildcard has it no longer, and keeps it by this. */
function outOfWildcard(config: StackConfig, from: string, call: Call, target: DestinationTarget): Suggestion {
  const { add } = addDestination(config, from, call);
  const grants = grantsOf(config);
  const keeps = grants.between(from, target.name) !== undefined;
  const losing = grants
    .to(target.name)
    .map(({ client }) => client.key)
    .filter((key) => key !== from);
  return {
    add: {
      ...add,
      destinations: Object.fromEntries(
        Object.entries(add.destinations!).map(([name, { hosts, ports }]) => [
          name,
          { hosts, ...(keeps ? { protocols: protocolsOf(target) } : {}), ports },
        ]),
      ),
    },
    ...(losing.length === 0
      ? {}
      : {
          beware: `a wildcard does not hold what another destination lists: ${listNames(losing)} would have ${call.host} by a rule of its own only`,
        }),
  };
}

/** A name for a destination with this host only: the host's, as Kubernetes takes names. */
function freeName(host: string, taken: { has: (name: string) => boolean }): string {
  const base = host.replace(/^\*\./, "").replaceAll(".", "-").slice(0, 60).replace(/-+$/, "");
  let name = base;
  for (let number = 2; taken.has(name); number++) {
    name = `${base}-${number}`;
  }
  return name;
}
