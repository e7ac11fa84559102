import { protocols } from "../../ground/protocols";
import type { DestinationArgs } from "../args";
import { Check, host, label, listOf, mesh, oneOf, optional, setOf } from "../check";
import { askedOf, needChecks } from "../needs";
import { client } from "./shared";

/** What the planner of a destination asks of its arguments, also of what its gateway was told. */

/** What a destination is asked depends on it: without ports it needs protocols, and a port needs a gateway that has it. */
export function destinationChecks(args: Partial<DestinationArgs>): Record<string, Check> {
  const { addresses, ports } = args;
  const byAddress = addresses !== undefined;
  return {
    name: label,
    hosts: byAddress ? listOf(noHost) : listOf(host, { atLeast: 1, once: true }),
    except: optional(listOf(host)),
    protocols: byAddress
      ? listOf(noProtocol)
      : listOf(oneOf(...protocols), { atLeast: Array.isArray(ports) && ports.length > 0 ? 0 : 1, once: true }),
    ...askedOf(args),
    clients: listOf(client, { atLeast: 1 }),
    gateway: gatewayRef,
  };
}

const noHost: Check = () => "A destination has hosts or addresses, and not both";

const noProtocol: Check = () => "What is called by its address goes as bytes, on the ports that are listed";

const gatewayRef = setOf({
  name: label,
  namespace: label,
  mesh,
  ...Object.fromEntries(Object.entries(needChecks).map(([key, check]) => [key, unlessKnown(check)])),
});

/**
 * A check of what is given again and again: a gateway says to each of its destinations what it was told of all of them.
 * What was sound is not looked through again. So not for what is planned with: whoever has the list may change it.
 */
function unlessKnown(check: Check): Check {
  const sound = new WeakSet<object>();
  return (value) => {
    if (typeof value === "object" && value !== null && sound.has(value)) {
      return undefined;
    }
    const found = check(value);
    if (typeof value === "object" && value !== null && (found === undefined || found.length === 0)) {
      sound.add(value);
    }
    return found;
  };
}
