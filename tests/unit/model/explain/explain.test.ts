// Answers to "may this workload call that URL?".
// Does not prove: that the mesh does what an answer says; the lab's matrix and bypass tests ask it.
import assert from "node:assert/strict";
import fc from "fast-check";
import { manifestKey, parseConfig, planStack, StackConfig, verdicts } from "../../../../model";
import { Call, explain, Explanation, readCall, Suggestion } from "../../../../model/explain";
import { manifestsOf, rawConfig, wideAllowlists } from "../../../property/allowlists";
import { now, soundConfig } from "../config/sound-config";

const appA = "test-app/app-a";
const hammer = "istio-workload/hammer";

function callTo(url: string): Call {
  const check = readCall(url);
  assert.ok("call" in check, url);
  return check.call;
}

function ask(from: string, url: string, change: Record<string, unknown> = {}): Explanation {
  return explain(parseConfig({ ...soundConfig(), ...change }, { now }), from, callTo(url));
}

function ends(explanation: Explanation): string {
  return explanation.way[0]!.what.replace(/^.*: /, "");
}

/** The configuration with what a suggestion says to add. */
function withAddition(raw: Record<string, unknown>, { add }: Suggestion): Record<string, unknown> {
  return {
    ...raw,
    destinations: { ...(raw.destinations as object), ...add.destinations },
    allow: [...(raw.allow as object[]), ...(add.allow ?? [])],
  };
}

describe("a call that is allowed", () => {
  it("is explained by its rule, and by the resources on its way", () => {
    const rule = { from: appA, to: "github", owner: "team-a", reason: "fetches releases", expires: "2027-06-30" };
    const explanation = ask(appA, "https://github.com/a", { allow: [{ from: hammer, to: "httpbin" }, rule] });
    assert.equal(explanation.allowed, true);
    assert.equal(explanation.because, 'istio-egress:allow[1] allows https to it, in the destination "github"');
    assert.deepEqual(explanation.rule, { ...rule, path: "istio-egress:allow[1]" });
    assert.deepEqual(
      explanation.way.map(({ by }) => by),
      [
        ["Sidecar/test-app/app-a", "ServiceEntry/istio-egress/github.hosts"],
        ["DestinationRule/istio-egress/github.com", "NetworkPolicy/test-app/egress-to-gateway"],
        ["AuthorizationPolicy/istio-egress/allow-github"],
        ["EnvoyFilter/istio-egress/egress-gateway", "NetworkPolicy/istio-egress/egress-to-outside"],
      ],
    );
    assert.equal(explanation.suggestion, undefined);
  });

  it("leaves from reserved addresses where the network is the stack's own", () => {
    const cluster = { kind: "gke", project: "acme-prod", name: "prod", location: "europe-west1" };
    const last = (change: Record<string, unknown>) => ask(appA, "https://github.com", change).way.at(-1)!.what;
    assert.match(last({ cluster }), /forwards to github\.com:443, from one of the 2 reserved addresses$/);
    assert.match(last({}), /forwards to github\.com:443$/);
  });

  it("goes through the gateway's own namespace, whatever it is called", () => {
    const explanation = ask(appA, "http://github.com", { gateway: { namespace: "way-out" } });
    assert.ok(explanation.way.every(({ by }) => by.length > 0));
    assert.ok(explanation.way.flatMap(({ by }) => by).includes("AuthorizationPolicy/way-out/allow-github"));
  });
});

describe("a call that is refused", () => {
  it("because only others are allowed it names them, the nearest rule, and the rule to add", () => {
    const explanation = ask(hammer, "https://github.com");
    assert.equal(explanation.refusal, "rule");
    assert.equal(explanation.because, 'it belongs to the destination "github", which is allowed to test-app/app-a');
    assert.equal(explanation.rule?.path, "istio-egress:allow[0]");
    assert.deepEqual(explanation.suggestion, {
      add: { allow: [{ from: hammer, to: "github", owner: "WHO-ANSWERS-FOR-IT", reason: "WHAT-IT-IS-FOR" }] },
    });
  });

  it("because nobody is allowed it says so", () => {
    const explanation = ask(appA, "https://httpbin.org");
    assert.match(explanation.because, /which is allowed to nobody$/);
    assert.equal(explanation.rule, undefined);
  });

  it("because of its protocol names the rule that allows the other one, and for whom else the addition would hold", () => {
    const change = {
      destinations: { github: { hosts: ["github.com", "api.github.com"], protocols: ["https"] } },
      allow: [
        { from: appA, to: "github" },
        { from: hammer, to: "github" },
      ],
    };
    const explanation = ask(appA, "http://github.com", change);
    assert.equal(explanation.refusal, "protocol");
    assert.equal(explanation.because, "istio-egress:allow[0] allows https to it, and not http");
    assert.deepEqual(explanation.suggestion, {
      add: { destinations: { github: { hosts: ["api.github.com", "github.com"], protocols: ["http", "https"] } } },
      beware: "this holds for api.github.com, istio-workload/hammer as well",
    });
  });

  it("because no destination has the host names the host that it is taken for", () => {
    const destinations = { github: { hosts: ["github.com"] }, free: { hosts: ["example.com"] } };
    const of = (url: string) => ask(appA, url, { destinations });
    assert.match(of("https://api.github.com").because, /names are exact, so github\.com in the destination "github"/);
    assert.match(of("https://gihub.com").because, /so github\.com in the destination "github" is another one$/);
    assert.equal(of("https://api.github.com").rule?.path, "istio-egress:allow[0]");
    assert.equal(of("https://wheels.example").because, "no destination has this host");
    assert.deepEqual(of("https://wheels.example").suggestion?.add.destinations, {
      "wheels-example": { hosts: ["wheels.example"], protocols: ["https"] },
    });
  });

  it("because nobody may be allowed it, or for its address or port, can be mended by no rule", () => {
    for (const [url, refusal, because] of [
      ["https://cnn.com", "denied", /^istio-egress:deny holds cnn\.com: nobody/],
      ["https://Edition.CNN.com", "denied", /^istio-egress:deny holds cnn\.com, and edition\.cnn\.com is below it/],
      ["https://[2606:50c0::1]", "address", /^rules are for names/],
      [
        "http://10.4.0.7:8080",
        "address",
        /A pod is called by its Service's name.* an agent on a node, is one of istio-egress:outside/,
      ],
      ["https://github.com:80", "port", /^sidecars take what is sent to port 80 for http/],
      ["tcp://github.com:443", "port", /^sidecars take what is sent to port 443 for https/],
      ["github.com:53", "port", /^sidecars answer what is sent to port 53 themselves/],
      ["tcp://github.com:15006", "port", /^Istio keeps the ports 15000 to 15090/],
    ] as const) {
      const explanation = ask(appA, url);
      assert.equal(explanation.refusal, refusal, url);
      assert.match(explanation.because, because);
      assert.equal(explanation.suggestion, undefined);
    }
  });

  it("for a public address, can be mended by granting the address, with a word of warning", () => {
    const { refusal, because, suggestion } = ask(appA, "https://140.82.121.3");
    assert.equal(refusal, "address");
    assert.match(because, /^rules are for names/);
    const destination = { addresses: ["140.82.121.3"], ports: ["443/tcp"] };
    assert.deepEqual(suggestion?.add.destinations, { "140-82-121-3": destination });
    assert.match(suggestion.beware!, /if it has a name, grant that/);
  });

  it("is not of the pod's own loopback, which no sidecar and no policy is on the way to", () => {
    for (const [url, allowed] of [
      ["http://127.0.0.1:8080", true],
      ["http://[::1]:8080", true],
      ["http://128.0.0.1:8080", false],
      ["http://[::2]:8080", false],
    ] as const) {
      const explanation = ask(appA, url);
      assert.equal(explanation.allowed, allowed, url);
      assert.equal(explanation.refusal, allowed ? undefined : "address");
      assert.equal(explanation.way[0]!.at, allowed ? "in the pod" : `the sidecar of ${appA}`);
    }
  });

  it("of a name below one that is denied by itself is like that of any other host", () => {
    const deny = [{ host: "cnn.com", below: false }];
    assert.equal(ask(appA, "https://cnn.com", { deny }).refusal, "denied");
    for (const url of ["https://www.cnn.com", "https://evilcnn.com"]) {
      const { refusal, suggestion } = ask(appA, url, { deny });
      assert.equal(refusal, "host", url);
      assert.notEqual(suggestion, undefined);
    }
    assert.equal(ask(appA, "https://evilcnn.com").refusal, "host");
  });

  it("ends at its sidecar: 502, a reset, or no listener at all", () => {
    assert.equal(ends(ask(hammer, "http://wheels.example")), "it answers 502 itself");
    assert.equal(ends(ask(hammer, "https://wheels.example")), "the TLS handshake is reset");
    assert.equal(ends(ask(hammer, "http://wheels.example:8080")), "the connection is closed");
    assert.equal(ends(ask(hammer, "http://140.82.121.3")), "it answers 502 itself");
  });

  it("over http finds nobody to answer 502 where the sidecar knows nothing on port 80", () => {
    const workloads = { hammer: { namespace: "istio-workload", image: "i" } };
    const https = { github: { hosts: ["github.com"], protocols: ["https"] } };
    const rules = { allow: [{ from: hammer, to: "github" }] };
    assert.equal(
      ends(ask(hammer, "http://wheels.example", { workloads, destinations: https, ...rules })),
      "the connection is closed",
    );
    const destinations = { github: { hosts: ["github.com"] } };
    assert.equal(
      ends(ask(hammer, "http://wheels.example", { workloads, destinations, ...rules })),
      "it answers 502 itself",
    );
  });

  it("would be refused behind the sidecar too, where the gateway listens", () => {
    const gateway = (url: string) => ask(hammer, url).way.find(({ at }) => at === "the gateway");
    assert.match(gateway("http://github.com")!.what, /sa\/hammer pass to this name: 403$/);
    assert.match(gateway("https://github.com")!.what, /TLS reset$/);
    assert.deepEqual(gateway("https://github.com")!.by, [
      "AuthorizationPolicy/istio-egress/egress-gateway-denies-the-rest",
    ]);
    assert.equal(gateway("http://github.com:8080"), undefined);
  });
});

describe("the explanation of any call", () => {
  const asked = (config: StackConfig) => verdicts(config).map((verdict) => ({ verdict, call: callTo(verdict.url) }));

  it("agrees with the verdict, and names no resource that is not in the plan", () => {
    fc.assert(
      fc.property(wideAllowlists, (allowlist) => {
        const config = parseConfig({ ...rawConfig(allowlist), deny: ["cnn.com"] }, { now });
        const planned = new Set(manifestsOf(planStack(config)).map(manifestKey));
        for (const { verdict, call } of asked(config)) {
          const { allowed, rule, way, refusal } = explain(config, verdict.from, call);
          assert.equal(allowed, verdict.expected === "allow");
          assert.equal(refusal === undefined, allowed);
          assert.ok(!allowed || rule?.path === verdict.rule?.path);
          for (const { by } of way) {
            assert.ok(by.length > 0);
            by.forEach((key) => assert.ok(planned.has(key), key));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it("suggests an addition that makes the call an allowed one", () => {
    const unknown = "https://new.example.org";
    fc.assert(
      fc.property(wideAllowlists, (allowlist) => {
        const raw = rawConfig(allowlist);
        const config = parseConfig(raw, { now });
        const froms = config.workloads.map(({ namespace, name }) => `${namespace}/${name}`);
        const cases = [
          ...asked(config)
            // A service beside the mesh is for workloads of its namespace alone.
            .filter(
              ({ verdict: { from, host, beside } }) => beside === undefined || host.includes(`.${from.split("/")[0]}.`),
            )
            .map(({ verdict, call }) => ({ from: verdict.from, call })),
          ...froms.map((from) => ({ from, call: callTo(unknown) })),
        ];
        for (const { from, call } of cases) {
          const { allowed, suggestion } = explain(config, from, call);
          assert.equal(suggestion === undefined, allowed);
          if (suggestion !== undefined) {
            const after = parseConfig(withAddition(raw, suggestion), { now });
            assert.equal(explain(after, from, call).allowed, true);
          }
        }
      }),
      { numRuns: 20 },
    );
  });

  it("suggests a name for a new destination that no other has", () => {
    const destinations = {
      "wheels-example": { hosts: ["files.example.com"] },
      "wheels-example-2": { hosts: ["more.example.com"] },
    };
    const { suggestion } = ask(appA, "https://wheels.example", { destinations, allow: [] });
    assert.deepEqual(Object.keys(suggestion!.add.destinations!), ["wheels-example-3"]);
  });
});

describe("the explanation of a call to a service beside the mesh", () => {
  const url = "http://svc-foo.istio-workload.svc.cluster.local";
  const change = (via: string, clientMtls?: string) => ({
    outside: { "svc-foo": { namespace: "istio-workload", addresses: ["10.10.0.4"], via, clientMtls } },
    allow: [{ from: hammer, to: "svc-foo", owner: "team-h" }],
  });
  const about = (from: string, call: string, via: string, clientMtls?: string) =>
    explain(parseConfig({ ...soundConfig(), ...change(via, clientMtls) }, { now }), from, callTo(call));

  it("suggests a rule to a workload of its namespace, and none that would be refused to the namespace as a whole", () => {
    const url = "http://svc-foo.istio-workload.svc.cluster.local";
    const change = {
      outside: { "svc-foo": { namespace: "istio-workload", addresses: ["10.10.0.4"], via: "service" } },
    };
    const { suggestion } = ask(hammer, url, change);
    assert.doesNotThrow(() => parseConfig(withAddition({ ...soundConfig(), ...change }, suggestion!), { now }));
    const whole = ask("istio-workload/*", url, change);
    assert.deepEqual([whole.allowed, whole.suggestion], [false, undefined]);
  });

  it("names the sidecar's way, and that it goes without mutual TLS", () => {
    const { allowed, rule, way } = about(hammer, url, "service");
    assert.deepEqual([allowed, rule?.owner], [true, "team-h"]);
    assert.ok(way.some(({ by }) => by.includes("DestinationRule/istio-workload/svc-foo")));
    assert.ok(
      !about(hammer, url, "service", "mesh").way.some(({ by }) => by.some((key) => key.startsWith("DestinationRule"))),
    );
  });

  it("names the way past the sidecar, by name and by address", () => {
    for (const call of [url, "http://10.10.0.4"]) {
      const { allowed, way } = about(hammer, call, "bypass");
      assert.equal(allowed, true, call);
      assert.ok(way.some(({ what }) => /no sidecar, no identity, no log/.test(what)));
    }
    assert.equal(about(hammer, "http://10.10.0.4", "service").refusal, "address");
    assert.equal(about(hammer, "http://10.10.0.5", "bypass").refusal, "address");
  });

  it("refuses whoever has no rule, and says who has; another namespace gets no suggestion", () => {
    const refused = about(appA, url, "service");
    assert.deepEqual([refused.allowed, refused.refusal, refused.suggestion], [false, "rule", undefined]);
    assert.match(refused.because, /allowed to istio-workload\/hammer/);
    assert.equal(about(hammer, `${url}:8080`, "service").refusal, "port");
  });
});
