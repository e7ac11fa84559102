import { ProxyConfig, proxyProblems } from "../../config/traits/proxy";
import { originationProblems } from "../../config/traits/origination-problems";
import { privateRangeProblems } from "../../config/traits/private-ranges";
import { portProblem } from "../../ground/ports";
import { Origination, wayOf } from "../../ground/origination";
import { checkTimeout, Timeouts } from "../../ground/timeouts";
import type { OriginatedHosts } from "../args";
import { Check } from "../check";
import * as check from "../check";
import { placeOf, problemText } from "./shared";

/** What a gateway is told of hosts, and a destination tells of its gateway: the two have to agree. */

const { label, listOf, mesh, oneOf, optional, port, setOf, text } = check;

/** A port beside the protocols' own, by its number alone. */
function otherPort(value: unknown): ReturnType<Check> {
  return port(value) ?? portProblem({ port: value as number, protocol: "tcp" }, { address: true })?.problem;
}

export function idle(value: unknown): ReturnType<Check> {
  return time("idle", value);
}

/** A time as it is planned with: of the units the greatest that takes no fraction. */
export function time(kind: keyof Timeouts, value: unknown): string | undefined {
  const found = typeof value === "string" ? checkTimeout(kind, value) : { problem: "Not a text", allowed: "as 2h" };
  return "problem" in found ? problemText(found) : undefined;
}

function timedHosts(value: unknown): ReturnType<Check> {
  return setOf({
    destination: label,
    hosts: listOf(check.exactHost, { atLeast: 1 }),
    ports: listOf(port, { atLeast: 1 }),
    connect: optional((written) => time("connect", written)),
    request: optional((written) => time("request", written)),
  })(value);
}

function originatedHosts(value: unknown): ReturnType<Check> {
  return (
    setOf({
      destination: label,
      hosts: listOf(check.host, { atLeast: 1 }),
      ca: optional(text()),
      clientCertificate: optional(text()),
      http2: optional(oneOf(true, false)),
    })(value) ?? origination(wayOf(value as OriginatedHosts))
  );
}

export function origination(value: unknown): ReturnType<Check> {
  const shape = setOf({
    methods: optional(listOf(text(), { atLeast: 1 })),
    paths: optional(listOf(text(), { atLeast: 1 })),
    ca: optional(text()),
    clientCertificate: optional(text()),
    http2: optional(oneOf(true, false)),
  })(value);
  if (shape !== undefined && shape.length > 0) {
    return shape;
  }
  const problems = originationProblems(value as Origination, new Date());
  return problems.length === 0
    ? undefined
    : problems.map(({ at, problem, allowed }) => ({
        argument: placeOf(at),
        problem: problemText({ problem, allowed }),
      }));
}

/** Ranges that names lead into: none that a configuration could not have. */
export function rangesOfHosts(value: unknown): ReturnType<Check> {
  const found = listOf(
    text((written) => privateRangeProblems(written)[0]),
    { atLeast: 1 },
  )(value);
  return found === undefined || found.length === 0 ? undefined : found;
}

function privateHosts(value: unknown): ReturnType<Check> {
  return setOf({
    destination: label,
    hosts: listOf((each) => (check.nameless(each) === undefined ? undefined : check.exactHost(each)), { atLeast: 1 }),
    ranges: rangesOfHosts,
    ports: listOf(port, { atLeast: 1 }),
  })(value);
}

/** An outside proxy: none that a configuration could not have. */
export function proxy(value: unknown): ReturnType<Check> {
  const shape = setOf({ proxy: text(), private: optional(listOf(text(), { atLeast: 1 })) })(value);
  if (shape !== undefined && shape.length > 0) {
    return shape;
  }
  const problems = proxyProblems(value as ProxyConfig);
  return problems.length === 0 ? undefined : problems.map(({ at, problem }) => ({ argument: placeOf(at), problem }));
}

const proxiedHosts = setOf({
  destination: label,
  hosts: listOf(check.exactHost, { atLeast: 1 }),
  proxy: (value) => (typeof value === "string" ? proxy({ proxy: value }) : "Not a text"),
  ranges: optional(rangesOfHosts),
  ports: listOf(port, { atLeast: 1 }),
});

/** What gateways are told beside their names: a gateway's own arguments, and what a destination says of its gateway. */
export const toldToGateways: Record<string, Check> = {
  ports: optional(listOf(otherPort)),
  idleTimeout: optional(idle),
  originates: optional(listOf(originatedHosts)),
  privateHosts: optional(listOf(privateHosts)),
  addresses: optional(listOf(check.nameless)),
  timedHosts: optional(listOf(timedHosts)),
  wildcards: optional(listOf(setOf({ host: check.wildcard, except: optional(listOf(check.host)) }))),
  proxies: optional(listOf(proxiedHosts)),
};

export const gatewayRef = setOf({
  name: label,
  namespace: label,
  mesh,
  ...Object.fromEntries(Object.entries(toldToGateways).map(([key, check]) => [key, unlessKnown(check)])),
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
