// Which hosts nobody may be allowed: a name and those below it, in whatever form it is written.
// Does not prove: what the mesh refuses.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { grantsOf } from "../../../../model/grants";
import { itRefuses, problemsOf } from "./refused";
import { now, soundConfig } from "./sound-config";

/** A destination with one host beside the sound ones, and these entries of `deny`. */
function hostAndDeny(host: string, ...deny: unknown[]): Record<string, unknown> {
  return { destinations: { github: { hosts: ["github.com"] }, news: { hosts: [host] } }, deny };
}

const only = { host: "cnn.com", below: false };

describe("deny", () => {
  itRefuses([
    {
      what: "a host that nobody may be allowed",
      change: hostAndDeny("cnn.com", "CNN.com"),
      at: ["deny[0]"],
      says: /Nobody may be allowed this host, but istio-egress:destinations\.news\.hosts\[0\] is it\..*remove one of the two\./s,
    },
    {
      what: "a host below one that nobody may be allowed",
      change: hostAndDeny("www.CNN.com", "cnn.com"),
      at: ["deny[0]"],
      says: /nor a name below it, but istio-egress:destinations\.news\.hosts\[0\] is www\.cnn\.com\..*\{host: cnn\.com, below: false\}/s,
    },
    {
      what: "a host below two that nobody may be allowed",
      change: hostAndDeny("a.www.cnn.com", "cnn.com", "www.cnn.com"),
      at: ["deny[0]", "deny[1]"],
      says: /is a\.www\.cnn\.com/,
    },
    {
      what: "a host that nobody may be allowed by itself",
      change: hostAndDeny("cnn.com", only),
      at: ["deny[0]"],
      says: /is it/,
    },
    {
      what: "a denied host twice",
      change: { deny: ["cnn.com", "CNN.com"] },
      at: ["deny[1]"],
      says: /deny\[0\] already/,
    },
    {
      what: "a host denied in two ways",
      change: { deny: ["cnn.com", only] },
      at: ["deny[1]"],
      says: /deny\[0\] already/,
    },
    { what: "a number for a denied host", change: { deny: [5] }, at: ["deny[0]"], says: /Not a text.*as cnn\.com/s },
    { what: "nothing for a denied host", change: { deny: [null] }, at: ["deny[0]"], says: /Not a text/ },
    {
      what: "a denied host without its name",
      change: { deny: [{ below: true }] },
      at: ["deny[0].host"],
      says: /Required/,
    },
    {
      what: "a word for whether names below are denied",
      change: { deny: [{ host: "cnn.com", below: "no" }] },
      at: ["deny[0].below"],
      says: /Not true or false/,
    },
    {
      what: "a key that no denied host has",
      change: { deny: [{ host: "cnn.com", bellow: false }] },
      at: ["deny[0].bellow"],
      says: /did you mean "below"/,
    },
    { what: "a denied URL", change: { deny: ["http://cnn.com"] }, at: ["deny[0]"], says: /write "cnn\.com"/ },
    {
      what: "a denied name with its last dot",
      change: { deny: ["cnn.com."] },
      at: ["deny[0]"],
      says: /write "cnn\.com"/,
    },
    {
      what: "a denied name in letters of its own",
      change: { deny: [{ host: "bücher.example", below: false }] },
      at: ["deny[0].host"],
      says: /write "xn--bcher-kva\.example"/,
    },
    {
      what: "a denied wildcard",
      change: { deny: ["*.cnn.com"] },
      at: ["deny[0]"],
      says: /names below it are denied with it.*write "cnn\.com"/s,
    },
  ]);

  it("takes a name below one that is denied by itself, one beside it, and entries below others", () => {
    assert.deepEqual(problemsOf(hostAndDeny("www.cnn.com", only)), []);
    assert.deepEqual(problemsOf(hostAndDeny("evilcnn.com", "cnn.com")), []);
    assert.deepEqual(problemsOf(hostAndDeny("cnn.com.example", "cnn.com")), []);
    assert.deepEqual(problemsOf(hostAndDeny("example.com", "cnn.com", "www.cnn.com")), []);
  });

  it("is the nearest entry that holds a host", () => {
    const deny = ["cnn.com", { host: "www.cnn.com" }, { host: "xn--bcher-kva.example", below: false }];
    const { denied } = grantsOf(parseConfig({ ...soundConfig(), deny }, { now }));
    assert.deepEqual(denied("a.www.cnn.com"), { host: "www.cnn.com", below: true });
    assert.deepEqual(denied("a.cnn.com"), { host: "cnn.com", below: true });
    assert.deepEqual(denied("xn--bcher-kva.example"), { host: "xn--bcher-kva.example", below: false });
    for (const host of ["com", "evilcnn.com", "a.xn--bcher-kva.example"]) {
      assert.equal(denied(host), undefined);
    }
  });
});
