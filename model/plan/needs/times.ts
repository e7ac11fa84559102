import { dialledPorts } from "../../grants";
import { forwardingOf } from "../../ground/forwarding";
import { isWildcard } from "../../ground/hosts";
import { defined } from "../../ground/objects";
import {
  type checkDrain,
  checkTimeout,
  defaultIdle,
  Duration,
  longestIdle,
  secondsOf,
  Timeouts,
} from "../../ground/timeouts";
import type { DestinationArgs } from "../args";
import { Check, exactHost, label, listOf, onlyOf, optional, port, problemText } from "../check";
import { knowsHosts, refOf, Need, toldOf } from "./need";

/** Hosts for which a gateway waits longer, or less long, than for others. */
export interface TimedHosts extends Pick<Timeouts, "connect" | "request"> {
  /** Name of their destination. */
  destination: string;
  hosts: string[];
  /** Ports that they are dialled on, one at least: 80 for http, 443 for https and for TLS that the gateway opens. */
  ports: number[];
}

export interface NeedsTimes {
  /**
   * The longest time that connections of its destinations may be silent, over https and on other ports than 80 and 443.
   * @default "1h"
   * @example "8h"
   */
  idleTimeout?: Duration;
  /**
   * Destinations for whose hosts it waits for another time than for others: what `connect` and `request` of the `timeouts`
   * of an `EgressDestination` need of it. Hosts by their whole names; sorted here by the destination's.
   * @default []
   * @example [{ destination: "billing", hosts: ["api.billing.example"], ports: [443], connect: "10s" }]
   */
  timedHosts?: TimedHosts[];
}

const idle = (value: unknown) => time("idle", value);

/** The longest silence of all destinations behind a gateway: it closes what is silent for longer, whosever it is. */
export const idleTimeout: Need<Duration> = {
  check: idle,
  needs: (granted) => longestIdle(granted.map(({ config }) => config.timeouts)),
  // With the destination's other times.
  asked: {},
};

/** How long hosts may take, where their destination says it. */
export const timedHosts: Need<TimedHosts[]> = {
  check: listOf(
    onlyOf({
      destination: label,
      hosts: listOf(exactHost, { atLeast: 1 }),
      ports: listOf(port, { atLeast: 1 }),
      connect: optional((written) => time("connect", written)),
      request: optional((written) => time("request", written)),
    }),
  ),
  needs: (granted) =>
    granted.flatMap((target) => {
      const { connect, request } = target.config.timeouts ?? {};
      return connect === undefined && request === undefined
        ? []
        : [
            {
              destination: target.name,
              hosts: [...target.hosts],
              ports: dialledPorts(target),
              ...defined({ connect, request }),
            },
          ];
    }),
  asked: {
    timeouts: (args) =>
      optional((value) => {
        const found = onlyOf({
          idle: optional((written) => idle(written) ?? letBy(written as Duration, args.gateway)),
          connect: optional((written) => time("connect", written)),
          request: optional((written) => time("request", written)),
        })(value);
        return found !== undefined && found.length > 0 ? found : patienceOf({ ...args, timeouts: value as Timeouts });
      }),
  },
};

/** A time as it is planned with: of the units the greatest that takes no fraction. */
function time(kind: keyof Timeouts, value: unknown): string | undefined {
  return timeProblem(value, (written) => checkTimeout(kind, written));
}

/** What is wrong with a time that is given to a component. */
export function timeProblem(value: unknown, read: typeof checkDrain): string | undefined {
  const found = typeof value === "string" ? read(value) : { problem: "Not a text", allowed: "as 2h" };
  return "problem" in found ? problemText(found) : undefined;
}

/** A gateway closes what is silent for longer than it was told of, whatever a destination says. */
function letBy(value: Duration, gateway: unknown): ReturnType<Check> {
  const { mesh, idleTimeout: longest = defaultIdle } = refOf(gateway);
  return idle(longest) === undefined && forwardingOf(mesh).name === "byName" && secondsOf(value) > secondsOf(longest)
    ? `The gateway closes connections that are silent for ${longest}: give it ${value} as its idleTimeout`
    : undefined;
}

/** A gateway waits for hosts as it was told, whatever a destination says. */
function patienceOf(args: Partial<DestinationArgs>): string | undefined {
  const { hosts = [], protocols: spoken = [], timeouts: { connect, request } = {}, gateway } = args;
  if (connect === undefined && request === undefined) {
    return undefined;
  }
  if (request !== undefined && !spoken.includes("http")) {
    return "A gateway sees requests over http only, and http is not among the protocols";
  }
  if (hosts.length === 0) {
    return "connect and request are for hosts that are listed by their names";
  }
  const wildcard = hosts.find(isWildcard);
  if (wildcard !== undefined) {
    return `connect and request are for hosts that are listed by their whole names, and ${wildcard} is none`;
  }
  const { mesh, timedHosts: known } = refOf(gateway);
  const told = toldOf(known, args);
  return forwardingOf(mesh).name !== "byName" ||
    (told !== undefined && told.connect === connect && told.request === request && knowsHosts(told, args))
    ? undefined
    : "The gateway does not know of connect and request: give its timedHosts { destination, hosts, ports, connect, request } as here";
}
