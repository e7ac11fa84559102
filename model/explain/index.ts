import { openIn } from "../config/adoption";
import { isReported, reportedBecause } from "../config/reporting";
import { StackConfig } from "../config/types";
import { grantsOf } from "../grants";
import { namespaceOf } from "../ground/names";
import { madeBy, namespaceNamed } from "./around";
import { explainBeside } from "./beside";
import { Call } from "./call";
import { explainExternal } from "./external";
import { asObserved } from "./observed";
import { explainService } from "./service";
import { Explanation, Step } from "./types";

export { Call, CallCheck, readCall } from "./call";
export { explainInto } from "./into";
export * from "./types";

/**
 * Whether a workload may make a call, by which rule and on which way, or why not and where it ends.
 *
 * @param from `namespace/workload`, one of the configuration's
 */
export function explain(config: StackConfig, from: string, call: Call): Explanation {
  const strict = explainStrictly(config, from, call);
  return grantsOf(config).observed.has(from) ? asObserved(config, strict) : strict;
}

/** The same, if nobody were observed. */
export function explainStrictly(config: StackConfig, from: string, call: Call): Explanation {
  const home = namespaceNamed(config, namespaceOf(from));
  const open = home === undefined ? undefined : openIn(home);
  const explanation = withReporting(explainGuarded(config, from, call));
  if (open !== undefined) {
    return withOpenWays(explanation, open);
  }
  const pods = madeBy(config, from, namespaceOf(from));
  return pods === undefined || !explanation.allowed || explanation.rule === undefined
    ? explanation
    : { ...explanation, way: [pods, ...explanation.way] };
}

function explainGuarded(config: StackConfig, from: string, call: Call): Explanation {
  if (call.isAddress && isLoopback(call.host)) {
    return {
      ...call,
      from,
      allowed: true,
      because: "it is the pod itself, and no rule is about that",
      way: [withinPod],
    };
  }
  const meaning = grantsOf(config).meaning(call.host);
  switch (meaning.kind) {
    case "beside":
      return explainBeside(config, from, call, meaning.target);
    case "service":
      return explainService(config, from, call, meaning);
    case "destination":
      return explainExternal(config, from, call, meaning);
    case "unknown":
      return explainExternal(config, from, call);
  }
}

/** The same where a rule in report mode is all that allows it. */
function withReporting(explanation: Explanation): Explanation {
  const { allowed, rule, because } = explanation;
  return allowed && rule !== undefined && isReported(rule)
    ? { ...explanation, reported: true, because: `${because}; but ${reportedBecause(rule)}` }
    : explanation;
}

const withinPod: Step = { at: "in the pod", what: "stays there: past its sidecar and every NetworkPolicy", by: [] };

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

/** The same where no NetworkPolicy stands around the namespace, and what is said holds for pods with a sidecar only. */
function withOpenWays(explanation: Explanation, open: string): Explanation {
  const walls = `NetworkPolicy/${namespaceOf(explanation.from)}/`;
  return {
    ...explanation,
    because: explanation.allowed ? explanation.because : `${explanation.because}; but ${open}`,
    open,
    way: [
      ...explanation.way.map((step) => ({ ...step, by: step.by.filter((key) => !key.startsWith(walls)) })),
      { at: "without a sidecar", what: open, by: [] },
    ],
  };
}
