// Observed callers whose sidecars answer DNS: what is refused to them all the same, in every command's words.
// Does not prove: that meshes do so; tests/lab/observe.test.ts asks one.
import assert from "node:assert/strict";
import { classify, parseConfig, StackConfig, verdicts } from "../../../model";
import { explain, readCall } from "../../../model/explain";
import { answeredNames, answeredWarnings } from "../../../model/grants";
import { now, soundConfig } from "./config/sound-config";

const destinations = {
  database: { hosts: ["db.example"], ports: ["5432/tcp"] },
  web: { hosts: ["www.example.org", "*.wild.example"], protocols: ["https"] },
  other: { hosts: ["other.example"] },
  range: { addresses: ["198.51.100.0/24"], ports: ["5432/tcp"] },
};
const from = "test-app/app-a";

function configOf(granted: (keyof typeof destinations)[], mode = "observe", by = from): StackConfig {
  const allow = granted.map((to) => ({ from: by, to, owner: "team", reason: "a test" }));
  const namespaces = { "test-app": { mode }, "istio-workload": {} };
  return parseConfig({ ...soundConfig(), namespaces, destinations, allow }, { now });
}

const expected = (config: StackConfig) =>
  Object.fromEntries(verdicts(config).flatMap((each) => (each.from === from ? [[each.url, each.expected]] : [])));

describe("other ports of hosts that an observed caller is granted", () => {
  it("are refused where its sidecar answers DNS, of every listed host that it is granted, and of no other", () => {
    for (const by of [from, "test-app/*"]) {
      const seen = expected(configOf(["database", "web", "range"], "observe", by));
      assert.deepEqual(
        ["http://db.example", "https://db.example", "tcp://db.example:5432"].map((url) => seen[url]),
        ["deny", "deny", "allow"],
      );
      assert.deepEqual([seen["http://www.example.org"], seen["https://www.example.org"]], ["deny", "allow"]);
      assert.deepEqual(
        [seen["http://any-name.wild.example"], seen["https://any-name.wild.example"]],
        ["observe", "allow"],
      );
      assert.deepEqual([seen["http://other.example"], seen["http://cnn.com"]], ["observe", "observe"]);
    }
  });

  it("pass, and are observed, where nothing is granted on a port that needs it", () => {
    const seen = expected(configOf(["web", "range"]));
    assert.equal(seen["http://www.example.org"], "observe");
    assert.equal(seen["http://db.example"], "observe");
    assert.deepEqual(answeredNames(configOf(["web", "range"]), from), new Set());
  });

  it("are explained so", () => {
    const config = configOf(["database", "web"]);
    const call = (url: string) => {
      const check = readCall(url);
      assert.ok("call" in check, url);
      return explain(config, from, check.call);
    };
    const refused = call("https://db.example");
    assert.deepEqual([refused.allowed, refused.observed], [false, undefined]);
    assert.match(refused.because, /is observed, but other ports of hosts that it is granted are refused all the same$/);
    assert.match(refused.way.map(({ what }) => what).join("\n"), /answers the pod's DNS for db\.example/);
    assert.equal(call("https://other.example").observed, true);
    assert.equal(call("tcp://db.example:5432").allowed, true);
  });

  it("are warned of, by the hosts, where the caller is observed", () => {
    const [warning, ...others] = answeredWarnings(configOf(["database", "web"]));
    assert.deepEqual(others, []);
    assert.equal(warning!.path, "istio-egress:namespaces.test-app.mode");
    assert.match(warning!.problem, /^test-app\/app-a is observed, .*: db\.example, www\.example\.org$/);
    assert.deepEqual(answeredWarnings(configOf(["web"])), []);
    assert.deepEqual(answeredWarnings(configOf(["database"], "enforce")), []);
  });

  it("are refused by a sidecar's 503 over http, which is no refusal of anybody else's", () => {
    const refused = verdicts(configOf(["database"])).find(
      ({ url, from: by }) => by === from && url === "http://db.example",
    )!;
    const reply = { exitCode: 0, status: 503, bodySize: 90, hasUpstreamTime: false, fromEnvoy: true };
    assert.equal(classify(refused, reply).shows, "deny");
    assert.equal(classify({ ...refused, closed: undefined }, reply).shows, "unclear");
    assert.equal(classify(refused, { ...reply, hasUpstreamTime: true }).shows, "unclear");
  });
});
