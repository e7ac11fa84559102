// What holds for the diff of any two allowlists, however they are written.
// Does not prove: anything of settings but the allowlist's; tests/unit/model/diff/diff.test.ts has some of each.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Document, visit } from "yaml";
import { resolvePlain } from "../../../../model/config/file/scalar";
import { parseStackFile } from "../../../../model/config/file/stack";
import { parseConfig, StackConfig, verdicts } from "../../../../model";
import { CallerChange, diffStacks, GrantChange, isEmptyDiff, Presence, StackDiff } from "../../../../model/diff";
import { Allowlist, allowlists, rawConfig } from "../../../property/allowlists";

const now = new Date("2026-11-22");

/** Ways to write the same YAML: quotes, block or flow, wide or narrow. */
const styles = fc.record({
  defaultStringType: fc.constantFrom("PLAIN" as const, "QUOTE_DOUBLE" as const, "QUOTE_SINGLE" as const),
  defaultKeyType: fc.constantFrom("PLAIN" as const, "QUOTE_DOUBLE" as const),
  collectionStyle: fc.constantFrom("any" as const, "block" as const, "flow" as const),
  indent: fc.constantFrom(2, 4),
});

const conditions = fc.record(
  {
    owner: fc.constantFrom("team-a", "team-b"),
    reason: fc.string({ minLength: 1 }).filter((text) => text.trim() !== ""),
    expires: fc.constant("2027-06-30"),
  },
  { requiredKeys: [] },
);

/** An allowlist whose rules have conditions. */
const conditioned = fc
  .tuple(allowlists, fc.array(conditions, { minLength: 36, maxLength: 36 }))
  .map(([allowlist, given]) => {
    const raw = rawConfig(allowlist) as Record<string, unknown> & { allow: object[] };
    return {
      ...raw,
      allow: raw.allow.map((rule, index) => ({ ...rule, ...given[index] })),
      deny: ["cnn.com", "bbc.com"],
    };
  });

/** The value with the keys of every object and the items of every list in an order that the numbers decide. */
function shuffled(value: unknown, numbers: Iterator<number>): unknown {
  const inOrder = <T>(items: T[]) =>
    items
      .map((item) => ({ item, at: Number(numbers.next().value) }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  if (Array.isArray(value)) {
    return inOrder(value).map((item) => shuffled(item, numbers));
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(inOrder(Object.entries(value)).map(([key, part]) => [key, shuffled(part, numbers)]))
    : value;
}

function read(text: string): StackConfig {
  return parseConfig(parseStackFile(text, "f").raw, { now });
}

function write(raw: object, style: object = {}): string {
  const keyed = Object.entries(raw).map(([key, value]) => [`istio-egress:${key}`, value]);
  const document = new Document({ config: Object.fromEntries(keyed) });
  visit(document, {
    // The library leaves quotes away where its own YAML needs none, and Pulumi's would read a number.
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === "string" && resolvePlain(scalar.value) !== scalar.value) {
        scalar.type = "QUOTE_DOUBLE";
      }
    },
  });
  return document.toString(style);
}

function configOf(allowlist: Allowlist): StackConfig {
  return parseConfig(rawConfig(allowlist), { now });
}

function mirrored({ settings, grants, callers, ...presences }: StackDiff): StackDiff {
  const swap = <T extends { before?: unknown; after?: unknown }>({ before, after, ...rest }: T) => ({
    ...rest,
    ...(after === undefined ? {} : { before: after }),
    ...(before === undefined ? {} : { after: before }),
  });
  const turn = <T extends Presence>(items: T[]): T[] =>
    items.map((item) => ({ ...item, change: item.change === "added" ? "removed" : "added" }));
  return {
    grants: grants.map((change) => swap(change) as GrantChange),
    settings: settings.map((change) => ({ ...swap(change), path: change.path })),
    callers: callers.map((change) => swap(change) as CallerChange),
    denied: turn(presences.denied),
    namespaces: turn(presences.namespaces),
    workloads: turn(presences.workloads),
  };
}

/** Every call that is allowed, as `from url`. */
function allowedCalls(config: StackConfig): Set<string> {
  return new Set(
    verdicts(config).flatMap(({ from, url, expected }) => (expected === "allow" ? [`${from} ${url}`] : [])),
  );
}

describe("the diff of any two allowlists", () => {
  it("is empty when they say the same, in whatever order, quotes and layout", () => {
    fc.assert(
      fc.property(conditioned, styles, fc.infiniteStream(fc.nat()), (raw, style, numbers) => {
        const other = write(shuffled(raw, numbers) as object, style);
        const diff = diffStacks(read(write(raw)), read(other));
        assert.ok(isEmptyDiff(diff), `${JSON.stringify(diff)}\n${other}`);
      }),
    );
  });

  it("says of the way back the opposite of the way there", () => {
    fc.assert(
      fc.property(allowlists, allowlists, (one, other) => {
        const [a, b] = [configOf(one), configOf(other)];
        assert.deepEqual(diffStacks(b, a), mirrored(diffStacks(a, b)));
      }),
    );
  });

  it("gives and takes exactly the calls by which the verdicts differ", () => {
    fc.assert(
      fc.property(allowlists, allowlists, (one, other) => {
        const [a, b] = [configOf(one), configOf(other)];
        const { grants } = diffStacks(a, b);
        const calls = (side: "before" | "after", than: "before" | "after") =>
          grants.flatMap((change) =>
            (change[side]?.protocols ?? [])
              .filter((protocol) => !change[than]?.protocols.includes(protocol))
              .map((protocol) => `${change.from} ${protocol}://${change.host}`),
          );
        const [was, is] = [allowedCalls(a), allowedCalls(b)];
        assert.deepEqual(calls("after", "before").sort(), [...is].filter((call) => !was.has(call)).sort());
        assert.deepEqual(calls("before", "after").sort(), [...was].filter((call) => !is.has(call)).sort());
      }),
    );
  });

  it("is sorted, and says the same thing every time", () => {
    fc.assert(
      fc.property(allowlists, allowlists, (one, other) => {
        const diff = diffStacks(configOf(one), configOf(other));
        assert.deepEqual(diffStacks(configOf(one), configOf(other)), diff);
        const order = diff.grants.map(({ from, host }) => `${from} ${host}`);
        assert.deepEqual(order, [...order].sort());
      }),
    );
  });
});
