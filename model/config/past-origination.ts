import { portText } from "../ground/ports";
import { listNames } from "../ground/suggest";
import { soonAfter } from "./expired";
import { configPath, ConfigProblem } from "./problem";
import { writtenIn } from "./traits";
import { endingAuthorities } from "./traits/origination-problems";
import { StackConfig } from "./types";

/**
 * A warning for each destination whose hosts are called past the TLS that the gateway opens: by the application's own https,
 * or on other ports, where the gateway sees bytes. Both are said on purpose, and are easily taken for something that is
 * looked at as well.
 */
export function pastOriginationWarnings({ destinations }: Pick<StackConfig, "destinations">): ConfigProblem[] {
  return destinations.flatMap((destination) => {
    const { name, protocols, ports } = destination;
    const opening = writtenIn(destination).find(({ opensTls }) => opensTls === true);
    const past = [...protocols.filter((protocol) => protocol !== "http"), ...ports.map(portText)];
    return opening === undefined || past.length === 0
      ? []
      : [
          {
            path: configPath("destinations", name, opening.key),
            problem:
              `The gateway opens TLS for what is called by http on port 80: by ${listNames(past)!} applications call the hosts ` +
              "past it, and no methods and no paths hold there",
            fix: "nothing, if that is meant; else write protocols: [http], and no ports",
          },
        ];
  });
}

/** A warning for each authority's certificate that ends soon: its hosts are out of reach then, and the stack is refused. */
export function authorityWarnings({ destinations }: Pick<StackConfig, "destinations">, now: Date): ConfigProblem[] {
  const soon = soonAfter(now);
  return destinations.flatMap(({ name, originate }) =>
    endingAuthorities(originate?.ca ?? "", soon).map(({ of, day }) => ({
      path: configPath("destinations", name, "originate", "ca"),
      problem: `The certificate of ${of} ends on ${day}: what it has signed is not reached from then on`,
      fix: "put its successor beside it, and take it out when that day is over",
    })),
  );
}
