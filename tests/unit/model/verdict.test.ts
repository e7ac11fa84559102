// The model's word on every call.
// Does not prove: that the mesh keeps it; `egress matrix --live` asks.
import assert from "node:assert/strict";
import { parseConfig, verdicts } from "../../../model";
import { now, soundConfig } from "./config/sound-config";

function allowed(change: Record<string, unknown>): string[] {
  return verdicts(parseConfig({ ...soundConfig(), ...change }, { now }))
    .filter(({ expected }) => expected === "allow")
    .map(({ from, url }) => `${from} ${url}`);
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
});
