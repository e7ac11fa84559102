// When the kernel's rules are rewritten. Does not prove what is written into the kernel: tests/lab/netpol.test.ts.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Enforcer, Sync } from "../../../../lab/netpol/enforcer";
import { ClusterState } from "../../../../lab/netpol/policy";
import { Pod } from "../../../../lab/netpol/resources";
import { until } from "./until";

const pod = (address: number): Pod => ({ namespace: "n", name: `p${address}`, labels: {}, address, namedPorts: [] });
const stateOf = (...addresses: number[]): ClusterState => ({ pods: addresses.map(pod), namespaces: [], policies: [] });

describe("netpol enforcer", () => {
  let state: ClusterState | undefined;
  let applied: string[];
  let syncs: Sync[];
  let errors: string[];
  let apply: (text: string) => Promise<void>;
  let enforcer: Enforcer;

  beforeEach(() => {
    state = stateOf(0x0af40005);
    applied = [];
    syncs = [];
    errors = [];
    apply = async (text) => void applied.push(text);
    enforcer = new Enforcer({
      podCidr: "10.244.0.0/24",
      state: () => state,
      apply: (text) => apply(text),
      synced: (sync) => syncs.push(sync),
      failed: (error) => errors.push(error.message),
    });
  });

  afterEach(() => enforcer.stop());

  it("answers a burst of changes with one update", async () => {
    for (let change = 0; change < 20; change++) enforcer.changed();
    await until(() => syncs.length > 0);
    await sleep(60);
    assert.equal(applied.length, 1);
    assert.deepEqual({ ...syncs[0], ms: 0 }, { ms: 0, pods: 1, isolated: 0, policies: 0 });
  });

  it("writes nothing when the rules stay the same", async () => {
    enforcer.changed();
    await until(() => syncs.length === 1);
    enforcer.changed();
    await sleep(60);
    assert.equal(applied.length, 1);
  });

  it("writes nothing while the state may be out of date, and catches up after it", async () => {
    const later = state;
    state = undefined;
    enforcer.changed();
    await sleep(60);
    assert.equal(applied.length, 0);
    state = later;
    enforcer.changed();
    await until(() => applied.length === 1);
  });

  it("runs one update at a time, and another for what changed meanwhile", async () => {
    let running = 0;
    apply = async (text) => {
      assert.equal(++running, 1);
      await sleep(50);
      running--;
      applied.push(text);
    };
    enforcer.changed();
    await until(() => running === 1);
    state = stateOf(0x0af40005, 0x0af40006);
    enforcer.changed();
    await until(() => applied.length === 2);
    assert.match(applied[1]!, /10\.244\.0\.6/);
    assert.deepEqual(errors, []);
  });

  it("reports a failure and tries again without a further change", async () => {
    apply = async () => Promise.reject(new Error("no such table"));
    enforcer.changed();
    await until(() => errors.length === 1);
    assert.deepEqual(errors, ["no such table"]);
    apply = async (text) => void applied.push(text);
    await until(() => applied.length === 1);
  });

  it("starts no update after it was stopped, and waits for the one that runs", async () => {
    let finished = false;
    apply = async () => {
      await sleep(30);
      finished = true;
    };
    enforcer.changed();
    await sleep(35);
    await enforcer.stop();
    assert.equal(finished, true);
    apply = async () => assert.fail("applied after the end");
    enforcer.changed();
    await sleep(60);
  });
});
