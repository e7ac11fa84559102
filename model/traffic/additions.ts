import { isObject } from "../ground/objects";
import { Addition } from "../config/file/additions";
import { Proposal, Seen } from "./proposal";
import { callsText, daysOf } from "./tally";

/**
 * A proposal as entries of a stack's file.
 *
 * @param own the keys of the file itself, without what its base adds
 */
export function additionsOf({ destinations, ways, rules, learnt }: Proposal, own: Record<string, unknown>): Addition[] {
  return [
    ...destinations.map(({ name, hosts, protocols, ports, folded = {}, ...seen }): Addition => {
      const plain = protocols.includes("http") ? "; plain http" : "";
      const refused = learnt.reduce((sum, call) => sum + (call.to === name ? call.refused : 0), 0);
      const stands = Object.entries(folded).map(([wildcard, names]) => `; ${wildcard} for ${names.length} names`);
      const comment = `${seenText(seen)}${refused > 0 ? `, ${refused} of them refused` : ""}${plain}${stands.join("")}`;
      const called = {
        ...(protocols.length > 0 ? { protocols } : {}),
        ...(ports.length > 0 ? { ports } : {}),
      };
      return { to: ["destinations"], name, value: { hosts, ...called }, comment };
    }),
    ...ways.flatMap(({ destination, protocols, ports, added }): Addition[] =>
      Object.entries({ protocols, ports }).flatMap(([key, all]: [string, string[]]) => {
        // A list of the file replaces its base's, and with ports no protocol goes without saying.
        const missing = isListed(own, destination, key) ? all.filter((each) => added.includes(each)) : all;
        return missing.map((value) => ({ to: ["destinations", destination, key], value }));
      }),
    ),
    ...rules.map(({ from, to, owner, reason, also }): Addition => {
      const value = { from, to, ...(owner === undefined ? {} : { owner }), reason };
      const others = also.length > 3 ? `${also.slice(0, 3).join(", ")} and ${also.length - 3} more` : also.join(", ");
      return { to: ["allow"], value, ...(also.length === 0 ? {} : { comment: `grants ${others} too` }) };
    }),
  ];
}

function isListed({ destinations }: Record<string, unknown>, name: string, key: string): boolean {
  const destination = isObject(destinations) ? destinations[name] : undefined;
  return isObject(destination) && Array.isArray(destination[key]);
}

/** How often and when, as `14 calls, 2026-11-20 to 2026-11-22`. */
export function seenText(seen: Seen): string {
  const days = daysOf(seen);
  return `${callsText(seen)}${days.length === 0 ? "" : `, ${days.join(" to ")}`}`;
}
