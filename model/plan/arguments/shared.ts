import { checkServiceAccount } from "../../config/kubernetes-names";
import { isObject } from "../../ground/objects";
import { protocols } from "../../ground/protocols";
import { Check } from "../check";
import * as check from "../check";

/**
 * What each planner asks of its arguments, beside their types: a program may be in JavaScript, and a text may be empty, a
 * wildcard or missing. Where one thing means one thing, the configuration is held to the same. Here is what several ask.
 */

const { label, listOf, oneOf, onlyOf, optional, port, setOf, text } = check;

/** The domain name system, as pods ask it. */
export const dns = { resolvers: optional(listOf(check.address)), dnsPort: optional(port) };

export const portsBySpoken = onlyOf(Object.fromEntries(protocols.map((protocol) => [protocol, optional(port)])));

export const guardedNamespaces = listOf(label, { atLeast: 1 });

export const who = setOf({ users: listOf(text()), groups: listOf(text()) });

/** Users and groups, one at least. @param nobody what is wrong with none */
export function somebody(nobody: string): Check {
  return (value) =>
    isObject(value) && [value.users, value.groups].every((list) => Array.isArray(list) && list.length === 0)
      ? `Must not be empty: ${nobody}`
      : who(value);
}

/** What is called: a host by its name or a wildcard, or addresses without a name. */
export const called: Check = (value) => (check.nameless(value) === undefined ? undefined : check.host(value));

/**
 * One identity, or every one of a namespace where that is said in so many words: anything else must not come to mean it.
 *
 * @param beside what may be said of every one beside that
 */
export const clientWith =
  (beside: Record<string, Check>): Check =>
  (value) => {
    if (!isObject(value)) {
      return "Not a client: a namespace and a ServiceAccount";
    }
    const everyone = "everyServiceAccount" in value;
    const whole = onlyOf({ namespace: label, everyServiceAccount: oneOf(true), ...beside });
    const single = onlyOf({ namespace: label, serviceAccount: text(checkServiceAccount) });
    return everyone && "serviceAccount" in value
      ? "Either one ServiceAccount or every one, and not both"
      : everyone
        ? whole(value)
        : single(value);
  };

export const client = clientWith({});

export const noCounters = "This mesh takes no EnvoyFilter, by which proxies count calls";

export function checkMoment(written: string): { problem: string; allowed: string } | undefined {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(written) && !Number.isNaN(Date.parse(written))
    ? undefined
    : { problem: "Not a moment in UTC", allowed: "as 2027-07-01T00:00:00Z" };
}

export function placeOf(path: PropertyKey[]): string {
  return path.map((segment) => (typeof segment === "number" ? `[${segment}]` : `.${String(segment)}`)).join("");
}
