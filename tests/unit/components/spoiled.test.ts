// Whatever stands in the place of any argument of a component: it is taken, or refused by an ArgumentError that names the
// component; nothing is never taken. Does not prove that what is taken is what was meant: arguments.test.ts has twins.
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { ArgumentError } from "../../../model";
import { RecordingEngine } from "./register";
import { parts, sound } from "./sound-arguments";

type Place = readonly (string | number)[];
/** What stands where something else belongs, made of what was there. */
const spoils: [string, (value: unknown) => unknown][] = [
  ["nothing", () => null],
  ["no number", () => NaN],
  ["a function", () => () => 1],
  ["a pattern", () => "*"],
  ["a list of nothing", () => [undefined]],
  ["a set of nothing", () => ({ a: null })],
  ["an Output", (value) => pulumi.output(value)],
];

/** Texts that mean to others whatever they may: to a registry, to the file system, to the program of a workload. */
const isFree = (place: Place) =>
  /^(charts|image|command|args|env|serviceAccountAnnotations|pod)$/.test(String(place[0]));

describe("whatever stands in the place of an argument", () => {
  let shared: ReturnType<typeof parts>;
  let count = 0;

  before(async () => {
    await new RecordingEngine().use();
    shared = parts();
  });

  it("is refused by an error of the component's, or taken; nothing, no number and no pattern are never taken", () => {
    for (const [component, make, args] of sound(shared)) {
      const name = () => `it-${count++}`;
      assert.doesNotThrow(() => make(name(), args), component);
      for (const place of placesIn(args)) {
        for (const [what, spoil] of spoils) {
          const where = `${component}.${place.join(".")}: ${what}`;
          const it = name();
          try {
            make(it, spoiledAt(args, place, spoil));
          } catch (error) {
            assert.ok(error instanceof ArgumentError, `${where}: ${(error as Error).stack}`);
            assert.equal(error.of, `${component} "${it}"`, where);
            assert.ok(error.problems.length > 0, where);
            continue;
          }
          assert.ok(isFree(place) || !/^(nothing|no number|a function|a pattern)$/.test(what), `${where} is taken`);
        }
      }
    }
    assert.ok(count > 1000, `${count}`);
  });
});

/** Every place of the arguments that a component has of its own. */
function placesIn(value: unknown, at: Place = []): Place[] {
  const isPart = value instanceof pulumi.Resource || at[0] === "mesh";
  const inside =
    typeof value === "object" && value !== null && !isPart
      ? Object.entries(value).flatMap(([key, part]) =>
          placesIn(part, [...at, Array.isArray(value) ? Number(key) : key]),
        )
      : [];
  return at.length === 0 ? inside : [at, ...inside];
}

function spoiledAt(value: unknown, [step, ...rest]: Place, spoil: (value: unknown) => unknown): unknown {
  if (step === undefined) {
    return spoil(value);
  }
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? spoiledAt(item, rest, spoil) : item));
  }
  return { ...(value as object), [step]: spoiledAt((value as Record<string, unknown>)[step], rest, spoil) };
}
