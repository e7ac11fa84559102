// What a machine lacks for a lab is said in one sentence. Does not prove: a whole boot on such a machine.
import assert from "node:assert/strict";
import { requireMachine } from "../../../../lab/boot/host";
import { LabError } from "../../../../lab/errors";

/** Runs with a property of `process` replaced. */
function as<K extends "platform" | "getuid">(key: K, value: NodeJS.Process[K], work: () => void): void {
  const original = Object.getOwnPropertyDescriptor(process, key)!;
  Object.defineProperty(process, key, { ...original, value });
  try {
    work();
  } finally {
    Object.defineProperty(process, key, original);
  }
}

describe("requireMachine", () => {
  it("names root, when it is not root", () => {
    as("platform", "linux", () =>
      as(
        "getuid",
        () => 1000,
        () => {
          assert.throws(
            requireMachine,
            (error: unknown) => error instanceof LabError && /run this as root\.$/.test(error.message),
          );
        },
      ),
    );
  });

  it("names the system, when it is not Linux", () => {
    as("platform", "darwin", () => assert.throws(requireMachine, /The lab runs on Linux, and this is darwin/));
  });
});
