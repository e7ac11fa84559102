import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** Resolves as soon as the condition holds, and fails after two seconds; `seen` says what was there instead. */
export async function until(condition: () => boolean, seen: () => string = () => ""): Promise<void> {
  const end = Date.now() + 2_000;
  while (!condition()) {
    if (Date.now() > end) assert.fail(`waited 2 s in vain for ${condition.toString()} ${seen()}`);
    await sleep(2);
  }
}
