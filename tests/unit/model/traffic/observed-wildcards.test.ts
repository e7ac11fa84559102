// Proposals for who is observed, beside wildcards: observing refuses nothing, so a configuration is refused by which names
// below a wildcard would be. What is proposed has to be one that is taken, or nothing of it could be written.
import assert from "node:assert/strict";
import { parseConfig, StackConfig } from "../../../../model";
import { withAdditions } from "../../../../model/config/file/additions";
import { parseStackFile } from "../../../../model/config/file/stack";
import { additionsOf, CountedCall, propose, ProposalOptions, replay } from "../../../../model/traffic";
import { stringify } from "yaml";
import { now, soundConfig } from "../config/sound-config";

function textOf(changes: Record<string, unknown>): string {
  const raw = { ...soundConfig(), allow: [], ...changes };
  const config = Object.fromEntries(Object.entries(raw).map(([key, value]) => [`istio-egress:${key}`, value]));
  return stringify({ config });
}

function read(text: string): { config: StackConfig; raw: Record<string, unknown> } {
  const { raw } = parseStackFile(text, "Pulumi.any.yaml");
  return { config: parseConfig(raw, { now }), raw };
}

function called(host: string, changes: Partial<CountedCall> = {}): CountedCall {
  const at = now.getTime();
  const identity = "spiffe://cluster.local/ns/test-app/sa/app-a";
  return { identity, protocol: "https", host, calls: 1, outcome: "would be denied", first: at, last: at, ...changes };
}

/** What is proposed, and left; each proposal is added, and has to be a configuration that is taken, and to propose no more. */
function learnt(changes: Record<string, unknown>, calls: CountedCall[], options: ProposalOptions = {}) {
  const text = textOf(changes);
  const { config, raw } = read(text);
  const proposal = propose(config, calls, options);
  const additions = additionsOf(proposal, raw);
  const after = read(additions.length === 0 ? text : withAdditions(text, "Pulumi.any.yaml", additions)).config;
  const again = propose(after, calls, options);
  assert.deepEqual([again.rules, again.destinations, again.ways], [[], [], []]);
  const { rules, destinations, left } = proposal;
  return {
    rules: rules.map(({ to }) => to).sort(),
    hosts: destinations.flatMap(({ hosts }) => hosts).sort(),
    left: left.map(({ host, mark, because }) => [host, mark, because] as const),
  };
}

const observed = { namespaces: { "test-app": { mode: "observe" }, "istio-workload": {} } };
const destinations = { wild: { hosts: ["*.wild.example"] }, x: { hosts: ["x.wild.example"] } };

describe("a proposal for who is observed", () => {
  it("has no rule for a wildcard that excepts what others list, and says until when", () => {
    const { rules, left } = learnt({ ...observed, destinations }, [called("y.wild.example"), called("new.example")]);
    assert.deepEqual(rules, ["new"]);
    assert.deepEqual(left, [
      [
        "y.wild.example",
        "observed",
        'it is observed, and a rule for "wild" would have x.wild.example refused to it: learn again when it is enforced',
      ],
    ]);
    // Its twin that is enforced has the rule, and so has one to whom nothing is excepted.
    assert.deepEqual(learnt({ destinations }, [called("y.wild.example")]).rules, ["wild"]);
    assert.deepEqual(
      learnt({ ...observed, destinations: { wild: destinations.wild } }, [called("y.wild.example")]).rules,
      ["wild"],
    );
  });

  it("has both where it was seen to call what is excepted, too", () => {
    const both = [called("y.wild.example"), called("x.wild.example")];
    assert.deepEqual(learnt({ ...observed, destinations }, both).rules, ["wild", "x"]);
    const nested = { ...destinations, x: { hosts: ["*.x.wild.example"] }, z: { hosts: ["z.x.wild.example"] } };
    const { rules, left } = learnt({ ...observed, destinations: nested }, [
      called("y.wild.example"),
      called("y.x.wild.example"),
    ]);
    assert.deepEqual([rules, left.map(([, mark]) => mark)], [[], ["observed", "observed"]]);
  });

  it("has none where deny holds what is below, which it may call while it is observed", () => {
    const deny = ["bad.wild.example"];
    const { rules, left } = learnt({ ...observed, deny, destinations: { wild: destinations.wild } }, [
      called("y.wild.example"),
    ]);
    assert.deepEqual([rules, left.map(([, mark]) => mark)], [[], ["observed"]]);
  });

  it("folds no names of its own beside others below the same domain", () => {
    const near = ["r1", "r2", "r3"].map((label) => called(`${label}.video.example`));
    const hammer = "spiffe://cluster.local/ns/istio-workload/sa/hammer";
    const other = called("r4.video.example", { identity: hammer, outcome: "refused" });
    const fold = { fold: true };
    assert.deepEqual(learnt(observed, near, fold).hosts, ["*.video.example"]);
    const names = ["r1", "r2", "r3", "r4"].map((label) => `${label}.video.example`);
    assert.deepEqual(learnt(observed, [...near, other], fold).hosts, names);
    assert.deepEqual(learnt({}, [...near, other], fold).hosts, ["*.video.example", "r4.video.example"]);
    const deny = ["bad.r9.video.example"];
    assert.deepEqual(learnt({ ...observed, deny }, near, fold).hosts, names.slice(0, 3));
  });

  it("is of names: what an observer refuses by its address would break in a replay, and a public address would not", () => {
    const { config } = read(textOf(observed));
    const broken = ["10.1.2.3", "[2001:db8::1]", "127.0.0.1", "169.254.169.254", "198.51.100.7"].filter(
      (host) => replay(config, [called(host)]).broken.length > 0,
    );
    assert.deepEqual(broken, ["10.1.2.3", "[2001:db8::1]", "127.0.0.1", "169.254.169.254"]);
  });
});
