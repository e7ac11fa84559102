import { isDeepStrictEqual } from "node:util";
import { isMap, isNode, isScalar, isSeq, Node, Pair, parseDocument, YAMLMap, YAMLSeq } from "yaml";
import { isObject } from "../../ground/objects";
import { groupedBy } from "../../ground/order";
import { configPath } from "../problem";
import { resolvePlain } from "./scalar";
import { parseStackFile, StackFileError, wholeKey } from "./stack";

/** An entry to add to a list or, with a name, to a set of keys and values. */
export interface Addition {
  /** Keys that lead to the list or set, from the allowlist's own without its prefix: `["destinations"]`. */
  to: [string, ...string[]];
  /** Left out for an entry of a list. */
  name?: string;
  value: AddedValue;
  /** Said above it, where the file's form has room. @default nothing */
  comment?: string;
}

/** What is added: texts, lists of texts, and sets of these. */
export type AddedValue = string | string[] | { [key: string]: string | string[] };

/**
 * A stack's file with entries added. Every character that was there stays: comments, order, quotes and blank lines.
 * Additions are written as what is beside them: in lines of their own, or within brackets. A key that is not there yet
 * comes last.
 *
 * @param file what messages call it
 * @param project whose stack it is
 * @throws StackFileError where the file's form has no place for them; nobody is left with half of them
 */
export function withAdditions(text: string, file: string, additions: Addition[], project?: { name: string }): string {
  if (file.endsWith(".json")) {
    throw new StackFileError(`${file} is JSON, which is not written here: add what is proposed by hand.`);
  }
  const before = parseStackFile(text, file, project);
  let edited = text;
  for (const group of byPlace(additions)) {
    edited = added(edited, file, group, project);
  }
  const after = parseStackFile(edited, file, project);
  const wanted = structuredClone(before.raw);
  additions.forEach((addition) => addTo(wanted, addition));
  if (!isDeepStrictEqual(after.raw, wanted) || !isDeepStrictEqual(after.encrypted, before.encrypted)) {
    throw new StackFileError(
      `${file} is written in a way that cannot be added to safely: add what is proposed by hand.`,
    );
  }
  return edited;
}

/** The same addition, made to what the file says. */
function addTo(raw: Record<string, unknown>, { to, name, value }: Addition): void {
  let place: Record<string, unknown> = raw;
  for (const key of to.slice(0, -1)) {
    place = isObject(place[key]) ? place[key] : (place[key] = {});
  }
  const last = to.at(-1)!;
  if (name === undefined) {
    const list: unknown[] = Array.isArray(place[last]) ? place[last] : (place[last] = []);
    list.push(value);
  } else {
    const map = isObject(place[last]) ? place[last] : (place[last] = {});
    map[name] = value;
  }
}

/** The additions by the list or set that they belong to. */
function byPlace(additions: Addition[]): Addition[][] {
  return [...groupedBy(additions, ({ to }) => JSON.stringify(to)).values()];
}

/** Adds entries that belong to one list or set. */
function added(text: string, file: string, group: Addition[], project?: { name: string }): string {
  const document = parseDocument<Node, false>(text, { schema: "failsafe", resolveKnownTags: false, uniqueKeys: false });
  const editor = new Editor(text, file);
  const to = group[0]!.to;
  const root = document.contents;
  if (root === null || (isScalar(root) && root.source === "")) {
    return editor.append("config", nested(group));
  }
  let place = editor.map(root, "the file");
  const isConfig = (written: string) => written === "config";
  const isKey = (name: string) => (written: string) => wholeKey(written, file, project) === configPath(name);
  const steps = [isConfig, isKey(to[0]), ...to.slice(1).map((name) => (written: string) => written === name)];
  const names = ["config", configPath(to[0]), ...to.slice(1)];
  for (const [index, is] of steps.entries()) {
    const pair = place.items.find(({ key }) => isScalar(key) && is(String(key.value)));
    const below = [...names.slice(index + 1)];
    if (pair === undefined) {
      return editor.into(place, [entryOf(names[index]!, below, group)]);
    }
    const value = pair.value;
    if (value === null || (isScalar(value) && value.source === "")) {
      return editor.under(pair, below, group);
    }
    const isLast = index === steps.length - 1;
    const isList = isLast && group[0]!.name === undefined;
    const fits = isList ? isSeq(value) : isMap(value);
    if (fits && (value as YAMLMap | YAMLSeq).items.length === 0) {
      return editor.under(pair, below, group, value);
    }
    if (isLast) {
      return fits
        ? editor.into(value as YAMLMap<Node, Node | null> | YAMLSeq<Node>, group)
        : editor.fail(`${names.slice(1).join(".")} is not ${isList ? "a list" : "a set of keys and values"}`);
    }
    place = editor.map(value, names[index]!);
  }
  throw new Error("unreachable");
}

/** What is written for keys that are not there yet, with the group inside. */
type Written = Pick<Addition, "name" | "value" | "comment"> | { name: string; inside: Written[] };

function entryOf(name: string, below: string[], group: Addition[]): Written {
  const [next, ...rest] = below;
  return { name, inside: next === undefined ? group : [entryOf(next, rest, group)] };
}

/** A group that belongs to one list or set, below `config`. */
function nested(group: Addition[]): Written[] {
  const [first, ...rest] = group[0]!.to;
  return [entryOf(configPath(first), rest, group)];
}

/** Writes into a text at the places that its nodes have. */
class Editor {
  private readonly end: string;

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {
    this.end = text.includes("\r\n") ? "\r\n" : "\n";
  }

  fail(why: string): never {
    throw new StackFileError(`${this.file} cannot be added to: ${why}. Add what is proposed by hand.`);
  }

  map(node: Node, name: string): YAMLMap<Node, Node | null> & { items: Pair<Node, Node | null>[] } {
    return isMap<Node, Node | null>(node) ? node : this.fail(`${name} is not written as a set of keys and values`);
  }

  /** A key at the end of the file, outermost. */
  append(key: string, inside: Written[]): string {
    return this.withLines(this.text.length, [`${key}:`, ...block(inside, 2)]);
  }

  /** Entries behind those that a list or set has. */
  into(place: YAMLMap<Node, Node | null> | YAMLSeq<Node>, entries: Written[]): string {
    const last = place.items.at(-1)!;
    if (place.flow) {
      return this.spliced(endOf(last), endOf(last), `, ${entries.map(flow).join(", ")}`);
    }
    const first = place.items[0] as Node | Pair<Node>;
    const begin = isSeq(place) ? place.range![0] : (first as Pair<Node>).key.range![0];
    const indent = this.text.slice(this.text.lastIndexOf("\n", begin - 1) + 1, begin);
    if (/[^ ]/.test(indent)) {
      this.fail("what is there is not in lines of its own");
    }
    return this.withLines(this.lineAfter(endOf(last)), block(entries, indent.length, isFlow(last)));
  }

  /** Entries below a key that has nothing yet, or an empty pair of brackets. */
  under(pair: Pair<Node, Node | null>, below: string[], group: Addition[], empty?: Node): string {
    const { key } = pair;
    const begin = key.range![0];
    const indent = this.text.slice(this.text.lastIndexOf("\n", begin - 1) + 1, begin);
    const [next, ...rest] = below;
    const inside: Written[] = next === undefined ? group : [entryOf(next, rest, group)];
    if (/[^ ]/.test(indent)) {
      if (empty === undefined) {
        this.fail("what is there is not in lines of its own");
      }
      return this.spliced(empty.range![0], empty.range![1], flowOf(inside));
    }
    if (empty === undefined) {
      return this.withLines(this.lineAfter(key.range![1]), block(inside, indent.length + 2));
    }
    const [from, to] = [empty.range![0], empty.range![1]];
    const before = this.text.slice(0, from).replace(/ +$/, "");
    const cleared = new Editor(before + this.text.slice(to), this.file);
    return cleared.withLines(cleared.lineAfter(before.length), block(inside, indent.length + 2));
  }

  private spliced(from: number, to: number, inserted: string): string {
    return this.text.slice(0, from) + inserted + this.text.slice(to);
  }

  /** Where the line behind the one begins that an offset is in. */
  private lineAfter(offset: number): number {
    const end = this.text.indexOf("\n", offset);
    return end === -1 ? this.text.length : end + 1;
  }

  private withLines(at: number, lines: string[]): string {
    const head = this.text.slice(0, at);
    const open = head === "" || head.endsWith("\n") ? "" : this.end;
    return head + open + lines.map((line) => line + this.end).join("") + this.text.slice(at);
  }
}

/** Where the last thing in a node ends, without comments and ends of lines behind it. */
function endOf(item: unknown): number {
  if (!isNode(item)) {
    const { key, value } = item as Pair<Node, Node | null>;
    return value === null || (isScalar(value) && value.source === "") ? key.range![1] : endOf(value);
  }
  if ((isMap(item) || isSeq(item)) && !item.flow && item.items.length > 0) {
    return endOf(item.items.at(-1));
  }
  // A block of text ends with its lines.
  return isScalar(item) && item.type?.startsWith("BLOCK") ? item.range![1] - 1 : item.range![1];
}

function isFlow(item: unknown): boolean {
  const node = isNode(item) ? item : (item as Pair<Node, Node | null>).value;
  return (isMap(node) || isSeq(node)) && node.flow === true;
}

/** Entries in lines of their own; sets within them too, unless those beside them are in brackets. */
function block(entries: Written[], indent: number, inBrackets = false): string[] {
  const margin = " ".repeat(indent);
  return entries.flatMap((entry) => {
    if ("inside" in entry) {
      return [`${margin}${entry.name}:`, ...block(entry.inside, indent + 2)];
    }
    const { name, value, comment } = entry;
    const isSet = typeof value === "object" && !Array.isArray(value) && !inBrackets;
    const lines = isSet ? Object.entries(value).map(([key, part]) => `${key}: ${flowValue(part)}`) : [flowValue(value)];
    const said = comment === undefined ? [] : [`${margin}# ${comment}`];
    if (name === undefined) {
      return [...said, ...lines.map((line, index) => `${margin}${index === 0 ? "-" : " "} ${line}`)];
    }
    return isSet
      ? [...said, `${margin}${name}:`, ...lines.map((line) => `${margin}  ${line}`)]
      : [...said, `${margin}${name}: ${lines[0]}`];
  });
}

function flow(entry: Written): string {
  return "inside" in entry
    ? `${entry.name}: ${flowOf(entry.inside)}`
    : `${entry.name === undefined ? "" : `${entry.name}: `}${flowValue(entry.value)}`;
}

function flowOf(entries: Written[]): string {
  const isList = entries.every((entry) => entry.name === undefined);
  const inside = entries.map(flow).join(", ");
  return isList ? `[${inside}]` : `{ ${inside} }`;
}

function flowValue(value: AddedValue): string {
  if (typeof value === "string") {
    return scalar(value);
  }
  return Array.isArray(value)
    ? `[${value.map(scalar).join(", ")}]`
    : `{ ${Object.entries(value)
        .map(([key, part]) => `${key}: ${flowValue(part)}`)
        .join(", ")} }`;
}

/** A text without quotes where it reads as itself. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z][\w./@-]*( [\w./@-]+)*$/.test(text) && resolvePlain(text) === text;
  return isPlain ? text : JSON.stringify(text);
}

/** Additions as a text to paste, below `config`. */
export function additionsText(additions: Addition[]): string {
  return block(byPlace(additions).flatMap(nested), 2)
    .map((line) => `${line}\n`)
    .join("");
}
