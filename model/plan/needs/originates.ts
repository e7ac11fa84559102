import { originationProblems } from "../../config/traits/origination-problems";
import { forwardingOf } from "../../ground/forwarding";
import { Origination, OriginationWay, wayOf } from "../../ground/origination";
import type { DestinationArgs } from "../args";
import { placeOf } from "../arguments/shared";
import { Check, host, label, listOf, oneOf, onlyOf, optional, problemText, text } from "../check";
import { knowsHosts, refOf, Need, toldOf } from "./need";

/** Hosts to which a gateway opens TLS: whose word it takes for their names, what it shows them, and what it speaks. */
export interface OriginatedHosts extends OriginationWay {
  /** Name of their destination. */
  destination: string;
  hosts: string[];
}

export interface NeedsOrigination {
  /**
   * Destinations for whose hosts it opens TLS itself: what `originate` of an `EgressDestination` needs of it; sorted here by
   * name.
   * @default []
   * @example [{ destination: "billing", hosts: ["api.billing.example"] }]
   */
  originates?: OriginatedHosts[];
}

const way = {
  ca: optional(text()),
  clientCertificate: optional(text()),
  http2: optional(oneOf(true, false)),
};

/** TLS that a gateway opens itself. */
export const originates: Need<OriginatedHosts[]> = {
  check: listOf(
    (value) =>
      onlyOf({ destination: label, hosts: listOf(host, { atLeast: 1 }), ...way })(value) ??
      origination(wayOf(value as OriginatedHosts)),
  ),
  needs: (granted) =>
    granted.flatMap(({ name, hosts, config: { originate } }) =>
      originate === undefined ? [] : [{ destination: name, hosts: [...hosts], ...wayOf(originate) }],
    ),
  asked: { originate: (args) => optional((value) => origination(value) ?? knownTo(args)) },
};

function origination(value: unknown): ReturnType<Check> {
  const shape = onlyOf({
    methods: optional(listOf(text(), { atLeast: 1 })),
    paths: optional(listOf(text(), { atLeast: 1 })),
    ...way,
  })(value);
  if (shape !== undefined && shape.length > 0) {
    return shape;
  }
  const problems = originationProblems(value as Origination, new Date());
  return problems.length === 0
    ? undefined
    : problems.map(({ at, ...problem }) => ({ argument: placeOf(at), problem: problemText(problem) }));
}

/** A gateway opens TLS only to hosts that it was told of, or a destination's requests would go nowhere. */
function knownTo(args: Partial<DestinationArgs>): string | undefined {
  const { originate, protocols: spoken = [], gateway } = args;
  const { mesh, originates: known } = refOf(gateway);
  if (!forwardingOf(mesh).connects) {
    return "Gateways open TLS by an EnvoyFilter, and this mesh takes none";
  }
  if (!spoken.includes("http")) {
    return "The gateway opens TLS for what is called by http, and http is not among the protocols";
  }
  const told = toldOf(known, args);
  const wanted = wayOf(originate ?? {});
  return told !== undefined && JSON.stringify(wayOf(told)) === JSON.stringify(wanted) && knowsHosts(told, args)
    ? undefined
    : `The gateway does not know of it: give its originates { ${["destination", "hosts", ...Object.keys(wanted)].join(", ")} } as here`;
}
