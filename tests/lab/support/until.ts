import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

/** Asks over and over until it holds. @throws AssertionError when it does not within so many seconds */
export async function until(what: string, seconds: number, holds: () => boolean): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!holds()) {
    assert.ok(Date.now() < end, `not within ${seconds} s: ${what}`);
    await delay(200);
  }
}
