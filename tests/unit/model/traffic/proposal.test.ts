// What is proposed for recorded calls, and what never is.
import assert from "node:assert/strict";
import { parseConfig } from "../../../../model";
import { CountedCall, Proposal, propose } from "../../../../model/traffic";
import { now, soundConfig } from "../config/sound-config";

const day = (date: string) => Date.parse(`${date}T10:00:00Z`);

function counted(changes: Partial<CountedCall> & { from?: string } = {}): CountedCall {
  const { from = "test-app/app-a", ...rest } = changes;
  const [namespace, account] = from.split("/");
  return {
    identity: `spiffe://cluster.local/ns/${namespace}/sa/${account}`,
    protocol: "https",
    host: "api.stripe.com",
    calls: 14,
    outcome: "refused",
    first: day("2026-11-20"),
    last: day("2026-11-22"),
    ...rest,
  };
}

const hammer = "istio-workload/hammer";

function proposed(calls: CountedCall[], changes: Record<string, unknown> = {}): Proposal {
  return propose(parseConfig({ ...soundConfig(), ...changes }, { now }), calls);
}

function shape({ destinations, rules }: Proposal) {
  return {
    destinations: destinations.map(({ name, hosts, protocols }) => [name, hosts, protocols]),
    rules: rules.map(({ from, to }) => `${from} → ${to}`),
  };
}

describe("a proposal", () => {
  it("has a destination and a rule for what no rule grants, with calls, days and the workload", () => {
    const { destinations, rules, learnt, left } = proposed([counted()]);
    const seen = { calls: 14, first: day("2026-11-20"), last: day("2026-11-22") };
    assert.deepEqual(destinations, [
      { name: "stripe", hosts: ["api.stripe.com"], protocols: ["https"], ports: [], ...seen },
    ]);
    const rule = {
      from: "test-app/app-a",
      to: "stripe",
      reason: "learnt from 14 refused calls between 2026-11-20 and 2026-11-22",
    };
    assert.deepEqual(rules, [{ ...rule, refused: 14, also: [], ...seen }]);
    const place = { from: "test-app/app-a", protocol: "https", host: "api.stripe.com", port: 443 };
    assert.deepEqual(learnt, [{ ...place, refused: 14, to: "stripe", ...seen }]);
    assert.deepEqual(left, []);
  });

  it("adds calls of both outcomes together, and says how many were refused", () => {
    const { learnt, rules } = proposed([counted({ calls: 2 }), counted({ calls: 3, outcome: "would be denied" })]);
    assert.deepEqual([learnt.length, learnt[0]!.calls, learnt[0]!.refused], [1, 5, 2]);
    assert.match(rules[0]!.reason, /^learnt from 5 calls \(2 refused\) between /);
    const observed = proposed([counted({ calls: 3, outcome: "would be denied" })]).rules[0]!;
    assert.match(observed.reason, /^learnt from 3 calls between /);
  });

  it("proposes nothing for what is granted already", () => {
    const proposal = proposed([counted({ host: "github.com", outcome: "passed" })]);
    assert.deepEqual(shape(proposal), { destinations: [], rules: [] });
    assert.equal(proposal.granted.calls, 14);
  });

  it("proposes a rule only for a host that a destination has, and names the hosts that come with it", () => {
    const destinations = { ...(soundConfig().destinations as object), both: { hosts: ["a.example", "b.example"] } };
    const proposal = proposed([counted({ host: "a.example" })], { destinations });
    assert.deepEqual(shape(proposal), { destinations: [], rules: ["test-app/app-a → both"] });
    assert.deepEqual(proposal.rules[0]!.also, ["b.example"]);
  });

  it("proposes a protocol that a destination does not have, and names who else gains it", () => {
    const destinations = { github: { hosts: ["github.com"], protocols: ["https"] } };
    const allow = [
      { from: "test-app/app-a", to: "github" },
      { from: hammer, to: "github" },
    ];
    const { ways, rules } = proposed([counted({ host: "github.com", protocol: "http" })], { destinations, allow });
    assert.deepEqual(ways, [
      { destination: "github", protocols: ["http", "https"], ports: [], added: ["http"], others: [hammer] },
    ]);
    assert.deepEqual(rules, []);
  });

  it("opens other ports than the protocols' own, in new destinations and in those that are there", () => {
    const { destinations, ways, rules } = proposed([
      counted({ host: "db.example", protocol: "tcp", port: 5432 }),
      counted({ host: "github.com", protocol: "http", port: 8080 }),
      counted({ host: "two.example", port: 9443 }),
      counted({ host: "two.example", protocol: "tcp", port: 9443 }),
    ]);
    assert.deepEqual(
      destinations.map(({ name, protocols, ports }) => [name, protocols, ports]),
      [
        ["db", [], ["5432/tcp"]],
        ["two", [], ["9443/tcp"]],
      ],
    );
    const all = { protocols: ["http", "https"], ports: ["8080/http"] };
    assert.deepEqual(ways, [{ destination: "github", ...all, added: ["8080/http"], others: [] }]);
    assert.deepEqual(
      rules.map(({ to }) => to),
      ["db", "two"],
    );
  });

  it("opens no other port in a mesh that has no way for it", () => {
    const mesh = { kind: "existing", envoyFilters: false };
    const { left, rules } = proposed([counted({ host: "db.example", protocol: "tcp", port: 5432 }), counted()], {
      mesh,
    });
    assert.deepEqual([left[0]!.mark, rules.map(({ to }) => to)], ["port", ["stripe"]]);
  });

  it("puts hosts together where the same workloads call them by the same protocols, and only there", () => {
    const calls = [
      counted({ host: "api.partner.example" }),
      counted({ host: "cdn.partner.example" }),
      counted({ host: "old.partner.example", protocol: "http" }),
      counted({ host: "img.partner.example" }),
      counted({ host: "img.partner.example", from: hammer }),
    ];
    assert.deepEqual(shape(proposed(calls)).destinations, [
      ["partner", ["api.partner.example", "cdn.partner.example"], ["https"]],
      ["partner-2", ["img.partner.example"], ["https"]],
      ["partner-app-a", ["old.partner.example"], ["http"]],
    ]);
  });

  it("puts the hosts of a well-known service together, and no strangers' that share a domain", () => {
    const hosts = ["api.github.com", "raw.githubusercontent.com", "a.vercel.app", "b.vercel.app", "x.co.uk", "y.co.uk"];
    const calls = hosts.map((host) => counted({ host }));
    assert.deepEqual(
      shape(proposed(calls)).destinations.map(([, group]) => group),
      [["a.vercel.app"], ["b.vercel.app"], ["api.github.com", "raw.githubusercontent.com"], ["x.co.uk"], ["y.co.uk"]],
    );
  });

  it("gives destinations names that nothing else has", () => {
    const { destinations } = proposed([counted({ host: "codeload.github.com" }), counted({ host: "1st.9.example" })]);
    assert.deepEqual(
      destinations.map(({ name }) => name),
      ["github-app-a", "host-9"],
    );
  });

  it("never proposes what deny holds, what leads inside, or what no rule could be for", () => {
    const cases: [Partial<CountedCall> & { from?: string }, string, RegExp][] = [
      [{ host: "cnn.com" }, "denied", /deny holds cnn\.com/],
      [{ host: "www.cnn.com", outcome: "would be denied" }, "denied", /deny holds cnn\.com/],
      [{ host: "metadata.google.internal", protocol: "http" }, "metadata", /metadata server/],
      [{ host: "169.254.169.254", protocol: "http" }, "metadata", /metadata server/],
      [{ host: "wiki.corp" }, "private", /private network/],
      [{ host: "10.0.0.1.nip.io" }, "private", /10\.0\.0\.1/],
      [{ host: "203.0.113.9" }, "no name", /an address/],
      [{ host: "" }, "no name", /no name/],
      [{ host: "under_score.example" }, "no name", /underscore/],
      [{ host: "x.example", port: 15001, protocol: "http" }, "port", /Istio keeps the ports/],
      [{ host: "x.example", port: 587, protocol: "https" }, "port", /server speaks first/],
      [{ host: "x.example", protocol: "tcp" }, "port", /no port/],
      [{ host: "x.example", protocol: "quic", port: 443 }, "port", /no rule is for quic/],
      [{ host: "ledger.test-app.svc.cluster.local" }, "inside", /Service of the cluster/],
      [{ from: "test-app/stranger" }, "identity", /no workload of the stack/],
      [{ identity: undefined }, "identity", /showed no identity/],
      [{ outcome: "unclear" }, "unclear", /before anything passed/],
    ];
    for (const [changes, mark, because] of cases) {
      // Its allowed twin, beside it, is proposed.
      const proposal = proposed([counted(changes), counted({ host: "twin.example" })]);
      assert.deepEqual(shape(proposal).rules, ["test-app/app-a → twin"], JSON.stringify(changes));
      assert.deepEqual(
        proposal.left.map((call) => [call.mark, call.calls]),
        [[mark, 14]],
      );
      assert.match(proposal.left[0]!.because, because);
    }
  });

  it("proposes no wildcard that a caller sent, or that a gateway's line has in the place of a name", () => {
    for (const host of ["*.example.com", "*.s3.amazonaws.com", "*"]) {
      const { destinations, left } = proposed([counted({ host })]);
      assert.deepEqual([destinations, left.map(({ mark }) => mark)], [[], ["no name"]], host);
    }
    const { rules, left } = proposed([counted({ host: "*.example.com", from: hammer })], {
      destinations: { github: { hosts: ["github.com"] }, examples: { hosts: ["*.example.com"] } },
    });
    assert.deepEqual([rules.map(({ to }) => to), left], [["examples"], []]);
  });

  it("proposes no way that a destination could not have, or that leads past the TLS which the gateway opens", () => {
    const destinations = {
      mixed: { hosts: ["*.bulk.example", "db.example"] },
      billing: { hosts: ["api.billing.example"], originate: { paths: ["/v1/*"] } },
      partner: { hosts: ["api.partner.example"], via: { proxy: "proxy.corp.example:3128" } },
    };
    const allow = Object.keys(destinations).map((to) => ({ from: "test-app/app-a", to, reason: "needed" }));
    const cases: [Parameters<typeof counted>[0], RegExp, Parameters<typeof counted>[0]][] = [
      [{ host: "db.example", protocol: "tcp", port: 5432 }, /"mixed" holds \*\.bulk\.example/, { host: "db.example" }],
      [{ host: "api.partner.example", protocol: "http" }, /"partner" has via/, { host: "api.partner.example" }],
      [
        { host: "api.billing.example", protocol: "https" },
        /opens TLS to it for what is called by http/,
        { host: "api.billing.example", protocol: "http" },
      ],
    ];
    for (const [changes, because, granted] of cases) {
      const { ways, rules, left } = proposed([counted(changes)], { destinations, allow });
      assert.deepEqual([ways, rules], [[], []]);
      assert.match(left[0]!.because, because);
      assert.equal(proposed([counted(granted)], { destinations, allow }).granted.calls, 14);
    }
    // A port beside the proxy is one that the destination could have.
    const port = counted({ host: "api.partner.example", protocol: "tcp", port: 5432 });
    assert.deepEqual(proposed([port], { destinations, allow }).ways[0]!.added, ["5432/tcp"]);
  });

  it("does not prolong a rule whose last day is over", () => {
    const allow = [{ from: "test-app/app-a", to: "github", expires: "2026-11-01", owner: "team-a" }];
    const { left, rules } = proposed([counted({ host: "github.com" })], { allow });
    assert.deepEqual([left[0]!.mark, rules], ["expired", []]);
    assert.match(left[0]!.because, /allow\[0\] allowed it until 2026-11-01: agree on a later date with team-a/);
  });
});

describe("names that are folded", () => {
  const folding = (calls: CountedCall[], changes: Record<string, unknown> = {}) =>
    propose(parseConfig({ ...soundConfig(), ...changes }, { now }), calls, { fold: true });
  const near = ["r1.video.example", "r2.video.example", "r3.video.example"];
  const called = (hosts: string[], changes: Parameters<typeof counted>[0] = {}) =>
    hosts.map((host) => counted({ host, calls: 1, ...changes }));

  it("become a wildcard where three differ in their first label only, and never unasked", () => {
    const calls = called([...near, "api.other.video.example", "video.example"]);
    const { destinations, rules, learnt } = folding(calls);
    assert.deepEqual(
      destinations.map(({ name, hosts, folded }) => [name, hosts, folded]),
      [["video", ["*.video.example", "api.other.video.example", "video.example"], { "*.video.example": near }]],
    );
    assert.deepEqual([rules.length, new Set(learnt.map(({ to }) => to))], [1, new Set(["video"])]);
    const [asCalled] = proposed(calls).destinations;
    assert.deepEqual(asCalled!.hosts, ["api.other.video.example", ...near, "video.example"]);
    assert.equal("folded" in asCalled!, false);
  });

  it("stay as they are where two are near, below public suffixes, and on other ports", () => {
    for (const hosts of [
      near.slice(1),
      ["a.co.uk", "b.co.uk", "c.co.uk"],
      ["a.github.io", "b.github.io", "c.github.io"],
    ]) {
      const { destinations } = folding(called(hosts));
      assert.deepEqual(destinations.flatMap((each) => each.hosts).sort(), hosts);
    }
    const { destinations } = folding(called(near, { protocol: "tcp", port: 5432 }));
    assert.deepEqual(
      destinations.flatMap(({ hosts }) => hosts),
      near,
    );
  });

  it("become one destination's wildcard only, and the names of other callers stay exact", () => {
    const others = ["s1.video.example", "s2.video.example", "s3.video.example"];
    const { destinations } = folding([...called(near), ...called(others, { from: hammer })]);
    assert.deepEqual(destinations.map(({ hosts }) => hosts).sort(), [["*.video.example"], others].sort());
  });

  it("are granted by what is proposed", () => {
    const calls = called(near);
    const proposal = folding(calls);
    const { name, hosts, protocols } = proposal.destinations[0]!;
    const { from, to, reason } = proposal.rules[0]!;
    const sound = soundConfig();
    const changes = {
      destinations: { ...(sound.destinations as object), [name]: { hosts, protocols } },
      allow: [...sound.allow, { from, to, reason }],
    };
    const after = folding(calls, changes);
    assert.deepEqual([after.destinations, after.rules, after.granted.calls], [[], [], 3]);
  });
});
