import { JsonObject } from "./json";

/** A failure that the text explains to the user: no stack trace belongs to it. */
export class UserError extends Error {}

/** The engine asked to stop (Ctrl-C) while something was under way. */
export class CancelledError extends UserError {
  constructor() {
    super("cancelled");
  }
}

/** A resource that exists now but did not come up: the engine keeps it in the state, and the next update tries again. */
export class InitializationError extends UserError {
  constructor(
    readonly id: string,
    readonly outputs: JsonObject,
    readonly reasons: string[],
  ) {
    super(reasons.join("; "));
  }
}
