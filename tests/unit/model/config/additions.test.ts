// Entries added to stacks' files: every character that was there stays, and what cannot be added to is refused.
// Does not prove: what an entry means to a stack; that is held against the whole configuration where one is written.
import assert from "node:assert/strict";
import { Addition, withAdditions } from "../../../../model/config/file/additions";
import { StackFileError } from "../../../../model/config/file/stack";

const stripe: Addition = {
  to: ["destinations"],
  name: "stripe",
  value: { hosts: ["api.stripe.com"], protocols: ["https"] },
  comment: "14 calls",
};
const rule: Addition = { to: ["allow"], value: { from: "shop/cart", to: "stripe", reason: "learnt from 14 calls" } };
const http: Addition = { to: ["destinations", "github", "protocols"], value: "http" };

/** The lines that were added, each with the one before it. */
function check(text: string, additions: Addition[], wanted: string): void {
  const edited = withAdditions(text, "Pulumi.shop.yaml", additions);
  assert.equal(edited, wanted);
}

describe("entries added to a stack's file", () => {
  it("come behind those in lines of their own, and leave comments, order and blank lines", () => {
    check(
      `# The shop.
config:
  istio-egress:destinations: # who
    github:
      hosts: [github.com]   # comment
      protocols:
        - https # only

  # Rules.
  istio-egress:allow:
  - to: github
    from:   'shop/cart'
  # the last comment

  istio-egress:deny: [ cnn.com ]
encryptionsalt: v1:x`,
      [stripe, rule, http],
      `# The shop.
config:
  istio-egress:destinations: # who
    github:
      hosts: [github.com]   # comment
      protocols:
        - https # only
        - http
    # 14 calls
    stripe:
      hosts: [api.stripe.com]
      protocols: [https]

  # Rules.
  istio-egress:allow:
  - to: github
    from:   'shop/cart'
  - from: shop/cart
    to: stripe
    reason: learnt from 14 calls
  # the last comment

  istio-egress:deny: [ cnn.com ]
encryptionsalt: v1:x`,
    );
  });

  it("are written as those beside them", () => {
    check(
      `config:
    istio-egress:destinations:
        github: { hosts: [github.com] }
    istio-egress:allow:
        - { from: shop/cart, to: github } # why
`,
      [stripe, rule],
      `config:
    istio-egress:destinations:
        github: { hosts: [github.com] }
        # 14 calls
        stripe: { hosts: [api.stripe.com], protocols: [https] }
    istio-egress:allow:
        - { from: shop/cart, to: github } # why
        - { from: shop/cart, to: stripe, reason: learnt from 14 calls }
`,
    );
  });

  it("go within brackets, with a comma left behind and comments there too", () => {
    check(
      `config: {"istio-egress:destinations": {github: {protocols: [https], hosts: [a.example]}},
  istio-egress:allow: [{from: shop/cart, to: github}, # first
  ]}
`,
      [stripe, rule, http],
      `config: {"istio-egress:destinations": {github: {protocols: [https, http], hosts: [a.example]}, stripe: { hosts: [api.stripe.com], protocols: [https] }},
  istio-egress:allow: [{from: shop/cart, to: github}, { from: shop/cart, to: stripe, reason: learnt from 14 calls }, # first
  ]}
`,
    );
  });

  it("take the place of what is empty", () => {
    for (const [empty, filled] of [
      ["istio-egress:allow:", "istio-egress:allow:"],
      ["istio-egress:allow: # none yet", "istio-egress:allow: # none yet"],
      ["istio-egress:allow: []", "istio-egress:allow:"],
      ["istio-egress:config:allow: [] # none", "istio-egress:config:allow: # none"],
    ]) {
      check(
        `config:\n  ${empty}\n  a:b: c\n`,
        [rule],
        `config:\n  ${filled}\n    - from: shop/cart\n      to: stripe\n      reason: learnt from 14 calls\n  a:b: c\n`,
      );
    }
  });

  it("bring the keys that they need", () => {
    const added = `  istio-egress:allow:
    - from: shop/cart
      to: stripe
      reason: learnt from 14 calls
`;
    check("", [rule], `config:\n${added}`);
    check("# Nothing yet.\nconfig:\n", [rule], `# Nothing yet.\nconfig:\n${added}`);
    check("config:\n  a:b: c", [rule], `config:\n  a:b: c\n${added}`);
    check(
      "config:\n  a:b: c\nencryptionsalt: x\n",
      [http],
      "config:\n  a:b: c\n  istio-egress:destinations:\n    github:\n      protocols:\n        - http\nencryptionsalt: x\n",
    );
  });

  it("end their lines as the file does", () => {
    const text = "config:\r\n  istio-egress:allow:\r\n    - {from: shop/cart, to: github}\r\n";
    assert.equal(
      withAdditions(text, "f.yaml", [rule]),
      `${text}    - { from: shop/cart, to: stripe, reason: learnt from 14 calls }\r\n`,
    );
  });

  it("come behind a block of text and behind a key with nothing", () => {
    const text =
      "config:\n  istio-egress:allow:\n    - from: shop/cart\n      to: github\n      reason: |\n        why\n\n  a:b: c\n";
    assert.match(
      withAdditions(text, "f.yaml", [rule]),
      /why\n {4}- from: shop\/cart\n {6}to: stripe\n.*\n\n {2}a:b: c\n$/,
    );
    const bare = "config:\n  istio-egress:destinations:\n    github:\n  a:b: c\n";
    assert.match(withAdditions(bare, "f.yaml", [stripe]), /github:\n {4}# 14 calls\n {4}stripe:\n/);
  });

  it("are in quotes where they would read as something else", () => {
    const strange: Addition = {
      to: ["allow"],
      value: { from: "yes: no", to: "2026-11-22", owner: "true", reason: "a, b" },
    };
    assert.match(
      withAdditions("config:\n  a:b: c\n", "f.yaml", [strange]),
      /- from: "yes: no"\n {6}to: "2026-11-22"\n {6}owner: "true"\n {6}reason: "a, b"\n/,
    );
  });

  it("are refused where there is no place for them, with what to do", () => {
    const cases: [string, string, Addition][] = [
      ["config:\n  istio-egress:allow: '[]'\n", "istio-egress:allow is not a list", rule],
      [
        "config:\n  istio-egress:allow: {}\n  istio-egress:x: &a []\n  istio-egress:y: *a\n",
        "not.*safely|not a list",
        rule,
      ],
      ["config:\n  istio-egress:deny: &a [x]\n  istio-egress:allow: *a\n", "not a list", rule],
      ["config:\n  istio-egress:destinations: text\n", "not a set of keys", stripe],
      ["config: text\n", 'must hold a set of keys and values under "config"', rule],
      ["config: [\n", "not valid YAML", rule],
      ["config:\n  istio-egress:allow: &a\n    - x\n  istio-egress:deny: *a\n", "cannot be added to safely", rule],
    ];
    for (const [text, why, addition] of cases) {
      assert.throws(
        () => withAdditions(text, "Pulumi.shop.yaml", [addition]),
        (error) => error instanceof StackFileError && new RegExp(why).test(error.message),
        text,
      );
    }
    assert.throws(() => withAdditions("{}", "Pulumi.shop.json", [rule]), /is JSON, which is not written here/);
  });
});
