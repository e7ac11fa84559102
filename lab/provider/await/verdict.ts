import { JsonObject, child, list, text, count } from "../../json";

/** Whether an object is up, and if not, what is missing. */
export interface Verdict {
  ready: boolean;
  /** What is missing, such as `1 of 2 replicas are available`. */
  missing: string;
  /** Set when waiting any longer is of no use. */
  hopeless?: boolean;
}

export const ready: Verdict = { ready: true, missing: "" };

export function waiting(missing: string): Verdict {
  return { ready: false, missing };
}

export function hopeless(missing: string): Verdict {
  return { ready: false, missing, hopeless: true };
}

/** Whether the controller has seen the object as it is now, so that its status speaks of it. */
export function isObserved(live: JsonObject): boolean {
  return (count(live, "status", "observedGeneration") ?? 0) >= (count(live, "metadata", "generation") ?? 0);
}

/** The condition of a type, or an empty object. */
export function condition(live: JsonObject, type: string): JsonObject {
  return child(list(live, "status", "conditions").find((entry) => text(entry, "type") === type));
}

export function isTrue(live: JsonObject, type: string): boolean {
  return text(condition(live, type), "status") === "True";
}

/** `Reason: message` of a condition. */
export function reasonOf(found: JsonObject): string {
  return [text(found, "reason"), text(found, "message")].filter(Boolean).join(": ");
}
