// What a gateway did with a call, held against the configuration.
// Does not prove: that Envoy's words for a refusal are these; the lab's logs test has it refuse for real.
import assert from "node:assert/strict";
import { parseConfig, StackConfig } from "../../../../model";
import { Decision, decider, parseEntry } from "../../../../model/access-log";
import { now, soundConfig } from "../config/sound-config";
import { atHome, httpEntry, httpsEntry, refusedHttp, refusedHttps, tcpEntry } from "./entries";

const hammer = "spiffe://cluster.local/ns/istio-workload/sa/hammer";
const pod = "egress-gateway-5f7d-x2x4z";

function configOf(changes: Record<string, unknown> = {}): StackConfig {
  const allow = [{ from: "test-app/app-a", to: "github", owner: "team-a" }];
  return parseConfig({ ...soundConfig(), allow, ...changes }, { now });
}

function decide(entry: Record<string, unknown>, config = configOf(), gateway = "egress-gateway"): Decision {
  return decider(config)(parseEntry(JSON.stringify(entry))!, { gateway, namespace: "istio-egress", pod });
}

function judged(...args: Parameters<typeof decide>) {
  const { allowed, ok, rule, because } = decide(...args);
  return { allowed, ok, rule: rule?.path, because };
}

const rule = "istio-egress:allow[0]";
const passed = { allowed: true, ok: true, rule, because: undefined };

describe("a gateway's decision", () => {
  it("names who called what, by which rule, through which pod, to which address, and what came of it", () => {
    const { rule: by, ...decision } = decide(httpEntry());
    assert.equal(by?.owner, "team-a");
    assert.deepEqual(decision, {
      time: "2026-11-22T10:15:30.123Z",
      from: "test-app/app-a",
      identity: "spiffe://cluster.local/ns/test-app/sa/app-a",
      protocol: "http",
      host: "github.com",
      allowed: true,
      ok: true,
      at: "gateway",
      gateway: "egress-gateway",
      namespace: "istio-egress",
      pod,
      upstream: "203.0.113.11:80",
      status: 200,
      received: 0,
      sent: 276,
      method: "GET",
      path: "/x",
      request: "0a1b2c3d-0000-4000-8000-000000000000",
    });
    const https = decide(httpsEntry());
    assert.deepEqual([https.upstream, https.status, https.ok], ["203.0.113.11:443", undefined, true]);
  });

  it("is a denial where the policies refused, with the reason that explain gives", () => {
    const because = 'it belongs to the destination "github", which is allowed to test-app/app-a';
    const denied = { allowed: false, ok: true, rule: undefined, because };
    assert.deepEqual(judged(httpEntry({ ...refusedHttp, identity: hammer })), denied);
    assert.deepEqual(judged(httpsEntry({ ...refusedHttps, identity: hammer })), denied);
    assert.match(judged(httpsEntry({ ...refusedHttps, host: "cnn.com" })).because!, /deny holds cnn\.com/);
  });

  it("lets a host's own 403 be, and what went wrong behind the gateway", () => {
    assert.deepEqual(judged(httpEntry({ status: 403 })), passed);
    const failed = httpEntry({ status: 503, flags: "UF", reason: "upstream_reset_before_response_started" });
    assert.deepEqual(judged(failed), passed);
    assert.equal(decide(failed).flags, "UF");
    const unresolved = { status: 503, flags: "DF", reason: "dns_resolution_failure", upstream: null };
    assert.deepEqual(judged(httpEntry(unresolved)), passed);
  });

  it("names the address that was connected to, or, without a connection, the one that was tried", () => {
    const dialled = decide(httpsEntry({ upstream: "203.0.113.12:443", tried: "203.0.113.11:443" }));
    assert.equal(dialled.upstream, "203.0.113.12:443");
    const failed = decide(httpsEntry({ upstream: null, tried: "203.0.113.11:443", flags: "UF", received: 0, sent: 0 }));
    assert.deepEqual([failed.upstream, failed.allowed, failed.ok], ["203.0.113.11:443", true, true]);
  });

  it("says that a name resolves to the inside, which no rule can grant", () => {
    const nowhere = { reason: "rbac_access_denied_matched_policy[private-answer]", upstream: null, tried: null };
    for (const entry of [httpEntry({ ...nowhere, status: 403 }), httpsEntry({ ...nowhere, received: 517 })]) {
      assert.deepEqual(judged(entry), {
        allowed: false,
        ok: false,
        rule,
        because: "github.com resolves to an address that is not public, and gateways forward to none of these",
      });
    }
  });

  it("says that the TLS inside is for another name, which no policy was asked for", () => {
    const { allowed, ok, because } = judged(httpsEntry({ ...refusedHttps, stage: "same-name", received: 517 }));
    assert.deepEqual([allowed, ok], [false, true]);
    assert.equal(because, "the TLS inside asks for another name than github.com, or for none");
  });

  it("finds the rule by a host in upper case, or with the port that goes without saying", () => {
    for (const host of ["GitHub.COM", "github.com:80"]) {
      assert.deepEqual(judged(httpEntry({ host })), passed, host);
      assert.equal(decide(httpEntry({ host })).host, "github.com");
    }
  });

  it("finds none by a host that only looks like the rule's", () => {
    for (const host of [
      ...["github.com:8080", "github.com:080", "github.com.", "github.com/", "github.com?", "x@github.com"],
      ...["%67ithub.com", "140.82.112.3", "[::1]", "", "git hub.com"],
    ]) {
      const { allowed, ok, rule, because } = judged(httpEntry({ ...refusedHttp, host }));
      assert.deepEqual({ allowed, ok, rule }, { allowed: false, ok: true, rule: undefined }, host);
      assert.ok(because, host);
    }
    assert.equal(judged(httpsEntry({ ...refusedHttps, host: "github.com:443" })).ok, true);
  });

  it("names the identity of a caller that is no workload of the stack, and the address of one without", () => {
    for (const identity of [
      "spiffe://cluster.local/ns/test-app/sa/default",
      "spiffe://elsewhere/ns/test-app/sa/app-a",
      "spiffe://cluster.local/ns/istio-workload/sa/app-a",
    ]) {
      const decision = decide(httpEntry({ ...refusedHttp, identity }));
      assert.deepEqual([decision.from, decision.ok, decision.allowed], [identity, true, false]);
      assert.equal(decision.because, "the caller is no workload of this stack");
    }
    const nobody = decide(httpsEntry({ ...refusedHttps, reason: null, identity: null }));
    assert.deepEqual([nobody.from, nobody.allowed, nobody.ok], ["10.244.0.21:48822", false, null]);
    assert.ok(!("identity" in nobody));
    assert.equal(nobody.because, "the caller showed no identity");
  });

  it("knows the identities of a mesh that has another trust domain", () => {
    const config = configOf({ mesh: { kind: "existing", trustDomain: "corp.example" } });
    const identity = "spiffe://corp.example/ns/test-app/sa/app-a";
    assert.deepEqual(judged(httpEntry({ identity }), config), passed);
    assert.equal(judged(httpEntry(), config).ok, false);
  });

  it("differs from the configuration where no rule grants what passed, and says what that may mean", () => {
    assert.deepEqual(judged(httpEntry({ host: "httpbin.org" })), {
      allowed: true,
      ok: false,
      rule: undefined,
      because:
        'no rule grants it now: it belongs to the destination "httpbin", which is allowed to nobody; ' +
        "the call is older than the configuration, or another one is applied",
    });
    const limited = configOf({ destinations: { github: { hosts: ["github.com"], protocols: ["https"] } } });
    assert.deepEqual([judged(httpEntry(), limited).ok, judged(httpsEntry(), limited).ok], [false, true]);
  });

  it("differs where a rule grants what was refused", () => {
    for (const entry of [httpEntry(refusedHttp), httpsEntry(refusedHttps)]) {
      assert.deepEqual(judged(entry), {
        allowed: false,
        ok: false,
        rule,
        because: `${rule} grants it now: the call is older than the rule, or the rule is not applied yet`,
      });
    }
  });

  it("claims neither where a call ended before anything passed", () => {
    const silent = { ...refusedHttps, reason: null };
    assert.deepEqual(judged(httpsEntry(silent)), {
      allowed: true,
      ok: null,
      rule,
      because: "it ended before anything passed",
    });
    const malformed = { status: 400, reason: "missing_host_header", host: null, upstream: null };
    assert.deepEqual(judged(httpEntry(malformed)), {
      allowed: false,
      ok: null,
      rule: undefined,
      because: "it ended before anything passed; missing_host_header; it names no host",
    });
    assert.equal(judged(httpsEntry({ ...silent, identity: hammer })).allowed, false);
  });

  it("expects a host at its own gateway alone, and services beside the mesh at none", () => {
    const config = configOf({
      gateways: { partners: { destinations: ["github"] } },
      outside: { "svc-foo": { namespace: "test-app", addresses: ["10.10.0.4"], via: "service" } },
      allow: [
        { from: "test-app/app-a", to: "github" },
        { from: "test-app/app-a", to: "svc-foo" },
      ],
    });
    assert.deepEqual(judged(httpEntry(), config, "partners"), passed);
    assert.deepEqual(judged(httpEntry(refusedHttp), config, "egress-gateway"), {
      allowed: false,
      ok: true,
      rule: undefined,
      because: "github.com is behind the gateway partners",
    });
    const beside = httpEntry({ ...refusedHttp, host: "svc-foo.test-app.svc.cluster.local" });
    assert.equal(judged(beside, config).because, "svc-foo.test-app.svc.cluster.local is behind no gateway");
  });

  it("is the same for a call that comes again, and another at another gateway", () => {
    const config = configOf({ gateways: { partners: { destinations: ["github"] } } });
    const read = decider(config);
    const entry = parseEntry(JSON.stringify(httpEntry()))!;
    const oks = ["partners", "partners", "egress-gateway"].map(
      (gateway) => read(entry, { gateway, namespace: "istio-egress", pod }).ok,
    );
    assert.deepEqual(oks, [true, true, false]);
  });
});

describe("a sidecar's refusal", () => {
  const read = (entry: Record<string, unknown>) =>
    decider(configOf())(parseEntry(JSON.stringify(entry))!, { namespace: "test-app", pod: "app-a-1" });

  it("names who called what, and why no rule grants it", () => {
    const { at, from, host, allowed, ok, because, gateway, namespace, pod } = read(
      httpEntry({ ...atHome, port: 80, host: "www.example.com", status: 502 }),
    );
    assert.deepEqual([at, from, host, allowed, ok], ["sidecar", "test-app/app-a", "www.example.com", false, true]);
    assert.deepEqual([gateway, namespace, pod], [undefined, "test-app", "app-a-1"]);
    assert.equal(because, "no destination has this host");
  });

  it("is marked where a rule grants the call now", () => {
    for (const entry of [httpEntry({ ...atHome, port: 80 }), httpsEntry(atHome)]) {
      const { allowed, ok, rule: by, because } = read(entry);
      assert.deepEqual([allowed, ok, by?.path], [false, false, rule]);
      assert.match(because!, /grants it now: the call is older than the rule/);
    }
  });

  it("is held against the port that was dialled, whatever the Host header says", () => {
    for (const entry of [
      httpEntry({ ...atHome, port: 8080 }),
      httpEntry({ ...atHome, port: 8080, host: "github.com:80" }),
      httpsEntry({ ...atHome, port: 8080 }),
    ]) {
      const { host, ok, because } = read(entry);
      assert.deepEqual([host, ok], ["github.com:8080", true]);
      assert.match(because!, /port/);
    }
  });

  it("says that a connection without a name has none", () => {
    const { protocol, host, ok, because } = read(tcpEntry({ ...atHome, port: 5432 }));
    assert.deepEqual([protocol, host, ok], ["tcp", "203.0.113.11:5432", true]);
    assert.equal(because, "it names no host, only an address, and rules are for names");
  });
});
