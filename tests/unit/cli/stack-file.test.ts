// Reading a stack's file as the Pulumi engine would.
// Does not prove: that the engine hands the same values to the program; the lab's tests compare the two texts.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { NoSuchStackError, readStackFile } from "../../../cli/stack-file";
import { parseStackFile, StackFileError } from "../../../model/config/file/stack";

/** The project of the allowlist itself. */
const ours = { name: "istio-egress" };

const nothing = { raw: {}, encrypted: [], spelled: new Map(), unseen: [] };

describe("a stack file", () => {
  it("gives the project's keys without their prefix, and leaves other projects' out", () => {
    const text = ["config:", "  istio-egress:deny: [cnn.com]", "  gcp:project: x", "  istio-egress-2:deny: []"].join(
      "\n",
    );
    assert.deepEqual(parseStackFile(text, "f", ours), { ...nothing, raw: { deny: ["cnn.com"] } });
  });

  it("may be empty, and may have no configuration", () => {
    for (const text of ["", "# nothing yet\n", "config:\n", "secretsprovider: passphrase\n"]) {
      assert.deepEqual(parseStackFile(text, "f", ours), nothing);
    }
  });

  it("gives a date without quotes as the engine does", () => {
    const { raw } = parseStackFile("config:\n  istio-egress:allow: [{expires: 2027-06-30}]\n", "f", ours);
    assert.deepEqual(raw.allow, [{ expires: "2027-06-30 00:00:00 +0000 UTC" }]);
  });

  it("shows a placeholder for what is encrypted, and tells where it was", () => {
    const text = [
      "config:",
      "  istio-egress:workloads: {app: {image: x, env: {TOKEN: {secure: AAAB}}}}",
      "  istio-egress:deny: {secure: AAAB}",
      "  istio-egress:namespaces: {secure: {labels: {}}}",
    ].join("\n");
    assert.deepEqual(parseStackFile(text, "f", ours), {
      ...nothing,
      raw: {
        workloads: { app: { image: "x", env: { TOKEN: "[secret]" } } },
        deny: "[secret]",
        namespaces: { secure: { labels: {} } },
      },
      encrypted: [["workloads", "app", "env", "TOKEN"], ["deny"]],
    });
  });

  it("that is no YAML is refused with line and column", () => {
    assert.throws(() => parseStackFile("config:\n  istio-egress:deny: [cnn.com\n", "stacks/x.yaml", ours), {
      constructor: StackFileError,
      message: /^stacks\/x\.yaml:3:1: not valid YAML: [^\n]+\.$/,
    });
  });

  it("that has lists in lists without an end, or a key that would be lost, is refused", () => {
    const deep = `config:\n  istio-egress:deny: ${"[".repeat(20_000)}${"]".repeat(20_000)}\n`;
    assert.throws(() => parseStackFile(deep, "f", ours), { message: /^f:2:\d+: .*inside each other, too many/ });
    const lost = "config:\n  istio-egress:namespaces: {__proto__: {existing: true}}\n";
    assert.throws(() => parseStackFile(lost, "f", ours), { message: /^f:2:29: not valid YAML: "__proto__" is no key/ });
    const { raw } = parseStackFile("config:\n  istio-egress:__proto__: {deny: [cnn.com]}\n", "f", ours);
    assert.deepEqual([Object.keys(raw), raw.deny], [["__proto__"], undefined], "which parseConfig refuses");
  });

  it("with one workload twice is refused with line and column", () => {
    const text = "config:\n  istio-egress:workloads:\n    a: {image: x}\n    a: {image: y}\n";
    assert.throws(() => parseStackFile(text, "f", ours), {
      message: /^f:4:5: not valid YAML: the key "a" is there twice/,
    });
  });

  it("with a list where the configuration belongs is refused", () => {
    for (const text of ["- a\n", "config: [a]\n", "config: a\n"]) {
      assert.throws(() => parseStackFile(text, "f", ours), {
        message: /^f: must hold a set of keys and values under "config"\.$/,
      });
    }
  });

  it("takes a key without a prefix for one of the project's own, as the engine does", () => {
    const text = "config:\n  deny: []\n  istio-egress:config:allow: []\n";
    assert.deepEqual(parseStackFile(text, "f", ours).raw, { deny: [], allow: [] });
    assert.deepEqual(parseStackFile("config:\n  replicas: 2\n", "f", { name: "shop" }).raw, {});
  });

  it("with a key of the allowlist that is read as another project's, or as nobody's, is refused with what to write", () => {
    const text = "config:\n  allow: []\n";
    for (const project of [{ name: "shop" }, undefined]) {
      assert.throws(() => parseStackFile(text, "f", project), { message: /write "istio-egress:allow"/ });
    }
  });

  it("with one key written in two ways is refused, because the engine takes either", () => {
    for (const other of ["deny", "istio-egress:config:deny"]) {
      const text = `config:\n  istio-egress:deny: [a.example]\n  ${other}: [b.example]\n`;
      assert.throws(() => parseStackFile(text, "f", ours), { message: /istio-egress:deny is there twice/ });
    }
  });

  it("with something that is no key is refused", () => {
    assert.throws(() => parseStackFile("config:\n  istio-egress:a:b: 1\n", "f", ours), {
      message: /"istio-egress:a:b" is no key/,
    });
  });

  it("says what else gives configuration, and what nobody reads", () => {
    const text = "environment: [prod]\nimports: [x]\nconfg: {}\nencryptionsalt: v1\nsecretsprovider: s\n";
    const { unseen } = parseStackFile(text, "f", ours);
    assert.deepEqual(
      unseen.map(({ key, problem }) => [key, problem.slice(0, 10)]),
      [
        ["environment", "Pulumi ESC"],
        ["imports", "Pulumi kno"],
        ["confg", "Pulumi kno"],
      ],
    );
  });

  it("tells how numbers are written that are not read so", () => {
    const text = "config:\n  istio-egress:mesh: {version: 1.10, values: {a: [1, 0777]}}\n";
    assert.deepEqual(
      [...parseStackFile(text, "f", ours).spelled],
      [
        ["istio-egress:mesh.version", "1.10"],
        ["istio-egress:mesh.values.a[1]", "0777"],
      ],
    );
  });
});

describe("readStackFile", () => {
  let folder: string;

  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-stacks-"));
    fs.writeFileSync(path.join(folder, "Pulumi.prod.yaml"), "config: {}\n");
    fs.writeFileSync(path.join(folder, "Pulumi.dev.yaml"), "config: {}\n");
    fs.writeFileSync(path.join(folder, "README.md"), "");
  });

  after(() => fs.rmSync(folder, { recursive: true }));

  it("finds a stack by its name", () => assert.deepEqual(readStackFile("dev", folder), nothing));

  it("names the stacks there are when there is none of that name", () => {
    assert.throws(() => readStackFile("live", folder), {
      constructor: NoSuchStackError,
      message: /^There is no stack "live": no file .*Pulumi\.live\.yaml\. Stacks: dev, prod\.$/,
    });
  });

  it("says what to write where a stack's file is given, or its name with its project's", () => {
    for (const written of ["Pulumi.dev.yaml", "./stacks/Pulumi.dev.yaml", "acme/shop/dev", "../dev"]) {
      assert.throws(() => readStackFile(written, folder), {
        constructor: NoSuchStackError,
        message: /Stacks: dev, prod\. A stack is given by its name: dev\.$/,
      });
    }
  });

  it("says what is no folder of stacks, and where there are none", () => {
    const empty = fs.mkdtempSync(path.join(folder, "empty-"));
    const cases: [string, RegExp][] = [
      [path.join(folder, "README.md"), /README\.md is a file, and no folder: --stacks is the one/],
      [path.join(folder, "nowhere"), /nowhere is no folder: --stacks is the one/],
      [empty, /There are no stacks in .*empty-.*, and no Pulumi project: .*name that of its stacks with --stacks\.$/],
    ];
    for (const [stacks, message] of cases) {
      assert.throws(() => readStackFile("dev", stacks), { constructor: NoSuchStackError, message });
    }
  });
});
