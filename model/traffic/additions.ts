import { isObject } from "../ground/objects";
import { Addition } from "../config/file/additions";
import { Proposal, Seen } from "./proposal";

/**
 * A proposal as entries of a stack's file.
 *
 * @param own the keys of the file itself, without what its base adds
 */
export function additionsOf(
  { destinations, protocols, rules, learnt }: Proposal,
  own: Record<string, unknown>,
): Addition[] {
  return [
    ...destinations.map(({ name, hosts, protocols: spoken, ...seen }): Addition => {
      const plain = spoken.includes("http") ? "; plain http" : "";
      const refused = learnt.reduce((sum, call) => sum + (call.to === name ? call.refused : 0), 0);
      const comment = `${seenText(seen)}${refused > 0 ? `, ${refused} of them refused` : ""}${plain}`;
      return { to: ["destinations"], name, value: { hosts, protocols: spoken }, comment };
    }),
    ...protocols.flatMap(({ destination, protocols: all, added }): Addition[] => {
      // A list of the file replaces its base's.
      const missing = isListed(own, destination) ? added : all;
      return missing.map((value) => ({ to: ["destinations", destination, "protocols"], value }));
    }),
    ...rules.map(({ from, to, owner, reason, also }): Addition => {
      const value = { from, to, ...(owner === undefined ? {} : { owner }), reason };
      const others = also.length > 3 ? `${also.slice(0, 3).join(", ")} and ${also.length - 3} more` : also.join(", ");
      return { to: ["allow"], value, ...(also.length === 0 ? {} : { comment: `grants ${others} too` }) };
    }),
  ];
}

function isListed({ destinations }: Record<string, unknown>, name: string): boolean {
  const destination = isObject(destinations) ? destinations[name] : undefined;
  return isObject(destination) && Array.isArray(destination.protocols);
}

/** How often and when, as `14 calls, 2026-11-20 to 2026-11-22`. */
export function seenText({ calls, first, last }: Seen): string {
  const [from, to] = [first, last].map((time) => (time === undefined ? "" : new Date(time).toISOString().slice(0, 10)));
  const days = from === "" ? "" : from === to ? `, ${from}` : `, ${from} to ${to}`;
  return `${calls === 1 ? "1 call" : `${calls} calls`}${days}`;
}
