// What a wildcard means to every reader of a configuration, and which ones are refused.
// Does not prove: that istiod, Envoy and sidecars take the objects so; the lab's wildcards test calls by them.
import assert from "node:assert/strict";
import { planDestination, planStack, StackConfig, verdicts, Wildcard } from "../../../model";
import { decider, parseEntry } from "../../../model/access-log";
import { ConfigError, parseConfig } from "../../../model";
import { wildcardWarnings } from "../../../model/config/sections/wildcards";
import { diffStacks, riskNotes } from "../../../model/diff";
import { explain, readCall } from "../../../model/explain";
import { graphOf } from "../../../model/graph";
import { grantsOf } from "../../../model/grants";
import { Manifest } from "../../../model/ground/manifest";
import { tlsRows } from "../../../model/tls";
import { propose, readRecorded, replay, ruleUses, Tally } from "../../../model/traffic";
import { httpEntry, httpsEntry, refusedHttps } from "./access-log/entries";
import { now, soundConfig } from "./config/sound-config";

const sound = soundConfig();

/** app-a is allowed `*.bulk.example`, app-b one name below it; another one is nobody's, and one is denied to everybody. */
function configOf(changes: Record<string, unknown> = {}): StackConfig {
  return parseConfig(given(changes), { now });
}

function given(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...sound,
    workloads: { ...(sound.workloads as object), "app-b": { namespace: "test-app", image: "example.com/app:1" } },
    destinations: {
      bulk: { hosts: ["*.bulk.example"] },
      exact: { hosts: ["exact.bulk.example"] },
      nested: { hosts: ["*.nested.bulk.example"] },
    },
    allow: [
      { from: "test-app/app-a", to: "bulk", owner: "team-a", reason: "a test" },
      { from: "test-app/app-b", to: "exact", owner: "team-b", reason: "a test" },
    ],
    deny: ["secret.bulk.example", { host: "only.bulk.example", below: false }],
    ...changes,
  };
}

function problemsOf(changes: Record<string, unknown>): string {
  try {
    parseConfig(given(changes), { now });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return "";
}

function ask(from: string, url: string, config = configOf()) {
  const check = readCall(url);
  assert.ok("call" in check, JSON.stringify(check));
  return explain(config, from, check.call);
}

const appA = "test-app/app-a";
const appB = "test-app/app-b";
const schemes = ["http", "https"];

describe("a wildcard", () => {
  describe("in explain", () => {
    for (const scheme of schemes) {
      it(`holds names of one label and of more over ${scheme}, and not its own domain or another one`, () => {
        for (const host of ["x.bulk.example", "a.b.c.bulk.example", "*.bulk.example", "X.Bulk.example"]) {
          assert.ok(ask(appA, `${scheme}://${host}`).allowed, host);
          assert.ok(!ask(appB, `${scheme}://${host}`).allowed, host);
        }
        for (const host of ["bulk.example", "evilbulk.example", "x.bulk.example.com", "bulk.example.evil.com"]) {
          assert.ok(!ask(appA, `${scheme}://${host}`).allowed, host);
        }
      });

      it(`leaves names that are listed or denied to themselves, over ${scheme}`, () => {
        for (const host of [
          "exact.bulk.example",
          "x.nested.bulk.example",
          "secret.bulk.example",
          "a.secret.bulk.example",
        ]) {
          const { allowed, way } = ask(appA, `${scheme}://${host}`);
          assert.ok(!allowed, host);
          assert.match(way[0]!.what, /knows \*\.bulk\.example/);
          assert.match(way[1]!.what, new RegExp(`excepts ${host} from \\*\\.bulk\\.example`));
        }
        assert.ok(ask(appB, `${scheme}://exact.bulk.example`).allowed);
        assert.ok(ask(appA, `${scheme}://x.exact.bulk.example`).allowed);
        assert.ok(ask(appA, `${scheme}://a.only.bulk.example`).allowed);
      });
    }

    it("says which wildcard, how deep it goes, and what is made for it", () => {
      const { because, way } = ask(appA, "https://a.b.bulk.example");
      assert.match(because, /\*\.bulk\.example holds every name below bulk\.example, of however many labels/);
      assert.match(way[1]!.what, /with \.bulk\.example as its SNI/);
      const planned = new Set(keysOf(configOf()));
      const by = way.flatMap((step) => step.by);
      assert.deepEqual(
        by.filter((key) => !planned.has(key)),
        [],
      );
    });

    it("says why a name below it is not held, and that a name without the dot is another one", () => {
      assert.match(
        ask(appA, "https://exact.bulk.example").because,
        /of the destination that lists it, so \*\.bulk\.example/,
      );
      assert.match(ask(appA, "https://a.secret.bulk.example").because, /not even by \*\.bulk\.example/);
      assert.match(ask(appA, "https://bulk.example").because, /holds names below bulk\.example, with a dot before it/);
    });
  });

  it("is a row of the matrix, called by a name that only it holds", () => {
    const taken = given().destinations as Record<string, unknown>;
    const config = configOf({ destinations: { ...taken, exact: { hosts: ["any-name.bulk.example"] } } });
    const rows = verdicts(config).filter(({ host }) => host === "*.bulk.example");
    assert.deepEqual(
      rows.map(({ from, url, expected }) => [from, url, expected]),
      ["istio-workload/hammer", appA, appB]
        .sort()
        .flatMap((from) =>
          schemes.map((scheme) => [from, `${scheme}://any-name-2.bulk.example`, from === appA ? "allow" : "deny"]),
        ),
    );
  });

  it("calls nobody a caller of names that the Sidecar imports with it and gateways refuse", () => {
    const callers = (host: string) =>
      tlsRows(configOf())
        .filter((row) => row.host === host)
        .map((row) => row.callers);
    assert.deepEqual(callers("*.bulk.example"), [[appA], [appA]]);
    assert.deepEqual(callers("exact.bulk.example"), [[appB], [appB]]);
  });

  it("has the calls of names below it on its destination, in the graph", () => {
    const call = { time: "2026-11-22T10:00:00.000Z", from: appA, protocol: "https", allowed: true } as const;
    const seen = [{ ...call, host: "x.bulk.example", gateway: "egress-gateway" }];
    const edges = graphOf(configOf(), seen).edges.filter(({ counts }) => (counts?.allowed ?? 0) > 0);
    assert.deepEqual(
      edges.map(({ kind, to }) => [kind, to]),
      [["allowed", "destination:bulk"]],
    );
  });

  describe("in what is planned", () => {
    it("lets Hosts with the suffix pass, but for those of others, and TLS under the suffix", () => {
      const [http, https] = specOf<{ rules: Record<string, unknown>[] }>("AuthorizationPolicy", "allow-bulk").rules;
      const except = [
        ...["*.nested.bulk.example", "*.secret.bulk.example", "exact.bulk.example", "only.bulk.example"],
        "secret.bulk.example",
      ];
      assert.deepEqual(http!.to, [
        {
          operation: {
            ports: ["8080"],
            hosts: ["*.bulk.example", "*.bulk.example:80"],
            notHosts: except.flatMap((host) => [host, `${host}:80`]),
          },
        },
      ]);
      assert.deepEqual(https!.when, [{ key: "connection.sni", values: [".bulk.example"] }]);
    });

    it("is known to sidecars under a name that no host has", () => {
      const rules = objectsOf(configOf()).filter(({ kind }) => kind === "DestinationRule");
      const wild = rules.find(({ spec }) => (spec as { host: string }).host === "*.bulk.example")!;
      assert.match(wild.metadata.name, /^[a-z0-9-]+$/);
    });

    it("grows the gateway's filter by one policy for each, and with nothing where there is none", () => {
      const size = (count: number) => {
        const hosts = Array.from({ length: count }, (_, index) => `*.n${100 + index}.example`);
        const destinations = { bulk: { hosts }, exact: { hosts: ["exact.bulk.example"] } };
        return JSON.stringify(objectsOf(configOf({ destinations })).find(({ kind }) => kind === "EnvoyFilter")).length;
      };
      const [one, two, many] = [size(1), size(2), size(102)];
      assert.equal(many - two, 100 * (two - one));
      const none = configOf({ destinations: { bulk: { hosts: ["a.example"] }, exact: { hosts: ["b.example"] } } });
      assert.doesNotMatch(JSON.stringify(objectsOf(none)), /malformed-name/);
    });
  });

  describe("in the log", () => {
    const decide = (entry: Record<string, unknown>) =>
      decider(configOf())(parseEntry(JSON.stringify(entry))!, {
        namespace: "istio-egress",
        gateway: "egress-gateway",
        pod: "pod",
      });
    const outer = { host: ".bulk.example", inner: "a.b.bulk.example" };

    it("has the name that was called, and the rule", () => {
      const { host, allowed, ok, rule } = decide(httpsEntry({ ...outer, stage: "forward" }));
      assert.deepEqual([host, allowed, ok, rule?.path], ["a.b.bulk.example", true, true, "istio-egress:allow[0]"]);
      assert.equal(decide(httpEntry({ host: "A.bulk.example:80" })).ok, true);
    });

    it("is the wildcard where the policies refused, before the name was seen", () => {
      const hammer = "spiffe://cluster.local/ns/istio-workload/sa/hammer";
      const { host, allowed, ok } = decide(httpsEntry({ ...refusedHttps, ...outer, identity: hammer, inner: null }));
      assert.deepEqual([host, allowed, ok], ["*.bulk.example", false, true]);
    });

    it("says which name was refused behind the policies", () => {
      const refused = { ...refusedHttps, ...outer, stage: "same-name", received: 517 };
      const { host, allowed, ok, because } = decide(httpsEntry({ ...refused, inner: "secret.bulk.example" }));
      assert.deepEqual([host, allowed, ok], ["secret.bulk.example", false, true]);
      assert.match(because!, /secret\.bulk\.example, which \*\.bulk\.example does not hold/);
      assert.equal(decide(httpsEntry({ ...refused, inner: null })).host, "");
    });
  });

  describe("in recorded calls", () => {
    const outer = { host: ".bulk.example", stage: "forward" };
    const recorded = (entry: Record<string, unknown>) => {
      const tally = new Tally({ now: Date.parse("2026-11-23") });
      assert.equal(
        readRecorded(JSON.stringify(entry), (call) => tally.add(call)),
        undefined,
      );
      return tally.counted();
    };
    const ofApp = (app: string) => `spiffe://cluster.local/ns/test-app/sa/${app}`;
    const https = (inner: string, app = "app-a") =>
      recorded(httpsEntry({ ...outer, inner, identity: ofApp(app), upstream: "203.0.113.19:443" }));

    it("is granted by the name that was called, and nothing is proposed for that", () => {
      const calls = [...https("x.bulk.example"), ...recorded(httpEntry({ host: "y.bulk.example" }))];
      assert.deepEqual(
        calls.map(({ host }) => host),
        ["x.bulk.example", "y.bulk.example"],
      );
      const { destinations, rules, ways, granted } = propose(configOf(), calls);
      assert.deepEqual([destinations, rules, ways, granted.calls], [[], [], [], 2]);
      assert.deepEqual(
        ruleUses(configOf(), calls).map(({ rule, calls: count }) => [rule.to, count]),
        [
          ["bulk", 2],
          ["exact", 0],
        ],
      );
    });

    it("is what a rule is proposed for to who is not granted it, with a word on all that it grants", () => {
      const { destinations, rules } = propose(configOf(), https("x.bulk.example", "app-b"));
      assert.deepEqual(destinations, []);
      assert.deepEqual(
        rules.map(({ from, to, also }) => [from, to, also]),
        [[appB, "bulk", ["*.bulk.example"]]],
      );
    });

    it("gets no port, and no exact name that would take calls from it", () => {
      const call = { protocol: "tcp", host: "db.bulk.example:5432", identity: ofApp("app-a"), outcome: "refused" };
      const { destinations, ways, rules, left } = propose(configOf(), recorded(call));
      assert.deepEqual([destinations, ways, rules], [[], [], []]);
      assert.match(left[0]!.because, /port 5432: \*\.bulk\.example holds the name, and sidecars open a port/);
      const exact = propose(configOf(), recorded({ ...call, host: "db.other.example:5432" }));
      assert.deepEqual(exact.destinations[0]!.ports, ["5432/tcp"]);
    });

    it("breaks in a replay where a change takes the name, and holds where it is under another wildcard", () => {
      const calls = https("a.b.bulk.example");
      const replayed = (hosts: string[]) => {
        const { broken, held } = replay(
          configOf({ destinations: { bulk: { hosts }, exact: { hosts: ["z.example"] } } }),
          calls,
        );
        return [broken.map(({ url }) => url), held.calls];
      };
      assert.deepEqual(replayed(["*.b.bulk.example"]), [[], 1]);
      assert.deepEqual(replayed(["b.bulk.example"]), [["https://a.b.bulk.example"], 0]);
      const denied = replay(configOf({ deny: ["b.bulk.example"] }), calls);
      assert.match(denied.broken[0]!.because, /deny holds b\.bulk\.example/);
    });

    it("is named by itself where the policies refused a call, and by nothing where no name was asked for", () => {
      const names = [
        { ...outer, stage: "policies", inner: null },
        { ...outer, stage: "same-name", inner: null },
      ].map((changes) => recorded({ ...httpsEntry(), ...refusedHttps, ...changes })[0]!.host);
      assert.deepEqual(names, ["*.bulk.example", ""]);
    });
  });

  describe("in a difference", () => {
    const listed = (...hosts: string[]) =>
      configOf({ destinations: { bulk: { hosts }, exact: { hosts: ["other.example"] } }, deny: [] });

    it("widens what was listed, and takes none of it", () => {
      const diff = diffStacks(listed("a.bulk.example", "b.c.bulk.example"), listed("*.bulk.example"));
      assert.deepEqual(
        diff.grants.map(({ host, before, widens }) => [host, before, widens]),
        [["*.bulk.example", undefined, ["a.bulk.example", "b.c.bulk.example"]]],
      );
      assert.match(
        riskNotes(diff)
          .map(({ risk }) => risk)
          .join("\n"),
        /widens a\.bulk\.example, b\.c\.bulk\.example to every/,
      );
    });

    it("narrowed to one name is a loss of the wildcard alone", () => {
      const { grants } = diffStacks(listed("*.bulk.example"), listed("a.bulk.example"));
      assert.deepEqual(
        grants.map(({ host, after }) => [host, after]),
        [["*.bulk.example", undefined]],
      );
    });

    it("loses a name that another destination lists from now on", () => {
      const before = configOf({
        deny: [],
        destinations: { bulk: { hosts: ["*.bulk.example"] }, exact: { hosts: ["z.example"] } },
      });
      const { grants } = diffStacks(before, configOf({ deny: [] }));
      const ofAppA = grants.filter(({ from }) => from === appA);
      assert.deepEqual(
        ofAppA.map(({ host, after }) => [host, after]),
        ["*.nested.bulk.example", "exact.bulk.example"].map((host) => [host, undefined]),
      );
    });
  });

  describe("as it is written", () => {
    const refused: [string, RegExp][] = [
      ["*", /A \* would be every host there is/],
      ["*.com", /public suffix/],
      ["*.co.uk", /public suffix/],
      ["*.example", /whole top-level domain/],
      ["*.below.nip.io", /whatever address the caller likes.*names one by one/s],
      ["*.nip.io", /whatever address the caller likes/],
      ["a.*.com", /A \* stands for whole labels/],
      ["*foo.com", /evilfoo\.com/],
      ["*.foo*.com", /A \* stands for whole labels/],
      ["**.foo.com", /holds names of one label and of more.*write "\*\.foo\.com"/s],
      ["*.bulk.example:443", /no port.*write "\*\.bulk\.example"/s],
      ["https://*.bulk.example/x", /no scheme.*write "\*\.bulk\.example"/s],
      ["*.bulk.example.", /without a dot.*write "\*\.bulk\.example"/s],
      ["*.bücher.example", /ASCII.*write "\*\.xn--bcher-kva\.example"/s],
      ["*.test-app.svc.cluster.local", /inside the cluster/],
    ];
    for (const [host, says] of refused) {
      it(`is refused as ${host}`, () => {
        const destinations = { ...(given().destinations as object), bulk: { hosts: [host] } };
        assert.match(problemsOf({ destinations }), says);
      });
    }

    it("is taken in upper case, over names of a service's customers with a warning", () => {
      const config = configOf({ destinations: { bulk: { hosts: ["*.GitHub.io"] }, exact: { hosts: ["b.example"] } } });
      assert.deepEqual(config.destinations[0]!.hosts, ["*.github.io"]);
      assert.match(
        wildcardWarnings(config)
          .map(({ problem }) => problem)
          .join("\n"),
        /customers/,
      );
    });

    it("needs a reason in each rule that grants it", () => {
      const [own, other] = given().allow as Record<string, string>[];
      const { reason: _, ...silent } = own!;
      assert.match(
        problemsOf({ allow: [silent, other] }),
        /allow\[0\]\.reason\n {4}Missing: "bulk" holds \*\.bulk\.example/,
      );
      const { reason: __, ...exact } = other!;
      assert.equal(problemsOf({ allow: [own, exact] }), "");
    });

    it("is denied with the name above it, and not by that name alone", () => {
      assert.match(problemsOf({ deny: ["bulk.example"] }), /\*\.bulk\.example/);
      assert.equal(problemsOf({ deny: [{ host: "bulk.example", below: false }] }), "");
    });

    it("is refused over a name behind another gateway", () => {
      const gateways = { "egress-exact": { destinations: ["exact"] } };
      assert.match(
        problemsOf({ gateways }),
        /\*\.bulk\.example of "bulk" covers it, behind the gateway egress-gateway/,
      );
      assert.equal(problemsOf({ gateways: { "egress-all": { destinations: ["exact", "bulk", "nested"] } } }), "");
    });

    it("is refused on other ports than 80 and 443, which an exact name below it has", () => {
      const { bulk, exact, nested } = given().destinations as Record<string, object>;
      const ports = ["5432/tcp"];
      assert.match(
        problemsOf({ destinations: { bulk: { ...bulk, ports }, exact, nested } }),
        /for one host, by its name/,
      );
      const destinations = { bulk, exact: { ...exact, ports }, nested };
      assert.equal(problemsOf({ destinations }), "");
      assert.ok(ask(appB, "tcp://exact.bulk.example:5432", configOf({ destinations })).allowed);
      const { allowed, suggestion } = ask(appA, "tcp://db.bulk.example:5432", configOf({ destinations }));
      assert.ok(!allowed);
      assert.deepEqual(Object.values(suggestion!.add.destinations!), [
        { hosts: ["db.bulk.example"], protocols: ["http", "https"], ports },
      ]);
    });

    it("is refused where gateways list their hosts", () => {
      assert.match(
        problemsOf({ mesh: { kind: "existing", envoyFilters: false } }),
        /A wildcard, and this mesh takes no EnvoyFilters/,
      );
      const destinations = { bulk: { hosts: ["a.example"] }, exact: { hosts: ["b.example"] } };
      assert.equal(problemsOf({ mesh: { kind: "existing", envoyFilters: false }, destinations }), "");
    });

    it("is refused to a component whose gateway was not told of it, or of what is excepted", () => {
      const args = {
        name: "bulk",
        hosts: ["*.bulk.example"],
        except: ["admin.bulk.example"],
        protocols: ["https" as const],
        clients: [{ namespace: "shop", serviceAccount: "orders" }],
      };
      const gateway = { name: "egress-gateway", namespace: "istio-egress" };
      const knowing = (wildcards: Wildcard[]) => planDestination({ ...args, gateway: { ...gateway, wildcards } });
      assert.throws(
        () => planDestination({ ...args, gateway }),
        /give its wildcards \{ host: "\*\.bulk\.example", except \}/,
      );
      assert.throws(() => knowing([{ host: "*.other.example" }]), /does not know of it/);
      assert.throws(() => knowing([{ host: "*.bulk.example" }]), /does not except admin\.bulk\.example/);
      assert.ok(knowing([{ host: "*.bulk.example", except: ["admin.bulk.example", "more.bulk.example"] }]).length > 0);
    });

    it("is refused to who is observed, where something below it would be refused", () => {
      const [own] = given().allow as Record<string, string>[];
      const workloads = given().workloads as Record<string, object>;
      const observed = (destinations: Record<string, object>, deny: string[] = []) =>
        problemsOf({
          workloads: { ...workloads, "app-a": { ...workloads["app-a"], mode: "observe" } },
          destinations,
          allow: [own],
          deny,
        });
      const bulk = { hosts: ["*.bulk.example"] };
      const says =
        /allow\[0\]\.to[^]*app-a is observed, and refused nothing; by \*\.bulk\.example it would be refused /;
      assert.match(observed({ bulk, exact: { hosts: ["exact.bulk.example"] } }), new RegExp(`${says.source}exact`));
      assert.match(observed({ bulk }, ["secret.bulk.example"]), new RegExp(`${says.source}secret`));
      assert.equal(observed({ bulk, exact: { hosts: ["exact.example"] } }, ["secret.example"]), "");
    });

    it("has a warning for who is allowed it and not what others list below", () => {
      const [warning, ...more] = wildcardWarnings(configOf());
      assert.deepEqual(more, []);
      assert.match(
        warning!.problem,
        /test-app\/app-a is allowed \*\.bulk\.example, and so not \*\.nested\.bulk\.example of "nested", exact\.bulk\.example of "exact"/,
      );
      const allow = ["bulk", "exact", "nested"].map((to) => ({ from: appA, to, reason: "a test" }));
      assert.deepEqual(wildcardWarnings(configOf({ allow })), []);
    });
  });

  it("is found by a name in lower case, in the destination that lists it or the nearest wildcard", () => {
    const { meaning } = grantsOf(configOf());
    const found = (host: string) => {
      const meant = meaning(host);
      return meant.kind === "destination" ? `${meant.target.name} ${meant.listed}` : meant.kind;
    };
    assert.equal(found("a.b.bulk.example"), "bulk *.bulk.example");
    assert.equal(found("a.nested.bulk.example"), "nested *.nested.bulk.example");
    assert.equal(found("nested.bulk.example"), "bulk *.bulk.example");
    assert.equal(found("exact.bulk.example"), "exact exact.bulk.example");
    assert.equal(found("bulk.example"), "unknown");
  });
});

function objectsOf(config: StackConfig): Manifest[] {
  const { egress, gateways, namespaces, workloads, destinations } = planStack(config);
  return [egress, ...[gateways, namespaces, workloads, destinations].flat().map(({ manifests }) => manifests)].flat();
}

function keysOf(config: StackConfig): string[] {
  return objectsOf(config).map(({ kind, metadata: { namespace = "", name } }) => `${kind}/${namespace}/${name}`);
}

function specOf<T>(kind: string, name: string): T {
  return objectsOf(configOf()).find((object) => object.kind === kind && object.metadata.name === name)!.spec as T;
}
