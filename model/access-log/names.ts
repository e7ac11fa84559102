import { StackConfig } from "../config/types";
import { isNameAnswered } from "../grants";
import { resolverLogWord, resolverName } from "../ground/dns";
import type { Decision, LogPlace } from "./decision";

/** A name that the stack's resolver has refused, as it has logged it. */
export interface RefusedName {
  protocol: "dns";
  /** ISO 8601, as the node has written it down: the resolver itself writes no time. */
  time: string;
  /** Address of who asked. */
  client: string;
  /** Type of the record that was asked for, as `A`. */
  type: string;
  /** In lower case, without its final dot; what is no letter, digit or hyphen is escaped. */
  name: string;
}

const line = new RegExp(`^\\[INFO\\] ${resolverLogWord} (\\S+) \\S+ (\\S+) NXDOMAIN (.+)$`);

/** Reads a line of the resolver's log; undefined for one of anything else, as of a granted name without such a record. */
export function parseRefusedName(text: string, time: string): RefusedName | undefined {
  const [, client, type, name] = line.exec(text) ?? [];
  return name === undefined
    ? undefined
    : { protocol: "dns", time, client: client!, type: type!, name: name.toLowerCase().replace(/\.$/, "") };
}

/** What a refused name says of its caller, whom the resolver knows by an address alone. */
export function nameDecision(
  config: StackConfig,
  { time, client, type, name }: RefusedName,
  { callers, ...place }: LogPlace,
): Decision {
  const answered = isNameAnswered(config, name);
  return {
    time: new Date(time).toISOString(),
    at: "resolver",
    from: callers?.get(client) ?? client,
    protocol: "dns",
    host: name,
    allowed: false,
    ok: !answered,
    because: answered
      ? `${name} is granted now: the look-up is older than the rule, or the rule is not applied yet`
      : `${resolverName} knows what the stack grants, and ${name} is granted to nobody: its record ${type} was refused, and asked of nobody else`,
    ...place,
  };
}
