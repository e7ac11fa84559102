import { StackConfig } from "../config/types";
import { answeredNames, grantsOf } from "../grants";
import { namespaceOf, observerName } from "../ground/names";
import { sidecarOf } from "./around";
import { Explanation, Step } from "./types";

/**
 * What becomes of a call whose caller is observed: one that is allowed goes its own way; any other goes to the observer,
 * which lets it pass and logs it, unless it leads inside.
 */
export function asObserved(config: StackConfig, explanation: Explanation): Explanation {
  const { from, allowed, because, unreachable, open, host, protocol, port } = explanation;
  if (allowed) {
    return explanation;
  }
  const home = namespaceOf(from);
  const gateway = config.gateway.namespace;
  const { kind } = grantsOf(config).meaning(host);
  const leadsInside = unreachable !== undefined || kind === "beside" || kind === "service";
  const withoutSidecar = explanation.way.filter(({ at }) => at === "without a sidecar");
  const toObserver: Step[] = [
    {
      at: `the sidecar of ${from}`,
      what: "knows no such name for it, and refuses nothing: whatever is unknown goes to the observer",
      by: [sidecarOf(from), `ServiceEntry/${gateway}/${observerName}`],
    },
    {
      at: "from the sidecar to the observer",
      what: "goes in mutual TLS, with the address and port that were dialled",
      by: [
        `DestinationRule/${gateway}/${observerName}`,
        ...(open === undefined ? [`NetworkPolicy/${home}/egress-to-observer`] : []),
      ],
    },
  ];
  if (!leadsInside && answeredNames(config, from).has(host)) {
    return withAnsweredName(explanation, toObserver, withoutSidecar);
  }
  const by = [`EnvoyFilter/${gateway}/${observerName}`, `NetworkPolicy/${gateway}/${observerName}-to-every-port`];
  if (leadsInside) {
    const what = "sees that the address is one inside, logs it as refused and closes the connection";
    return { ...explanation, way: [...toObserver, { at: "the observer", what, by }, ...withoutSidecar] };
  }
  const seen = protocol === "tcp" ? `port ${port} and the address, but no name` : `the name ${host} and port ${port}`;
  return {
    ...explanation,
    observed: true,
    because: `${because}; but ${from} is observed: the call passes, and is logged as one that would be denied`,
    way: [
      ...toObserver,
      {
        at: "the observer",
        what: `logs ${from}'s identity, ${seen}, and connects to the address that was dialled`,
        by,
      },
      ...(protocol === "tcp"
        ? [{ at: "the log", what: "has nothing that a rule could be learnt from, as rules are for names", by: [] }]
        : []),
      ...withoutSidecar,
    ],
  };
}

/** A name that the caller's sidecar has an address of its own for: the observer sees nothing else of it. */
function withAnsweredName(explanation: Explanation, toObserver: Step[], withoutSidecar: Step[]): Explanation {
  const { from, host, because } = explanation;
  const answers: Step = {
    at: `the sidecar of ${from}`,
    what: `answers the pod's DNS for ${host} with an address of the mesh's own, as it tells hosts on one port apart by these`,
    by: [sidecarOf(from)],
  };
  const refuses: Step = {
    at: "the observer",
    what: "sees that address, which leads nowhere, logs the call as refused and closes the connection",
    by: [],
  };
  return {
    ...explanation,
    because: `${because}; and ${from} is observed, but other ports of hosts that it is granted are refused all the same`,
    way: [answers, ...toObserver, refuses, ...withoutSidecar],
  };
}
