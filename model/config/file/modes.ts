import { isDeepStrictEqual } from "node:util";
import { isMap, isScalar, isSeq, Node, parseDocument, YAMLMap } from "yaml";
import { isObject } from "../../ground/objects";
import { configPath } from "../problem";
import { parseStackFile, StackFileError, wholeKey } from "./stack";

/** A rule, by what it is between. */
export interface RuleEnds {
  from: string;
  to: string;
}

/**
 * A stack's file with the mode of some rules changed from `report` to `enforce`, and not another character. Rules that are not
 * in the file, as those of its base, are left out.
 *
 * @param file what messages call it
 * @param project whose stack it is
 * @returns the text, and the rules that it is about
 * @throws StackFileError where the file's form hides the word; nothing is changed then
 */
export function withEnforced<T extends RuleEnds>(
  text: string,
  file: string,
  rules: readonly T[],
  project?: { name: string },
): { text: string; enforced: T[] } {
  const before = parseStackFile(text, file, project);
  const own: unknown[] = Array.isArray(before.raw.allow) ? before.raw.allow : [];
  const reporting = new Map<string, number>();
  own.forEach((each, index) => {
    if (isObject(each) && each.mode === "report" && !reporting.has(endsOf(each))) {
      reporting.set(endsOf(each), index);
    }
  });
  const enforced = rules.filter((rule) => reporting.has(endsOf(rule)));
  const indexes = enforced.map((rule) => reporting.get(endsOf(rule))!);
  if (indexes.length === 0) {
    return { text, enforced: [] };
  }
  const words = modesIn(text, file, project);
  // From the end on, so that the places before stay what they are.
  const edited = [...indexes]
    .sort((a, b) => b - a)
    .reduce((done, index) => {
      const word = words[index];
      if (word === undefined) {
        throw unsafe(file);
      }
      return `${done.slice(0, word[0])}enforce${done.slice(word[1])}`;
    }, text);
  const wanted = structuredClone(before.raw);
  indexes.forEach((index) => ((wanted.allow as Record<string, unknown>[])[index]!.mode = "enforce"));
  const after = parseStackFile(edited, file, project);
  if (!isDeepStrictEqual(after.raw, wanted) || !isDeepStrictEqual(after.encrypted, before.encrypted)) {
    throw unsafe(file);
  }
  return { text: edited, enforced };
}

function endsOf({ from, to }: { from?: unknown; to?: unknown }): string {
  return JSON.stringify([from, to]);
}

function unsafe(file: string): StackFileError {
  return new StackFileError(
    `${file} is written in a way in which a mode cannot be changed safely: write mode: enforce by hand.`,
  );
}

/** Where the value of each rule's `mode` begins and ends, by the number of the rule; undefined without one. */
function modesIn(text: string, file: string, project?: { name: string }): ([number, number] | undefined)[] {
  const { contents } = parseDocument<Node, false>(text, {
    schema: "failsafe",
    resolveKnownTags: false,
    uniqueKeys: false,
  });
  const config = valueIn(contents, (key) => key === "config");
  const allow = valueIn(config, (key) => wholeKey(key, file, project) === configPath("allow"));
  return isSeq<Node>(allow)
    ? allow.items.map((rule) => {
        const mode = valueIn(rule, (key) => key === "mode");
        return isScalar(mode) ? [mode.range![0], mode.range![1]] : undefined;
      })
    : [];
}

function valueIn(node: Node | null, is: (key: string) => boolean): Node | null {
  if (!isMap(node)) {
    return null;
  }
  const pairs = (node as YAMLMap<Node, Node | null>).items;
  return pairs.find(({ key }) => isScalar(key) && is(String(key.value)))?.value ?? null;
}
