// Reading a stack's file as the Pulumi engine would.
// Does not prove: that the engine hands the same values to the program; the lab's tests compare the two texts.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { NoSuchStackError, parseStackFile, readStackFile, StackFileError } from "../../../cli/stack-file";

describe("a stack file", () => {
  it("gives the project's keys without their prefix, and leaves other projects' out", () => {
    const text = ["config:", "  istio-egress:deny: [cnn.com]", "  gcp:project: x", "  istio-egress-2:deny: []"].join(
      "\n",
    );
    assert.deepEqual(parseStackFile(text, "f"), { raw: { deny: ["cnn.com"] }, encrypted: [] });
  });

  it("may be empty, and may have no configuration", () => {
    for (const text of ["", "# nothing yet\n", "config:\n", "secretsprovider: passphrase\n"]) {
      assert.deepEqual(parseStackFile(text, "f"), { raw: {}, encrypted: [] });
    }
  });

  it("keeps dates as they are written", () => {
    const { raw } = parseStackFile("config:\n  istio-egress:allow: [{expires: 2027-06-30}]\n", "f");
    assert.deepEqual(raw.allow, [{ expires: "2027-06-30" }]);
  });

  it("shows a placeholder for what is encrypted, and tells under which keys", () => {
    const text = [
      "config:",
      "  istio-egress:workloads: {app: {image: x, env: {TOKEN: {secure: AAAB}}}}",
      "  istio-egress:deny: {secure: AAAB}",
      "  istio-egress:namespaces: {secure: {labels: {}}}",
    ].join("\n");
    assert.deepEqual(parseStackFile(text, "f"), {
      raw: {
        workloads: { app: { image: "x", env: { TOKEN: "[encrypted]" } } },
        deny: "[encrypted]",
        namespaces: { secure: { labels: {} } },
      },
      encrypted: ["workloads", "deny"],
    });
  });

  it("that is no YAML is refused with line and column", () => {
    assert.throws(() => parseStackFile("config:\n  istio-egress:deny: [cnn.com\n", "stacks/x.yaml"), {
      constructor: StackFileError,
      message: /^stacks\/x\.yaml:3:1: not valid YAML: [^\n]+\.$/,
    });
  });

  it("with one workload twice is refused with line and column", () => {
    const text = "config:\n  istio-egress:workloads:\n    a: {image: x}\n    a: {image: y}\n";
    assert.throws(() => parseStackFile(text, "f"), { message: /^f:4:5: .*unique/ });
  });

  it("with a list where the configuration belongs is refused", () => {
    for (const text of ["- a\n", "config: [a]\n", "config: a\n"]) {
      assert.throws(() => parseStackFile(text, "f"), {
        message: /^f: must hold a set of keys and values under "config"\.$/,
      });
    }
  });

  it("with a key of no project is refused with the key to write", () => {
    assert.throws(() => parseStackFile("config:\n  allow: []\n", "f"), { message: /write "istio-egress:allow"/ });
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

  it("finds a stack by its name", () => assert.deepEqual(readStackFile("dev", folder), { raw: {}, encrypted: [] }));

  it("names the stacks there are when there is none of that name", () => {
    assert.throws(() => readStackFile("live", folder), {
      constructor: NoSuchStackError,
      message: /^There is no stack "live": no file .*Pulumi\.live\.yaml\. Stacks: dev, prod\.$/,
    });
  });
});
