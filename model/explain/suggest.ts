import { StackConfig } from "../config/types";
import { DestinationTarget, grantsOf, protocolsOf } from "../grants";
import { sortedUnique } from "../ground/order";
import { listNames } from "../ground/suggest";
import { Call } from "./call";
import type { Question } from "./external";
import { Refusal, Suggestion } from "./types";

/** What somebody has to say about a rule; a reviewer sees at once that nobody has yet. */
export const conditions = { owner: "WHO-ANSWERS-FOR-IT", reason: "WHAT-IT-IS-FOR" };

/** The least that has to be added so that the call is allowed; undefined where no rule could allow it. */
export function suggest({ config, from, call, target }: Question, refusal: Refusal): Suggestion | undefined {
  switch (refusal) {
    case "protocol":
      return addProtocol(config, from, call, target!);
    case "rule":
      return addRule(from, call, target!);
    case "host":
      return addDestination(config, from, call);
    default:
      return undefined;
  }
}

function addProtocol(config: StackConfig, from: string, call: Call, target: DestinationTarget): Suggestion {
  const others = grantsOf(config)
    .to(target.name)
    .map(({ client }) => client.key)
    .filter((key) => key !== from);
  const also = [...target.hosts.filter((host) => host !== call.host), ...others];
  return {
    add: { destinations: { [target.name]: withProtocol(target, call) } },
    ...(also.length === 0 ? {} : { beware: `this holds for ${listNames(also)} as well` }),
  };
}

function addRule(from: string, call: Call, target: DestinationTarget): Suggestion {
  const others = target.hosts.filter((host) => host !== call.host);
  const spoken = protocolsOf(target).includes(call.protocol);
  return {
    add: {
      ...(spoken ? {} : { destinations: { [target.name]: withProtocol(target, call) } }),
      allow: [{ from, to: target.name, ...conditions }],
    },
    ...(others.length === 0 ? {} : { beware: `the destination holds ${listNames(others)} as well` }),
  };
}

function withProtocol(target: DestinationTarget, { protocol }: Call): { hosts: string[]; protocols: string[] } {
  return { hosts: [...target.hosts], protocols: sortedUnique([...protocolsOf(target), protocol]) };
}

function addDestination(config: StackConfig, from: string, { host, protocol }: Call): Suggestion {
  const name = freeName(host, grantsOf(config).targets);
  return {
    add: {
      destinations: { [name]: { hosts: [host], protocols: [protocol] } },
      allow: [{ from, to: name, ...conditions }],
    },
  };
}

/** A name for a destination with this host only: the host's, as Kubernetes takes names. */
function freeName(host: string, taken: { has: (name: string) => boolean }): string {
  const base = host.replaceAll(".", "-").slice(0, 60).replace(/-+$/, "");
  let name = base;
  for (let number = 2; taken.has(name); number++) {
    name = `${base}-${number}`;
  }
  return name;
}
