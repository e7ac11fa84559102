// The model's word on every call.
// Does not prove: that the mesh keeps it; `egress matrix --live` asks.
import assert from "node:assert/strict";
import { parseConfig, StackConfig, verdicts } from "../../../model";
import { explain, readCall } from "../../../model/explain";
import { now, soundConfig } from "./config/sound-config";

function allowed(change: Record<string, unknown>): string[] {
  return verdicts(parseConfig({ ...soundConfig(), ...change }, { now }))
    .filter(({ expected }) => expected === "allow")
    .map(({ from, url }) => `${from} ${url}`);
}

/** Whether `explain` says that a call is allowed. */
function isExplained(config: StackConfig, from: string, url: string): boolean {
  const check = readCall(url);
  assert.ok("call" in check, url);
  return explain(config, from, check.call).allowed;
}

describe("verdicts", () => {
  it("speak of every workload × host × protocol, hosts that nobody may be allowed among them", () => {
    const all = verdicts(parseConfig(soundConfig(), { now }));
    assert.deepEqual(
      all.map(({ from, url }) => `${from} ${url}`),
      ["istio-workload/hammer", "test-app/app-a"].flatMap((from) =>
        ["cnn.com", "github.com", "httpbin.org"].flatMap((host) => [
          `${from} http://${host}`,
          `${from} https://${host}`,
        ]),
      ),
    );
  });

  it("allow what a rule allows, and name the rule", () => {
    const config = parseConfig(soundConfig(), { now });
    assert.deepEqual(
      verdicts(config)
        .filter(({ expected }) => expected === "allow")
        .map(({ url, rule }) => [url, rule?.path]),
      [
        ["http://github.com", "istio-egress:allow[0]"],
        ["https://github.com", "istio-egress:allow[0]"],
      ],
    );
    assert.ok(verdicts(config).every(({ expected, rule }) => (expected === "allow") === (rule !== undefined)));
  });

  it("deny everything to an empty allowlist", () => assert.deepEqual(allowed({ allow: [] }), []));

  it("deny a protocol that the destination does not have", () => {
    const destinations = { github: { hosts: ["github.com"], protocols: ["https"] } };
    assert.deepEqual(allowed({ destinations }), ["test-app/app-a https://github.com"]);
  });

  it("speak of every ServiceAccount that no workload has, where a rule grants it something", () => {
    const change = { allow: [{ from: "test-app/*", to: "github", owner: "team-a", reason: "builds" }] };
    assert.deepEqual(
      allowed(change),
      ["test-app/*", "test-app/app-a"].flatMap((from) => [`${from} http://github.com`, `${from} https://github.com`]),
    );
    const config = parseConfig({ ...soundConfig(), ...change, workloads: {} }, { now });
    assert.deepEqual(
      verdicts(config).map(({ from, url, expected }) => [from, url, expected, isExplained(config, from, url)]),
      ["cnn.com", "github.com", "httpbin.org"].flatMap((host) =>
        ["http", "https"].map((protocol) => {
          const isGranted = host === "github.com";
          return ["test-app/*", `${protocol}://${host}`, isGranted ? "allow" : "deny", isGranted];
        }),
      ),
    );
  });
});
