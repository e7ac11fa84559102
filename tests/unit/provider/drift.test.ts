// What counts as drift, and what inputs are read back.
// Does not prove: how a server writes values; the cases stand for what it does.
import assert from "node:assert/strict";
import fc from "fast-check";
import { JsonObject } from "../../../lab/json";
import { drifted } from "../../../lab/provider/objects/read";
import { document } from "./arbitraries";

describe("drift", () => {
  it("is none while the live object is as it was given after the update", () => {
    fc.assert(
      fc.property(document, document, (input, recorded) => {
        assert.deepEqual(drifted(input, recorded, structuredClone(recorded)), input);
      }),
    );
  });

  it("is the live value of a field that the inputs have", () => {
    const input = { spec: { replicas: 1, paused: false } };
    const recorded = { spec: { replicas: 1, paused: false, strategy: "x" }, status: 1 };
    const live = { spec: { replicas: 3, paused: false, strategy: "y", more: 1 }, status: 2 };
    assert.deepEqual(drifted(input, recorded, live), { spec: { replicas: 3, paused: false } });
  });

  it("is a field that is gone", () => {
    assert.deepEqual(drifted({ a: { b: 1, c: 2 } }, { a: { b: 1, c: 2 } }, { a: { c: 2 } }), { a: { c: 2 } });
  });

  it("is not a value that the server writes in its own way", () => {
    const input = { cpu: "1000m", empty: {}, list: [] };
    assert.deepEqual(drifted(input, { cpu: "1" }, { cpu: "1", other: 2 }), input);
  });

  it("is looked for by name in lists of named things, where admission may add its own", () => {
    const input = { containers: [{ name: "app", image: "a" }] };
    const recorded: JsonObject = { containers: [{ name: "proxy" }, { name: "app", image: "a", tty: false }] };
    const same: JsonObject = { containers: [{ name: "app", image: "a", tty: true }, { name: "proxy" }] };
    assert.deepEqual(drifted(input, recorded, same), input);
    const changed: JsonObject = { containers: [{ name: "proxy" }, { name: "app", image: "b" }, { name: "miner" }] };
    assert.deepEqual(drifted(input, recorded, changed), {
      containers: [{ name: "app", image: "b" }, { name: "miner" }],
    });
  });

  it("is looked for by place in other lists of the same length, and is the whole list otherwise", () => {
    const input = { ports: [{ port: 80 }, { port: 81 }] };
    const recorded = {
      ports: [
        { port: 80, protocol: "TCP" },
        { port: 81, protocol: "TCP" },
      ],
    };
    const one = {
      ports: [
        { port: 80, protocol: "TCP" },
        { port: 82, protocol: "TCP" },
      ],
    };
    assert.deepEqual(drifted(input, recorded, one), { ports: [{ port: 80 }, { port: 82 }] });
    const shorter = { ports: [{ port: 80, protocol: "TCP" }] };
    assert.deepEqual(drifted(input, recorded, shorter), shorter);
  });
});
