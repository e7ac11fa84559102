// One reading of a stack's file: what Pulumi's engine hands to a program is what the commands read, over a table of
// YAML's traps and over scalars by chance. Does not prove anything of files that Pulumi Cloud keeps (Pulumi ESC).
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import fc from "fast-check";
import { findProject } from "../../cli/project";
import { readProgramConfig, readStackFile } from "../../cli/stack-file";
import { fromEngineText, parseStackFile, secretText, StackFileError } from "../../model/config/file/stack";
import { Engine } from "./support/engine";

/** Scalars that readers of YAML disagree about. */
const scalars = [
  ...[
    "1.10",
    "1.0",
    "1.31.1",
    "0777",
    "0o777",
    "0888",
    "0x1F",
    "0X1f",
    "0b11",
    "1_000",
    "1__0",
    "0_",
    "_1",
    "+5",
    "-0",
    "-0.0",
  ],
  ...["1e3", "1E3", "1.e3", ".5", "5.", "+.5", "-.5e-3", "1e", "1e400", "-1e400", "1e-400", "0x", "0x1.8p1", "1.5_0"],
  ...[
    "9007199254740993",
    "12345678901234567890",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
  ],
  ...["0.1", "123456789.123456789", "1e21", "100000000000000000000000", "0x7fffffffffffffff", "-0x10", "-0b11", "+0o7"],
  ...["yes", "Yes", "no", "on", "Off", "y", "n", "true", "True", "TRUE", "tRue", "false", "False", "FALSE"],
  ...["~", "null", "Null", "NULL", "nuLL", "nil", "none", "''", '""', ".", "..", "=", "<<", "inf", "nan", "NaN"],
  ...["1:30", "12:30:45", "190:20:30", "1:30.5", "0:0", "::1", "10.0.0.0/8", "v1.10"],
  ...["2027-06-30", "2027-6-3", "27-06-30", "2027-02-30", "2027-13-01", "2028-02-29", "2027-06-30x", "0000-01-01"],
  ...[
    "2027-06-30T10:00:00Z",
    "2027-06-30t10:00:00z",
    "2027-06-30 10:00:00",
    "2027-06-30 10:00:00Z",
    "2027-06-30T10:00:00",
  ],
  ...[
    "2027-06-30T10:00:00+02:00",
    "2027-06-30T10:00:00.5Z",
    "2027-06-30T10:00:00.123456789-05:30",
    "2027-06-30T1:2:3Z",
  ],
  ...["2027-06-30T24:00:00Z", "2027-06-30T10:00Z", "2001-12-14 21:59:43.10 -5", "2027-06-30 10:00:00.250"],
  ...[
    "!!str 1.10",
    "!!str true",
    "!!str 2027-06-30",
    "!!str ~",
    '!!int "5"',
    "!!float 5",
    '!!float "1.5"',
    '!!bool "true"',
  ],
  ...["!!null ~", "!!timestamp 2027-06-30", "! 5", "! yes"],
  ...[
    '"\\u00e9\\x41\\t\\n\\0"',
    "'it''s'",
    '"1.10"',
    "'0777'",
    "a#b",
    '"a # b"',
    "a:b",
    "http://x.example:80/?q",
    "ünï",
    "👍",
  ],
];

/** Whole values, as they are written below a key. */
const values: Record<string, string> = {
  nothing: "",
  comment: " # nothing",
  emptySet: " {}",
  emptyList: " []",
  flow: " {a: 1.10, b: [yes, 0777, ~], c: {d: }, 'e': \"f\", g}",
  pairs: " [a: 1, b: 2, ~, ]",
  numbersAsKeys: " {1: a, 0x10: b, 1_0: c, -5: d}",
  wordsAsKeys: " {true: a, yes: b, False: c, on: d}",
  datesAsKeys: " {2027-06-30: a, '2027-07-01': b}",
  literal: " |\n    a\n     b\n\n",
  folded: " >\n    a\n    b\n\n    c\n",
  stripped: " |-\n    a\n\n",
  keptLines: " |+\n    a\n\n",
  indented: " |2\n      a\n    b\n",
  severalLines: "\n    a b\n    c\n",
  quotedLines: ' "a\n    b\\\n    c\n\n    d"\n',
  json: ` '{"a": [1.10, 2], "b": null}'`,
  jsonNumber: " '1.10'",
  jsonWord: ' "true"',
  jsonText: ` '"text"'`,
  listBelow: "\n  - a\n  - b: 1\n    c: 2\n",
  complexKey: "\n    ? a\n    : b\n",
  anchor: "\n    a: &anchor {x: 1.10, y: 2}\n    b: *anchor\n",
  anchorAgain: "\n    a: &again 1\n    b: *again\n    c: &again 2\n    d: *again\n",
  anchorOfEarlierKey: "\n    a: *anchor\n",
  keyByAlias: "\n    a: &key name\n    *key : value\n",
  merged: "\n    base: &base {x: 1, y: {z: 1}}\n    own: {<<: *base, y: {w: 2}}\n",
  mergedFirst: "\n    base: &first {x: 1}\n    own: {x: 2, <<: *first}\n",
  mergedList: "\n    one: &one {x: 1, y: 1}\n    two: &two {y: 2, z: 2}\n    own: {<<: [*one, *two], z: 3}\n",
  mergedThrough: "\n    a: &a {x: 1}\n    b: &b {<<: *a, y: 2}\n    c: {<<: *b, z: 3}\n",
  mergedInPlace: "\n    <<: {x: 1}\n    y: 2\n",
  mergeInQuotes: '\n    "<<": {x: 1}\n    y: 2\n',
  mergedNumbers: "\n    base: &numbers {1: a, version: 1.10}\n    own: {<<: *numbers, 2: b}\n",
  almostSecure: " {a: {secure: 5}, b: {secure: x, also: y}, c: {secure: [x]}}",
  taggedSets: " !!map {a: !!seq [!!str 1]}",
};

/** Files that differ as a whole. */
const documents: Record<string, string> = {
  crlf: "config:\r\n  istio-egress:a:\r\n    b: |\r\n      one\r\n      two\r\n    c: 1.10\r\n",
  bom: "\ufeffconfig:\n  istio-egress:a: [0777]\n",
  marked: "%YAML 1.1\n---\nconfig:\n  istio-egress:a: [yes, 0777, 1:30]\n...\n",
  dashes: "--- # a document\nconfig: {istio-egress:a: {b: 2027-06-30}}\n",
  nothing: "# nothing\n",
  anchors: "shared: &shared {x: 1.10}\nconfig:\n  istio-egress:a: {<<: *shared}\n",
  mergedKeys:
    "more: &more\n  istio-egress:a: [1]\n  istio-egress:b: [2]\nconfig:\n  <<: *more\n  istio-egress:b: [3]\n",
  longKeys: "config:\n  istio-egress:config:a: 1\n  b: 0777\n  other:c: 1.10\n",
  tabs: "config:\t\n  istio-egress:a:\t[1,\t2]\t# text\n",
};

/** What is no configuration for the commands, and whether it is one for the engine. */
const refused: { what: string; text: string; engine: "refuses" | "takes" }[] = [
  { what: "a key that is there twice", text: "config:\n  istio-egress:a: {b: 1, b: 2}\n", engine: "refuses" },
  { what: "an alias of nothing", text: "config:\n  istio-egress:a: *nothing\n", engine: "refuses" },
  { what: "a tab that indents", text: "config:\n\tistio-egress:a: 1\n", engine: "refuses" },
  { what: "no number", text: "config:\n  istio-egress:a: [.inf]\n", engine: "refuses" },
  { what: "something else than its tag says", text: "config:\n  istio-egress:a: [!!int x]\n", engine: "refuses" },
  { what: "a merge of a text", text: "config:\n  istio-egress:a: {<<: x}\n", engine: "refuses" },
  { what: "no YAML", text: "config:\n  istio-egress:a: [1\n", engine: "refuses" },
  { what: "a key in two parts", text: "config:\n  istio-egress:a:b: 1\n", engine: "refuses" },
  { what: "an escape of JSON's", text: 'config:\n  istio-egress:a: "\\/"\n', engine: "refuses" },
  { what: "a control character", text: "config:\n  istio-egress:a: \u0001\n", engine: "refuses" },
  { what: "an anchor with a dot", text: "config:\n  istio-egress:a: [&a.b 1, *a.b ]\n", engine: "refuses" },
  { what: "a newer version of YAML", text: "%YAML 1.2\n---\nconfig:\n  istio-egress:a: 1\n", engine: "refuses" },
  { what: "a tag of somebody's", text: "config:\n  istio-egress:a: !mine 1\n", engine: "takes" },
  { what: "an end of line that is none", text: "config:\n  istio-egress:a: a\u2028b\n", engine: "refuses" },
  { what: "a second document", text: "config:\n  istio-egress:a: 1\n---\nconfig: {}\n", engine: "takes" },
  { what: "keys that become one", text: "config:\n  istio-egress:a: {1: a, 0x1: b}\n", engine: "takes" },
  { what: "a number with a fraction for a key", text: "config:\n  istio-egress:a: {1.10: a}\n", engine: "takes" },
  { what: "one key in two ways", text: "config:\n  istio-egress:a: 1\n  istio-egress:config:a: 2\n", engine: "takes" },
];

/** Writes down what it is configured by. */
const program = `
  const texts = pulumi.runtime.allConfig();
  const secrets = Object.keys(texts).filter((key) => pulumi.runtime.isConfigSecret(key));
  require("node:fs").writeFileSync(\`seen-\${pulumi.getStack()}.json\`, JSON.stringify({ texts, secrets, folder: process.cwd() }));
`;

describe("a stack's file", () => {
  let engine: Engine;
  let folder: string;

  before(async () => {
    engine = await Engine.start();
    folder = engine.project(program);
    fs.writeFileSync(path.join(folder, "Pulumi.yaml"), projectFile);
    fs.unlinkSync(path.join(folder, "Pulumi.trial.yaml"));
  });

  after(() => engine.stop());

  const projectFile = [
    "name: shop",
    "runtime: {name: nodejs, options: {typescript: false}}",
    "config:",
    "  istio-egress:shared: {value: {day: 2027-06-30, version: 1.10, octal: 0777, list: [yes, ~]}}",
    "  istio-egress:plain: {value: 0777}",
    "  istio-egress:kept: {value: {from: project}}",
    "  shop:size: {type: integer, default: 0x10}",
    "  own: {type: string, default: text}",
    "  word: text",
  ].join("\n");

  function write(stack: string, text: string): void {
    fs.writeFileSync(path.join(folder, `Pulumi.${stack}.yaml`), text);
  }

  /** What the program of a stack is configured by, by whole keys. */
  async function seen(stack: string): Promise<{ texts: Record<string, string>; secrets: string[]; folder: string }> {
    const { exitCode, output } = await engine.preview(folder, stack);
    assert.equal(exitCode, 0, output);
    return JSON.parse(fs.readFileSync(path.join(folder, `seen-${stack}.json`), "utf8")) as never;
  }

  /** Holds what the commands read against what the program of a stack has got. */
  async function same(stack: string): Promise<void> {
    const { texts } = await seen(stack);
    const [{ raw }, { values: forProgram }] = read(stack);
    const parsed = (of: Record<string, string>) =>
      Object.fromEntries(Object.entries(of).map(([key, text]) => [key, fromEngineText(text)]));
    assert.deepEqual(parsed(forProgram), parsed(texts));
    const own = Object.entries(parsed(texts)).filter(([key]) => key.startsWith("istio-egress:"));
    assert.deepEqual(raw, Object.fromEntries(own.map(([key, value]) => [key.slice("istio-egress:".length), value])));
  }

  function read(stack: string) {
    return [readStackFile(stack, folder), readProgramConfig(stack, folder, findProject(folder)!)] as const;
  }

  it("gives the program what the commands read, over a table of YAML's traps", async () => {
    const lines = [
      ...Object.entries(values).map(([name, text]) => `  istio-egress:${name}:${text}`),
      ...scalars.map((text, index) => `  istio-egress:scalar-${index}: ${text}`),
      "  istio-egress:scalars:",
      ...scalars.map((text) => `    - ${text}`),
      "  istio-egress:kept: {from: stack}",
    ];
    write("traps", `config:\n${lines.map((line) => line.replace(/\n$/, "")).join("\n")}\n`);
    await same("traps");
  });

  it("gives the program what the commands read, over scalars by chance", async () => {
    const characters = [..."0123456789", ..."00011", ..."__--++..::", ..."eExXobBfTtZz", "yes", "no", "2027-06-30"];
    const text = fc
      .array(fc.constantFrom(...characters), { minLength: 1, maxLength: 9 })
      .map((parts) => parts.join(""));
    // What begins or ends so is a list, a set or the end of a document.
    const scalar = text.filter((written) => !/^-+$|^-\.\.|:$|^:/.test(written));
    const chosen = fc.sample(scalar, 3000);
    write("chance", `config:\n  istio-egress:scalars:\n${chosen.map((written) => `    - ${written}\n`).join("")}`);
    await same("chance");
  });

  for (const [name, text] of Object.entries(documents)) {
    it(`gives the program what the commands read, of the document "${name}"`, async () => {
      write(name, text);
      await same(name);
    });
  }

  it("in JSON gives the program what the commands read", async () => {
    const other = engine.project(program);
    const text = '{"config": {"istio-egress:a": {"b": [1.10, 1e3, "0777", "2027-06-30", null, true, "\\u00e9"]}}}';
    fs.renameSync(path.join(other, "Pulumi.yaml"), path.join(other, "Pulumi.json"));
    fs.unlinkSync(path.join(other, "Pulumi.trial.yaml"));
    fs.writeFileSync(path.join(other, "Pulumi.trial.json"), text);
    const { exitCode, output } = await engine.preview(other);
    assert.equal(exitCode, 0, output);
    const { texts } = JSON.parse(fs.readFileSync(path.join(other, "seen-trial.json"), "utf8")) as {
      texts: Record<string, string>;
    };
    assert.deepEqual(readStackFile("trial", other).raw, { a: fromEngineText(texts["istio-egress:a"]!) });
  });

  for (const { what, text, engine: does } of refused) {
    it(`with ${what} is refused by the commands; the engine ${does} it`, async () => {
      assert.throws(() => parseStackFile(text, "f", { name: "shop" }), StackFileError);
      await engine.run(folder, "stack", "select", "--create", "--stack", "refused");
      write("refused", text);
      const { code, output } = await engine.run(folder, "preview", "--stack", "refused");
      fs.unlinkSync(path.join(folder, "Pulumi.refused.yaml"));
      assert.doesNotMatch(output, /no stack named/);
      assert.equal(code === 0, does === "takes", output);
    });
  }

  it("that is encrypted in part is read by the program, and hidden from the commands in just that part", async () => {
    write("secret", "config:\n  istio-egress:workloads: {app: {namespace: x, image: i, env: {LEVEL: 5}}}\n");
    const set = ["config", "set", "--secret", "--path", "istio-egress:workloads.app.env.TOKEN", "hunter2"];
    const stack = ["--stack", "secret"];
    await engine.run(folder, "stack", "init", ...stack);
    const { code, output } = await engine.run(folder, ...set, ...stack);
    assert.equal(code, 0, output);
    const { texts, secrets, folder: runsIn } = await seen("secret");
    assert.equal(runsIn, folder, "from where readStackConfig looks for the project's file, and so for bases");
    assert.deepEqual(secrets, ["istio-egress:workloads"]);
    const value = JSON.parse(texts["istio-egress:workloads"]!) as { app: { env: object } };
    assert.deepEqual(value.app.env, { LEVEL: 5, TOKEN: "hunter2" });
    const { raw, encrypted } = readStackFile("secret", folder);
    assert.deepEqual(raw.workloads, { app: { ...value.app, env: { LEVEL: 5, TOKEN: secretText } } });
    assert.deepEqual(encrypted, [["workloads", "app", "env", "TOKEN"]]);
  });
});
