import { endOf, momentText } from "../config/date";
import { meshTraits } from "../config/mesh-traits";
import { ConfigProblem } from "../config/problem";
import { AllowRule, StackConfig } from "../config/types";
import { forwardingOf } from "../ground/forwarding";
import { groupedBy, sortedBy } from "../ground/order";
import { namespaceKey } from "../ground/names";
import { Client, Grants, grantsOf } from "./grants";

/** Somebody whose access to a destination ends by itself: the gateway asks for the time of each call. */
export interface Ending {
  client: Client;
  /** Of a whole namespace those who are granted it for longer, or are refused nothing. */
  but: Client[];
  /** The moment from which the gateway refuses it, `YYYY-MM-DDTHH:MM:SSZ`. */
  until: string;
}

/**
 * Whose access to a destination ends, and when: of an identity that several rules grant it, with the last of them. Sorted by
 * identity.
 */
export function endingsOf({ to, observed }: Grants, destination: string): Ending[] {
  const ends = new Map<string, { client: Client; end: number; key: string }>();
  for (const { client, rule } of to(destination)) {
    const key = identityKey(client);
    const end = observed.has(client.key) || rule.expires === undefined ? Infinity : endOf(rule.expires).getTime();
    ends.set(key, { client, key, end: Math.max(end, ends.get(key)?.end ?? 0) });
  }
  const all = sortedBy(ends.values(), ({ key }) => key);
  const neighbours = groupedBy(all, ({ client }) => client.namespace);
  return all.flatMap((each) => {
    const { namespace } = each.client;
    const whole = ends.get(namespaceKey(namespace));
    const isWhole = whole === each;
    if (each.end === Infinity || (!isWhole && whole !== undefined && whole.end >= each.end)) {
      return [];
    }
    const but = isWhole ? neighbours.get(namespace)!.filter((other) => other.end > each.end) : [];
    return [{ client: each.client, but: but.map(({ client }) => client), until: momentText(new Date(each.end)) }];
  });
}

/** What gateways and policies tell callers apart by. */
function identityKey({ key, namespace, workload }: Client): string {
  return workload === undefined ? key : `${namespace}/${workload.serviceAccount}`;
}

/** How a rule ends; undefined for one that has no end. */
export interface RuleEnd {
  /** The moment, `YYYY-MM-DDTHH:MM:SSZ`. */
  at: string;
  /** Why it goes on until the next update of the stack, as a clause; absent where the gateway ends it by itself. */
  late?: string;
}

export function ruleEnd(config: StackConfig, { expires, from, to }: AllowRule): RuleEnd | undefined {
  if (expires === undefined) {
    return undefined;
  }
  const { targets, observed } = grantsOf(config);
  const late =
    targets.get(to)?.kind === "beside"
      ? "no gateway is on this way, which could ask for the time"
      : forwardingOf(meshTraits(config.mesh)).ends
        ? observed.has(from)
          ? "its caller is observed, and refused nothing"
          : undefined
        : "this mesh takes no EnvoyFilter, by which gateways ask for the time";
  return { at: momentText(endOf(expires)), ...(late === undefined ? {} : { late }) };
}

/** A warning for each rule that does not end by itself. */
export function lateEnds(config: StackConfig): ConfigProblem[] {
  return config.allow.flatMap((rule) => {
    const { at, late } = ruleEnd(config, rule) ?? {};
    return late === undefined
      ? []
      : [
          {
            path: `${rule.path}.expires`,
            value: rule.expires,
            problem: `${rule.from} → ${rule.to} goes on until the first update of the stack after ${at}: ${late}`,
            fix: "have the stack updated then",
          },
        ];
  });
}
