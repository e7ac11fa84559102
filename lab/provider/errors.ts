import { LabError } from "../errors";
import { JsonObject } from "../json";

/** The engine asked to stop (Ctrl-C) while something was under way. */
export class CancelledError extends LabError {
  constructor() {
    super("cancelled");
  }
}

/** A resource that exists now but did not come up: the engine keeps it in the state, and the next update tries again. */
export class InitializationError extends LabError {
  constructor(
    readonly id: string,
    readonly outputs: JsonObject,
    readonly reasons: string[],
  ) {
    super(reasons.join("; "));
  }
}
