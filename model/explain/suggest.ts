import { DestinationConfig, StackConfig } from "../config/types";
import { Call } from "./call";
import { Refusal, Suggestion } from "./types";

interface Question {
  config: StackConfig;
  from: string;
  call: Call;
  destination?: DestinationConfig;
  refusal: Refusal;
}

/** What somebody has to say about a rule; a reviewer sees at once that nobody has yet. */
export const conditions = { owner: "WHO-ANSWERS-FOR-IT", reason: "WHAT-IT-IS-FOR" };

/** The least that has to be added so that the call is allowed; undefined where no rule could allow it. */
export function suggest({ config, from, call, destination, refusal }: Question): Suggestion | undefined {
  switch (refusal) {
    case "denied":
    case "address":
    case "port":
      return undefined;
    case "protocol":
      return addProtocol(config, from, call, destination!);
    case "rule":
      return addRule(from, call, destination!);
    case "host":
      return addDestination(config, from, call);
  }
}

function addProtocol(config: StackConfig, from: string, call: Call, destination: DestinationConfig): Suggestion {
  const { name, hosts, protocols } = destination;
  const others = config.allow.filter((rule) => rule.to === name && rule.from !== from).map((rule) => rule.from);
  const also = [...hosts.filter((host) => host !== call.host), ...others];
  return {
    add: { destinations: { [name]: { hosts, protocols: [...protocols, call.protocol].sort() } } },
    ...(also.length === 0 ? {} : { beware: `this holds for ${also.join(", ")} as well` }),
  };
}

function addRule(from: string, call: Call, { name, hosts, protocols }: DestinationConfig): Suggestion {
  const others = hosts.filter((host) => host !== call.host);
  const lacking = !protocols.includes(call.protocol);
  return {
    add: {
      ...(lacking ? { destinations: { [name]: { hosts, protocols: [...protocols, call.protocol].sort() } } } : {}),
      allow: [{ from, to: name, ...conditions }],
    },
    ...(others.length === 0 ? {} : { beware: `the destination holds ${others.join(", ")} as well` }),
  };
}

function addDestination({ destinations }: StackConfig, from: string, { host, protocol }: Call): Suggestion {
  const name = freeName(host, new Set(destinations.map((destination) => destination.name)));
  return {
    add: {
      destinations: { [name]: { hosts: [host], protocols: [protocol] } },
      allow: [{ from, to: name, ...conditions }],
    },
  };
}

/** A name for a destination with this host alone: the host's, as Kubernetes takes names. */
function freeName(host: string, taken: Set<string>): string {
  const base = host.replaceAll(".", "-").slice(0, 60).replace(/-+$/, "");
  let name = base;
  for (let number = 2; taken.has(name); number++) {
    name = `${base}-${number}`;
  }
  return name;
}
