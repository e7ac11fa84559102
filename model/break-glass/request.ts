import { momentText } from "../config/date";
import { checkHost } from "../config/host";
import { isAddress } from "../config/host-name";
import { denyText } from "../config/denied";
import { meshTraits } from "../config/mesh-traits";
import { configPath } from "../config/problem";
import { StackConfig } from "../config/types";
import { unreachable } from "../config/unreachable";
import { grantsOf } from "../grants";
import { forwardingOf } from "../ground/forwarding";
import { isWildcard } from "../ground/hosts";
import { listNames } from "../ground/suggest";
import { checkSpan, secondsOf } from "../ground/timeouts";
import { BreakGlass, breakGlassName } from "./record";

/** What somebody asks for, as it was written. */
export interface Asked {
  from: string;
  host: string;
  /** As `2h`. */
  span: string;
  reason: string;
  owner?: string;
  by?: string;
}

/** What is taken, without the objects that it needs; or why it cannot be, as a sentence without a full stop. */
export type RequestCheck = { record: BreakGlass } | { problem: string };

/** @param config the stack's, with the access that is taken beside it already */
export function checkRequest(config: StackConfig, asked: Asked, now: Date): RequestCheck {
  const { from, reason, owner, by } = asked;
  const host = checkHost(asked.host);
  const problem =
    callerProblem(config, from) ?? hostProblem(config, asked.host, from) ?? spanProblem(config, asked.span);
  if (problem !== undefined) {
    return { problem };
  }
  if (reason.trim() === "") {
    return { problem: "Access that is taken beside the stack's file has a reason" };
  }
  const span = checkSpan(asked.span);
  if (!("host" in host) || !("span" in span)) {
    return { problem: "Nothing can be granted so" };
  }
  return {
    record: {
      name: breakGlassName(from, host.host),
      from,
      host: host.host,
      until: momentText(new Date(now.getTime() + secondsOf(span.span) * 1000)),
      reason: reason.trim(),
      ...(owner === undefined ? {} : { owner }),
      taken: momentText(now),
      ...(by === undefined ? {} : { by }),
      objects: [],
    },
  };
}

function callerProblem(config: StackConfig, from: string): string | undefined {
  const { workloads, observed } = grantsOf(config);
  if (!workloads.has(from)) {
    const known = listNames([...workloads.keys()]) ?? "none is configured";
    return `The stack has no workload "${from}", and access is taken for one; workloads: ${known}`;
  }
  if (observed.has(from)) {
    return `${from} is observed, and refused nothing`;
  }
  return forwardingOf(meshTraits(config.mesh)).ends
    ? undefined
    : "This mesh takes no EnvoyFilter, by which gateways ask for the time: nothing would end it";
}

function hostProblem(config: StackConfig, written: string, from: string): string | undefined {
  const { denied, meaning, between } = grantsOf(config);
  if (isAddress(written)) {
    return `${written} is an address, and gateways are asked for names: a private one stays closed to everybody`;
  }
  const check = checkHost(written);
  if (!("host" in check)) {
    return `"${written}" is no host that could be granted: ${check.problem}`;
  }
  const { host } = check;
  if (isWildcard(host)) {
    return `${host} is a wildcard, and access is taken to one host`;
  }
  const entry = denied(host);
  if (entry !== undefined) {
    return `${configPath("deny")} holds ${denyText(entry)}: nobody may be allowed ${host}, not for an hour either`;
  }
  const never = unreachable(host);
  if (never !== undefined) {
    return `No gateway ever reaches ${host}: ${never.reason}`;
  }
  const meant = meaning(host);
  if (meant.kind === "beside" || meant.kind === "service") {
    return `${host} is inside, and no gateway leads to it`;
  }
  const rule = meant.kind === "destination" ? between(from, meant.target.name)?.rule : undefined;
  return rule === undefined || rule.path === breakGlassName(from, host)
    ? undefined
    : `${rule.path} grants ${from} the host ${host} already`;
}

function spanProblem({ breakGlass }: StackConfig, written: string): string | undefined {
  const check = checkSpan(written);
  if ("problem" in check) {
    return `"${written}" is no time: ${check.problem}, as 2h or 30m`;
  }
  const { longest } = breakGlass;
  return secondsOf(check.span) > secondsOf(longest)
    ? `${check.span} is longer than access may be taken for: ${longest} at most (${configPath("breakGlass", "longest")})`
    : undefined;
}
