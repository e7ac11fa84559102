import { StackConfig } from "../config/types";
import { grantsOf } from "../grants";
import { explainBeside } from "./beside";
import { Call } from "./call";
import { explainExternal } from "./external";
import { explainService } from "./service";
import { Explanation } from "./types";

export { Call, CallCheck, readCall } from "./call";
export * from "./types";

/**
 * Whether a workload may make a call, by which rule and on which way, or why not and where it ends.
 *
 * @param from `namespace/workload`, one of the configuration's
 */
export function explain(config: StackConfig, from: string, call: Call): Explanation {
  const meaning = grantsOf(config).meaning(call.host);
  switch (meaning.kind) {
    case "beside":
      return explainBeside(config, from, call, meaning.target);
    case "service":
      return explainService(config, from, call, meaning);
    case "destination":
      return explainExternal(config, from, call, meaning.target);
    case "unknown":
      return explainExternal(config, from, call);
  }
}
