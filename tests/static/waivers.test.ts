// How findings and waivers meet. Does not prove: that a reason is a good one.
import assert from "node:assert/strict";
import { CommandError } from "../../lab/tools/command";
import { explainInstallFailure } from "./checkov/install";
import { Finding, Waiver, waivers, weigh } from "./support/waivers";

const finding = (rule: string, resource: string): Finding => ({ stack: "lab", rule, resource, text: "" });
const waiver = (rule: string, resources: string, except?: string): Waiver => ({
  tool: "checkov",
  rule,
  resources,
  except,
  reason: "because",
});

describe("waivers", () => {
  it("each say why", () => {
    assert.deepEqual(
      waivers.filter(({ reason }) => reason.length < 40).map(({ rule }) => rule),
      [],
    );
  });

  it("cover a rule's findings in the objects that they name, and in no others", () => {
    const findings = [
      finding("A", "Deployment.shop.cart"),
      finding("A", "Deployment.egress.gateway"),
      finding("B", "Deployment.shop.cart"),
    ];
    const { standing, waived } = weigh("checkov", findings, [waiver("A", "Deployment.*", "Deployment.egress.*")]);
    assert.deepEqual(waived, [findings[0]]);
    assert.deepEqual(standing, findings.slice(1));
  });

  it("are unneeded when they cover nothing", () => {
    const list = [waiver("A", "Deployment.*"), waiver("B", "Deployment.*")];
    assert.deepEqual(weigh("checkov", [finding("B", "Deployment.shop.cart")], list).unneeded, [list[0]]);
    assert.deepEqual(weigh("istioctl", [finding("B", "Deployment.shop.cart")], list), {
      standing: [finding("B", "Deployment.shop.cart")],
      waived: [],
      unneeded: [],
    });
  });
});

describe("installing checkov", () => {
  it("fails with what to do about it", () => {
    const sentences: [string, RegExp][] = [
      [
        "Failed to establish a new connection: NewConnectionError",
        /cannot be reached to install it: connect this machine/,
      ],
      ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", /gave other files than .*requirements\.txt pins/],
      ["one\ntwo\nthree\nfour", /could not be installed: two \| three \| four/],
    ];
    for (const [words, sentence] of sentences) {
      assert.match(explainInstallFailure(new CommandError("pip failed", words)).message, sentence);
    }
  });
});
