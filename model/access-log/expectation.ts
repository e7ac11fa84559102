import { expiredRule } from "../config/expired";
import { heldTo } from "../config/traits/told";
import { AllowRule, ExpiredRule, PortProtocol, StackConfig } from "../config/types";
import { Call, explainStrictly, readCall } from "../explain";
import { Caller, grantsOf } from "../grants";
import { HttpRequest } from "../ground/origination";
import { defaultPort } from "../ground/protocols";

/** A call as a gateway sees it, or the caller's sidecar. */
export interface CallAtProxy {
  /** Undefined for a caller that is in no namespace of the stack. */
  caller?: Caller;
  protocol: PortProtocol;
  /**
   * The Host header, the SNI or what was to be connected to, as it was sent; of a port that does not go without saying with
   * it.
   */
  host: string;
  /** Name of the gateway; undefined at a sidecar. */
  gateway?: string;
  /** With http, what was asked of the host, where that was told. */
  request?: HttpRequest;
}

/** What the configuration says of a call. */
export interface Expectation {
  /** The rule that grants it; without one it is to be denied. */
  rule?: AllowRule;
  /** Without a rule, the one that granted it until its end. */
  over?: ExpiredRule;
  /** Why, as a sentence without a full stop. */
  because: string;
  /** Private ranges that the host is granted in; undefined for public addresses. */
  ranges?: readonly string[];
  /** Whether nothing is refused to the caller, so that what is to be denied passes, and is observed. */
  observed: boolean;
}

const noWorkload = "the caller is no workload of this stack";

export function expectationOf(config: StackConfig, call: CallAtProxy): Expectation {
  const observed = call.caller !== undefined && grantsOf(config).observed.has(call.caller.client);
  return { ...withoutObserving(config, call), observed };
}

function withoutObserving(
  config: StackConfig,
  { caller, protocol, host, gateway, request }: CallAtProxy,
): Omit<Expectation, "observed"> {
  if (caller === undefined) {
    return { because: noWorkload };
  }
  const call = callOf(protocol, host);
  if (typeof call === "string") {
    return { because: call };
  }
  if (protocol === "tcp" && call.isAddress && grantsOf(config).meaning(call.host).kind === "unknown") {
    return { because: "it names no host, only an address, and rules are for names" };
  }
  const { allowed, rule, because } = explainStrictly(config, caller.client, {
    ...call,
    ...(request === undefined ? {} : { request }),
  });
  if (!allowed) {
    const meant = grantsOf(config).meaning(call.host);
    const over = meant.kind === "destination" ? expiredRule(config, caller.client, meant.target.name) : undefined;
    return over === undefined ? { because: caller.isWorkload ? because : noWorkload } : { because, over };
  }
  if (gateway === undefined) {
    return { rule, because };
  }
  const target = rule === undefined ? undefined : grantsOf(config).targets.get(rule.to);
  if (target?.kind !== "destination") {
    return { because: `${call.host} is behind no gateway` };
  }
  const ranges = heldTo(target.config);
  return target.gateway === gateway
    ? { rule: rule!, because, ...(ranges === undefined ? {} : { ranges }) }
    : { because: `${call.host} is behind the gateway ${target.gateway}` };
}

/** The call, or why no rule can be for it. */
function callOf(protocol: PortProtocol, written: string): Call | string {
  if (written === "") {
    return "it names no host";
  }
  const check = readCall(`${protocol}://${written}`);
  if ("problem" in check) {
    return `no rule is for such a name: ${check.problem}`;
  }
  const { host, port, isAddress } = check.call;
  // A URL may mean a host that it does not spell, as %67ithub.com does; policies compare the spelling. An SNI has no port.
  const withPort = `${host}:${port}`;
  const spellings = {
    http: [host, withPort],
    https: [port === defaultPort("https") ? host : withPort],
    tcp: [withPort],
  }[protocol];
  return isAddress || spellings.includes(written.toLowerCase()) ? check.call : "no rule is for a name so written";
}
