// Does not prove that a server is asked by these names: it only compares strings.
import assert from "node:assert/strict";
import { OutsideHost, outsideHosts } from "../../../../lab/outside/hosts";
import { answersTo, canonicalName } from "../../../../lab/outside/names";

describe("lab/outside/names", () => {
  it("compares names without case, port and trailing dot", () => {
    for (const name of ["github.com", "GitHub.com", "github.com:443", "github.com.", "GITHUB.COM.:80"]) {
      assert.equal(canonicalName(name), "github.com");
    }
    assert.equal(canonicalName(""), "");
    assert.equal(canonicalName("203.0.113.10:80"), "203.0.113.10");
  });

  it("takes an exact name for itself alone", () => {
    const host = hostNamed("github.com");
    assert.equal(answersTo(host, "www.github.com"), true);
    for (const other of ["evil.github.com", "xgithub.com", "github.com.example", "cnn.com", "203.0.113.10", ""]) {
      assert.equal(answersTo(host, other), false, other);
    }
  });

  it("takes a wildcard for every name below it, and not for the domain itself", () => {
    const host = hostNamed("*.wild.example");
    assert.equal(answersTo(host, "x.wild.example"), true);
    assert.equal(answersTo(host, "y.z.wild.example"), true);
    for (const other of ["wild.example", ".wild.example", "xwild.example", "x.wild.example.com"]) {
      assert.equal(answersTo(host, other), false, other);
    }
  });

  it("takes any name at a host that has none of its own", () => {
    const host = outsideHosts.find(({ address }) => address === "10.10.0.4")!;
    assert.equal(answersTo(host, "svc-foo"), true);
    assert.equal(answersTo(host, "10.10.0.4"), true);
  });
});

function hostNamed(name: string): OutsideHost {
  return outsideHosts.find(({ names }) => names.includes(name))!;
}
