import {
  Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  Node,
  Pair,
  parseDocument,
  Scalar,
  YAMLMap,
  YAMLParseError,
} from "yaml";
import { Moment, resolvePlain, resolveTagged, ScalarError } from "./scalar";

/** A text that is not YAML, or that Pulumi's engine refuses or would read in a way that nobody can have meant. */
export class YamlError extends Error {
  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(message);
  }
}

export interface Reading {
  /** Plain data: texts, numbers, truth values, null, lists and objects. */
  value: unknown;
  /**
   * Scalars without quotes that do not read as they are written, such as `1.10` and `0777`: their source, by the
   * place as `placeKey` gives it.
   */
  spelled: Map<string, string>;
}

/** Where something is in a document: keys and numbers of entries, from the outside. */
export type Place = readonly (string | number)[];

export function placeKey(place: Place): string {
  return JSON.stringify(place);
}

export interface YamlOptions {
  /** How a moment is written: as a stack's file gives it to the program, or as Pulumi.yaml does. @default "text" */
  moments?: MomentForm;
  /** Whether the text is JSON, which may have characters and escapes that the engine's YAML has not. @default false */
  json?: boolean;
}

type MomentForm = "text" | "json";

/** What the engine takes for no part of a text, or for the end of a line where the library does not. */
const strangeCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]/;

/**
 * A YAML text as Pulumi's engine gives it to a program. The library finds the nodes, and what they mean is decided
 * here by the rules of yaml.v3, which the engine uses, and of the engine's way from YAML to JSON; tests/preview holds
 * the two against each other.
 *
 * Refused, though the engine takes it: more than one document (it reads the first), tags that are not YAML's own,
 * a key that is empty, keys that become one text on the way to JSON (it takes any of them), and ends of lines that only
 * some readers take for such.
 *
 * @throws YamlError
 */
export function readYaml(text: string, { moments = "text", json = false }: YamlOptions = {}): Reading {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: "failsafe",
    resolveKnownTags: false,
    uniqueKeys: false,
  });
  const failAt = (offset: number, message: string): never => {
    const { line, col } = lines.linePos(offset);
    throw new YamlError(message, line, col);
  };
  const mistake = document.errors[0];
  if (mistake !== undefined) {
    failAt(mistake.pos[0], wordsOf(mistake));
  }
  const strange = json ? null : strangeCharacter.exec(text);
  if (strange !== null) {
    const code = strange[0].charCodeAt(0).toString(16).padStart(4, "0");
    failAt(strange.index, `the character U+${code.toUpperCase()}: write "\\u${code}" in double quotes`);
  }
  const { explicit, version } = document.directives?.yaml ?? {};
  if (explicit && version !== "1.1") {
    failAt(0, `YAML ${version}, and Pulumi takes %YAML 1.1 or no word of it`);
  }
  if (document.contents === null) {
    return { value: null, spelled: new Map() };
  }
  const fail: Fail = (node, message) => failAt(node.range?.[0] ?? 0, message);
  requireKnownWords(document.contents, json ? undefined : text, fail);
  const reader = new Reader(targetsOf(document.contents), moments, fail);
  return { value: reader.read(document.contents, []), spelled: reader.spelled };
}

function wordsOf({ code, message }: YAMLParseError): string {
  if (code === "MULTIPLE_DOCS") {
    return "more than one document: keep to one";
  }
  // The library reads what is inside of something by itself, and says so when there is no room left.
  return message.includes("call stack") ? "lists and sets inside each other, too many to be read" : message;
}

/**
 * Refuses names and escapes that the library knows and the engine does not.
 *
 * @param text undefined for JSON, whose escapes are JSON's
 */
function requireKnownWords(root: Node, text: string | undefined, fail: Fail): void {
  const mayEscape = text?.includes("\\/") ?? false;
  eachNode(root, (node) => {
    if (isAlias(node)) {
      return;
    }
    if (node.anchor !== undefined && !/^[\w-]+$/.test(node.anchor)) {
      fail(node, `the anchor &${node.anchor}: letters, digits, _ and - only`);
    }
    const [start, end] = mayEscape && isScalar(node) && node.type === "QUOTE_DOUBLE" ? (node.range ?? []) : [];
    if (start !== undefined && /^(?:[^\\]|\\[^/])*\\\//.test(text!.slice(start, end))) {
      fail(node, '"\\/" is an escape of JSON only: write "/"');
    }
  });
}

/** What each alias stands for: the last node with its anchor before it. */
function targetsOf(root: Node): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  eachNode(root, (node) => {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) {
        targets.set(node, target);
      }
    } else if (node.anchor !== undefined) {
      anchors.set(node.anchor, node);
    }
  });
  return targets;
}

/** Visits a node and all below it in their order in the text: the library's own visitor takes as long as reading does. */
function eachNode(node: Node | null, visit: (node: Node & { anchor?: string }) => void): void {
  if (node === null) {
    return;
  }
  visit(node);
  if (isMap(node)) {
    for (const { key, value } of (node as Mapping).items) {
      eachNode(key, visit);
      eachNode(value, visit);
    }
  } else if (isSeq<Node>(node)) {
    for (const item of node.items) {
      eachNode(item, visit);
    }
  }
}

type Fail = (node: Node, message: string) => never;

class Reader {
  readonly spelled = new Map<string, string>();
  private readonly open = new Set<Node>();
  private nodes = 0;
  private nodesByAlias = 0;
  private aliasDepth = 0;

  constructor(
    private readonly targets: Map<Alias, Node>,
    private readonly moments: MomentForm,
    private readonly fail: Fail,
  ) {}

  read(node: Node, place: Place): unknown {
    return this.followed(node, (target) => {
      if (isScalar(target)) {
        return this.scalar(target, place);
      }
      if (isSeq<Node>(target)) {
        return target.items.map((item, index) => this.read(item, [...place, index]));
      }
      return isMap(target)
        ? Object.fromEntries(this.entries(target as Mapping, place))
        : this.fail(target, "neither a value, nor a list, nor a set of keys and values");
    });
  }

  /** What is made of a node, or of that which an alias stands for. */
  private followed<T>(node: Node, make: (target: Node) => T): T {
    const viaAlias = isAlias(node);
    const target = viaAlias ? this.targets.get(node) : node;
    if (target === undefined) {
      return this.fail(node, `nothing before this is called &${(node as Alias).source}`);
    }
    if (this.open.has(target)) {
      return this.fail(node, "the alias stands for something that it is a part of");
    }
    this.aliasDepth += viaAlias ? 1 : 0;
    this.count(node);
    this.open.add(target);
    const made = make(target);
    this.open.delete(target);
    this.aliasDepth -= viaAlias ? 1 : 0;
    return made;
  }

  /** The engine's limit: a text may not grow without bounds by aliases of aliases. */
  private count(node: Node): void {
    this.nodes++;
    this.nodesByAlias += this.aliasDepth > 0 ? 1 : 0;
    const mostByAlias = this.nodes > 400_000 ? 0.1 : 0.99;
    if (this.nodesByAlias > 100 && this.nodes > 1000 && this.nodesByAlias / this.nodes > mostByAlias) {
      this.fail(node, "aliases make it too large");
    }
  }

  /** The entries of a set; its own keys come before those that are merged into it, and of these the first wins. */
  private entries(map: Mapping, place: Place): Map<string, unknown> {
    this.requireUnique(map);
    const read = new Map<string, unknown>();
    const merges: Node[] = [];
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) {
        merges.push(value ?? this.fail(key, "nothing to merge"));
        continue;
      }
      const name = this.key(key);
      if (name === "__proto__") {
        this.fail(key, '"__proto__" is no key: programs take it for something else');
      }
      if (read.has(name)) {
        this.fail(key, `more than one key reads as "${name}"`);
      }
      read.set(name, value === null ? null : this.read(value, [...place, name]));
    }
    for (const merged of merges) {
      this.merge(merged, place, read);
    }
    return read;
  }

  private merge(from: Node, place: Place, into: Map<string, unknown>): void {
    const add = (node: Node) =>
      this.followed(node, (target) => {
        if (!isMap(target)) {
          return this.fail(node, "only a set of keys and values, or a list of such, can be merged");
        }
        for (const [name, value] of this.entries(target as Mapping, place)) {
          into.set(name, into.has(name) ? into.get(name) : value);
        }
      });
    if (isSeq<Node>(from)) {
      from.items.forEach(add);
    } else {
      add(from);
    }
  }

  private requireUnique({ items }: Mapping): void {
    const seen = new Set<string>();
    for (const { key } of items) {
      const name = isScalar(key) ? `text ${key.source}` : isAlias(key) ? `alias ${key.source}` : key.constructor.name;
      if (seen.has(name)) {
        this.fail(key, isScalar(key) ? `the key "${key.source}" is there twice` : "a key is there twice");
      }
      seen.add(name);
    }
  }

  /** A key as Go prints it: on the way to JSON every key becomes a text. */
  private key(node: Node): string {
    return this.followed(node, (target) => {
      const value = isScalar(target) ? this.scalar(target, undefined) : this.fail(node, "a key must be a text");
      if (value === null) {
        return this.fail(node, "a key must not be empty");
      }
      if (typeof value === "number" && !Number.isSafeInteger(value)) {
        return this.fail(node, `a key that is a number with a fraction or too many digits: put it in quotes`);
      }
      return String(value);
    });
  }

  /** @param place where to note how it is written; undefined for what nothing is noted of */
  private scalar(node: Scalar, place: Place | undefined): string | number | boolean | null {
    const source = node.source ?? "";
    const value = this.resolved(node, source);
    if (value instanceof Moment) {
      return value[this.moments];
    }
    if (typeof value === "number" && !Number.isFinite(value)) {
      return this.fail(node, `${source} is no number that Pulumi can hand to a program: put it in quotes`);
    }
    if (place !== undefined && (typeof value === "number" || typeof value === "boolean") && String(value) !== source) {
      this.spelled.set(placeKey(place), source);
    }
    return value;
  }

  private resolved(node: Scalar, source: string) {
    const isPlain = node.type === "PLAIN";
    // The library gives "<<" its tag wherever it is; only as a key it means something.
    if (node.tag === undefined || node.tag === "!" || (node.tag === mergeTag && source === "<<")) {
      return isPlain ? resolvePlain(source) : source;
    }
    try {
      return resolveTagged(node.tag, source);
    } catch (error) {
      return error instanceof ScalarError ? this.fail(node, error.message) : thrown(error);
    }
  }
}

const mergeTag = "tag:yaml.org,2002:merge";

type Mapping = YAMLMap<Node, Node | null> & { items: Pair<Node, Node | null>[] };

function isMergeKey(key: Node): boolean {
  return (
    isScalar(key) &&
    key.source === "<<" &&
    (key.tag === undefined || key.tag === "!" ? key.type === "PLAIN" : key.tag === mergeTag)
  );
}

function thrown(error: unknown): never {
  throw error;
}
