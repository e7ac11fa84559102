// A stack's keys over those of the base that it extends, and the same in the program as in the commands.
// Does not prove: that the engine hands the program what the stack's file says; the lab's tests compare the two.
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readStackFile } from "../../../../cli/stack-file";
import { StackFileError } from "../../../../model/config/file/stack";
import { readStackConfig } from "../../../../components";
import { ConfigError, parseConfig, withBase } from "../../../../model";
import { now } from "./sound-config";

const over = (base: string, stack: Record<string, unknown>) =>
  withBase({ extends: "base", ...stack }, (file) => (file === "base.yaml" ? base : undefined));

const base = `
config:
  istio-egress:cluster: {kind: gke, network: {natAddresses: 2, nodes: 10.0.0.0/22}, zones: [a, b]}
  istio-egress:namespaces: {shop: {labels: {team: a}}}
  istio-egress:allow: [{from: shop/a, to: x}]
  istio-egress:deny: [pastebin.com]
`;

describe("a stack over its base", () => {
  it("is itself without one", () => {
    const stack = { deny: ["cnn.com"] };
    assert.deepEqual(
      withBase(stack, () => assert.fail("nothing is to be read")),
      stack,
    );
    assert.deepEqual(
      withBase({ ...stack, extends: "" }, () => undefined),
      stack,
    );
  });

  it("wins key by key, and replaces lists", () => {
    const { cluster } = over(base, { cluster: { network: { natAddresses: 4 }, zones: ["c"] } });
    assert.deepEqual(cluster, { kind: "gke", network: { natAddresses: 4, nodes: "10.0.0.0/22" }, zones: ["c"] });
  });

  it("adds to what is allowed and denied, its own entries first", () => {
    const { allow, deny } = over(base, { allow: [{ from: "shop/b", to: "y" }], deny: ["cnn.com"] });
    assert.deepEqual(allow, [
      { from: "shop/b", to: "y" },
      { from: "shop/a", to: "x" },
    ]);
    assert.deepEqual(deny, ["cnn.com", "pastebin.com"]);
  });

  it("keeps what the base says where it says nothing, and takes nothing away by it", () => {
    assert.deepEqual(over(base, { namespaces: { shop: null, office: null }, deny: "" }), {
      ...over(base, {}),
      namespaces: { shop: { labels: { team: "a" } }, office: null },
    });
  });

  for (const [what, text, says] of [
    ["is not there", undefined, /No file base\.yaml beside the stack's/],
    ["is no YAML", "config: [", /not valid YAML/],
    ["is a list", "- a", /set of keys and values under "config"/],
    ["holds another project's key", "config: {gcp:project: x}", /not this project's/],
    ["names a base of its own", "config: {istio-egress:extends: other}", /a base of its own/],
    [
      "holds something encrypted",
      "config: {istio-egress:workloads: {a: {env: {TOKEN: {secure: AAA}}}}}",
      /something encrypted/,
    ],
  ] as const) {
    it(`is refused when the base ${what}`, () => {
      assert.throws(
        () => withBase({ extends: "base" }, () => text),
        (error: ConfigError) => error instanceof ConfigError && says.test(error.message),
      );
    });
  }

  it("is refused when the base's name leads elsewhere", () => {
    assert.throws(() => withBase({ extends: "../secrets" }, () => assert.fail("read")), /Not the name of a base/);
  });
});

describe("the program and the commands", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "egress-base-"));
  const write = (file: string, text: string) => fs.writeFileSync(path.join(folder, file), text);
  after(() => {
    fs.rmSync(folder, { recursive: true });
    pulumi.runtime.setAllConfig({});
  });

  it("read the same configuration", () => {
    write("base.yaml", "config:\n  istio-egress:namespaces: {shop: {}}\n  istio-egress:deny: [pastebin.com]\n");
    write("Pulumi.x.yaml", "config:\n  istio-egress:extends: base\n  istio-egress:deny: [cnn.com]\n");
    const { raw } = readStackFile("x", folder);
    pulumi.runtime.setAllConfig({ "istio-egress:extends": "base", "istio-egress:deny": '["cnn.com"]' });
    const { config } = readStackConfig(now, folder);
    assert.deepEqual(config, parseConfig(raw, { now }));
    assert.deepEqual(
      config.deny.map(({ host }) => host),
      ["cnn.com", "pastebin.com"],
    );
  });

  it("refuse a base that is not there in the same words", () => {
    write("Pulumi.y.yaml", "config:\n  istio-egress:extends: nothing\n");
    pulumi.runtime.setAllConfig({ "istio-egress:extends": "nothing" });
    let text = "";
    assert.throws(
      () => readStackFile("y", folder),
      (error: Error) => error instanceof StackFileError && (text = error.message) !== "",
    );
    assert.throws(
      () => readStackConfig(now, folder),
      (error: Error) => pulumi.RunError.isInstance(error) && error.message === text,
    );
  });
});
