import { portText } from "../ground/ports";
import { listNames } from "../ground/suggest";
import { configPath, ConfigProblem } from "./problem";
import { writtenIn } from "./traits";
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
