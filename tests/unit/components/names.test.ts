// Does not prove that a stack of an older release can be updated: it only tells that names and types have changed.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { ConfigError, parseConfig, StackConfig } from "../../../model";
import { hostileConfigs } from "../../property/names";
import { register, registerLab, today } from "./register";

const golden = path.join(__dirname, "lab-resources.txt");

describe("names and types of the stack lab", () => {
  // They are API: to change one replaces what users have running, unless the resource carries an alias.
  // `UPDATE_GOLDEN=1 npm test` writes the file anew.
  it("are those of lab-resources.txt", async () => {
    const urns = (await registerLab()).map(({ urn }) => urn);
    const text = `${urns.sort().join("\n")}\n`;
    if (process.env.UPDATE_GOLDEN === "1") {
      writeFileSync(golden, text);
    }
    assert.equal(text, readFileSync(golden, "utf8"));
  });
});

function soundOrNone(raw: Record<string, unknown>): StackConfig | undefined {
  try {
    return parseConfig(raw, { now: today });
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return undefined;
  }
}

describe("names and types of any stack", () => {
  it("are each one resource's, however a configuration's own names are chosen", async () => {
    const sound = hostileConfigs.map(soundOrNone).filter((config) => config !== undefined);
    await fc.assert(
      fc.asyncProperty(sound, async (config) => {
        const urns = (await register({ config })).map(({ urn }) => urn);
        assert.deepEqual(
          urns.filter((urn, index) => urns.indexOf(urn) !== index),
          [],
        );
      }),
      { numRuns: 4 },
    );
  });
});
