// Access that is taken beside a stack's file: what is granted and refused, which objects change, and who is told of it.
// Does not prove: that a cluster takes the objects, nor that a gateway ends the access; the lab's grant test does.
import assert from "node:assert/strict";
import { ConfigError, parseConfig, StackConfig } from "../../../model";
import {
  Asked,
  beyondReach,
  BreakGlass,
  breakGlassName,
  breakGlassObject,
  checkRequest,
  isOver,
  objectChanges,
  readBreakGlass,
  withBreakGlass,
} from "../../../model/break-glass";
import { explain, readCall } from "../../../model/explain";
import { graphOf } from "../../../model/graph";
import { endingsOf, grantsOf } from "../../../model/grants";
import { now, soundConfig } from "./config/sound-config";

const sound = soundConfig();
const appA = "test-app/app-a";
const appB = "test-app/app-b";

function configOf(changes: Record<string, unknown> = {}): StackConfig {
  const workloads = { ...(sound.workloads as object), "app-b": { namespace: "test-app", image: "example.com/app:1" } };
  const allow = [{ from: appA, to: "github", owner: "team-a" }];
  return parseConfig({ ...sound, workloads, allow, deny: ["cnn.com"], ...changes }, { now });
}

const asked = (changes: Partial<Asked> = {}): Asked => ({
  ...{ from: appB, host: "status.vendor.example", span: "2h", reason: "the vendor is down" },
  ...changes,
});

function take(changes: Partial<Asked> = {}, config = configOf()): BreakGlass {
  const check = checkRequest(config, asked(changes), now);
  assert.ok("record" in check, JSON.stringify(check));
  return check.record;
}

function refused(changes: Partial<Asked>, config = configOf()): string {
  const check = checkRequest(config, asked(changes), now);
  assert.ok("problem" in check, JSON.stringify(check));
  return check.problem;
}

function ask(config: StackConfig, from: string, url: string) {
  const check = readCall(url);
  assert.ok("call" in check);
  return explain(config, from, check.call);
}

const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
const moment = (at: Date) => at.toISOString().replace(/\.\d+Z$/, "Z");

describe("access beside the stack's file", () => {
  it("has a moment at which it ends, a reason, and one name for one workload and host", () => {
    const record = take({ owner: "team-b", by: "alice", host: "Status.Vendor.example" });
    assert.deepEqual(record, {
      ...{ name: breakGlassName(appB, "status.vendor.example"), from: appB, host: "status.vendor.example" },
      ...{ until: moment(later(2)), taken: moment(now), reason: "the vendor is down", owner: "team-b", by: "alice" },
      objects: [],
    });
    assert.ok(!isOver(record, new Date(later(2).getTime() - 1)) && isOver(record, later(2)));
  });

  for (const [what, changes, problem] of [
    ["a denied host", { host: "cnn.com" }, /deny holds cnn\.com.*not for an hour either/],
    ["a host below a denied one", { host: "www.cnn.com" }, /deny holds cnn\.com/],
    [
      "longer than the limit",
      { span: "9h" },
      /9h is longer than access may be taken for: 8h at most .*breakGlass\.longest/,
    ],
    ["longer than the limit in minutes", { span: "481m" }, /481m is longer/],
    ["no time", { span: "soon" }, /"soon" is no time/],
    ["no minute", { span: "0m" }, /a minute at least/],
    ["an unknown workload", { from: "test-app/app-z" }, /no workload "test-app\/app-z".*workloads: .*app-a/],
    ["a whole namespace", { from: "test-app/*" }, /no workload "test-app\/\*"/],
    ["a private address", { host: "10.20.0.5" }, /is an address.*stays closed to everybody/],
    ["a public address", { host: "203.0.113.7" }, /is an address/],
    ["a metadata server", { host: "metadata.google.internal" }, /No gateway ever reaches .*metadata server/],
    ["a private network's name", { host: "wiki.corp" }, /No gateway ever reaches|is no host/],
    ["a wildcard", { host: "*.vendor.example" }, /is a wildcard, and access is taken to one host/],
    ["a URL", { host: "https://status.vendor.example/" }, /is no host that could be granted/],
    ["a Service of the cluster", { host: "db.shop.svc.cluster.local" }, /is no host|is inside/],
    [
      "what a rule grants",
      { from: appA, host: "github.com" },
      /allow\[0\] grants test-app\/app-a the host github\.com already/,
    ],
    ["no reason", { reason: " " }, /has a reason/],
  ] as const) {
    it(`is refused for ${what}, and granted for its twin`, () => {
      assert.match(refused(changes), problem);
      assert.equal(take().from, appB);
    });
  }

  it("is refused where nothing would end it, and where nothing is refused", () => {
    assert.match(refused({}, configOf({ mesh: { kind: "existing", envoyFilters: false } })), /nothing would end it/);
    const workloads = {
      ...(sound.workloads as object),
      "app-b": { namespace: "test-app", image: "a.example/b:1", mode: "observe" },
    };
    assert.match(refused({}, configOf({ workloads })), /app-b is observed, and refused nothing/);
  });

  it("lasts as long as the configuration says at most", () => {
    assert.equal(take({ span: "24h" }, configOf({ breakGlass: { longest: "24h" } })).until, moment(later(24)));
    assert.match(refused({ span: "61m" }, configOf({ breakGlass: { longest: "1h" } })), /1h at most/);
    for (const longest of ["169h", "soon", 8, "8d", ""]) {
      assert.throws(
        () => configOf({ breakGlass: { longest } }),
        (error) => error instanceof ConfigError && error.problems[0]!.path === "istio-egress:breakGlass.longest",
        String(longest),
      );
    }
  });

  it("is read from its ConfigMap as it was written, and not from another one", () => {
    const record = take();
    const object = breakGlassObject(record, "lab", "istio-egress");
    assert.deepEqual(readBreakGlass(object as never), record);
    assert.equal(readBreakGlass({ metadata: { name: "x" }, data: { "break-glass.json": "{" } }), undefined);
    assert.equal(readBreakGlass({ metadata: { name: "x" } }), undefined);
  });
});

describe("a configuration with access beside it", () => {
  it("grants one workload one host until its moment, and nobody anything else", () => {
    const record = take();
    const config = withBreakGlass(configOf(), [record], now);
    for (const scheme of ["http", "https"]) {
      const { allowed, rule, ends } = ask(config, appB, `${scheme}://status.vendor.example`);
      assert.deepEqual([allowed, rule?.path], [true, record.name]);
      assert.match(ends!, new RegExp(`^from ${record.until} on the gateway refuses it by itself`));
      assert.ok(!ask(config, appA, `${scheme}://status.vendor.example`).allowed);
      assert.ok(!ask(config, appB, `${scheme}://other.vendor.example`).allowed);
    }
    const [edge] = graphOf(config).edges.filter(({ rule }) => rule?.path === record.name);
    assert.deepEqual([edge!.from, edge!.rule?.expires], ["workload:test-app/app-b", record.until]);
    const over = withBreakGlass(configOf(), [record], later(2));
    assert.match(
      ask(over, appB, "https://status.vendor.example").because,
      new RegExp(`${record.name} allowed it until`),
    );
  });

  it("always ends: the gateway is told when", () => {
    const records = [take(), take({ from: "istio-workload/hammer", span: "1h" }), take({ host: "github.com" })];
    const config = withBreakGlass(configOf(), records);
    const told = [...grantsOf(config).targets.keys()].flatMap((name) => endingsOf(grantsOf(config), name));
    assert.deepEqual(told.map(({ client, until }) => [client.key, until]).sort(), [
      ["istio-workload/hammer", moment(later(1))],
      [appB, moment(later(2))],
      [appB, moment(later(2))],
    ]);
  });

  it("leaves out what it grants itself, what it denies and who is gone", () => {
    const record = take({ host: "github.com" });
    const granted = configOf({ allow: [{ from: appB, to: "github" }] });
    assert.equal(withBreakGlass(granted, [record], now), granted);
    const denied = configOf({ destinations: {}, allow: [], deny: ["github.com"] });
    assert.equal(withBreakGlass(denied, [record], now), denied);
    const gone = { ...record, from: "test-app/gone" };
    const config = configOf();
    assert.equal(withBreakGlass(config, [gone], now), config);
  });
});

describe("the objects that change", () => {
  const keys = (before: StackConfig, after: StackConfig) => objectChanges(before, after).map(({ key }) => key);
  const one = withBreakGlass(configOf(), [take()]);
  const to = one.destinations.find(({ hosts }) => hosts.includes("status.vendor.example"))!.name;

  it("say that it ends before it is allowed, and are taken back the other way round", () => {
    const expected = [
      "EnvoyFilter/istio-egress/egress-gateway",
      `ServiceEntry/istio-egress/${to}.hosts`,
      "DestinationRule/istio-egress/status.vendor.example",
      `AuthorizationPolicy/istio-egress/allow-${to}`,
      "Sidecar/test-app/app-b",
    ];
    assert.deepEqual(keys(configOf(), one), expected);
    assert.deepEqual(keys(one, configOf()), [...expected].reverse());
    assert.deepEqual(beyondReach(objectChanges(configOf(), one)), []);
  });

  it("of a host that a destination has are that destination's", () => {
    const two = withBreakGlass(configOf(), [take({ host: "github.com" })]);
    assert.deepEqual(keys(configOf(), two), [
      "EnvoyFilter/istio-egress/egress-gateway",
      "AuthorizationPolicy/istio-egress/allow-github",
      "Sidecar/test-app/app-b",
    ]);
  });

  it("are beyond reach where pods or a gateway's own objects would change", () => {
    const destinations = { ...(sound.destinations as object), db: { hosts: ["db.example"], ports: ["5432/tcp"] } };
    const config = configOf({ destinations });
    const beyond = beyondReach(objectChanges(config, withBreakGlass(config, [take({ host: "db.example" }, config)])));
    assert.ok(beyond.includes("Deployment/test-app/app-b"), beyond.join(" "));
  });
});
