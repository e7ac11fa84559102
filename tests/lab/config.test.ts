// A config with mistakes: `pulumi preview` and `egress check` say the same text, and nothing is applied.
import assert from "node:assert/strict";
import { editStack, scratchCheckout } from "./support/checkout";
import { egress, kubectl } from "./support/commands";
import { tryPulumi } from "./support/pulumi";

const mistakes = `
    - from: test-app/app-c
      to: githup
    - from: test-app/app-a
      to: github
      expires: 2020-02-30
`;

describe("a config with mistakes", () => {
  const checkout = scratchCheckout();

  before(() => {
    editStack(checkout.folder, "lab", (text) =>
      text
        .replace("hosts: [google.com, www.google.com]", 'hosts: ["https://google.com", 203.0.113.12]')
        .replace("\n  # Nobody may be allowed", `${mistakes}\n  # Nobody may be allowed`),
    );
  });

  after(() => checkout.remove());

  it("is told whole, in the same words by egress check and by pulumi preview", () => {
    const check = egress(["check", "lab"], { cwd: checkout.folder });
    assert.equal(check.exitCode, 1);
    const text = (check.stdout + check.stderr).trim();
    for (const path of ["google.hosts[0]", "google.hosts[1]", "allow[3].from", "allow[3].to", "allow[4]", "expires"]) {
      assert.ok(text.includes(path), `${path} is missing in:\n${text}`);
    }
    const preview = tryPulumi(["preview"], checkout.folder);
    assert.notEqual(preview.exitCode, 0);
    const said = preview.stdout + preview.stderr;
    for (const line of text
      .split("\n")
      .map((each) => each.trim())
      .filter(Boolean)) {
      assert.ok(said.includes(line), `pulumi preview does not say "${line}":\n${said}`);
    }
    assert.doesNotMatch(said, /\n\s+at .*\.(ts|js):\d+/);
  });

  it("applies nothing, by pulumi up either", () => {
    const before = kubectl(
      "get",
      "serviceentries,authorizationpolicies,sidecars,deployments",
      "-A",
      "--output=jsonpath={.items[*].metadata.generation}",
    );
    const up = tryPulumi(["up", "--yes", "--skip-preview"], checkout.folder);
    assert.notEqual(up.exitCode, 0);
    const after = kubectl(
      "get",
      "serviceentries,authorizationpolicies,sidecars,deployments",
      "-A",
      "--output=jsonpath={.items[*].metadata.generation}",
    );
    assert.equal(after, before);
  });
});
