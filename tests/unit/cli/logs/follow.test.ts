// Following the gateways' logs, with a kubectl of ours in place of a cluster.
// Does not prove: that the real kubectl streams so; the lab's logs test follows it.
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { ClusterError } from "../../../../cli/kubectl";
import { followDecisions, FollowOptions } from "../../../../cli/logs/follow";
import { parseConfig } from "../../../../model";
import { Decision } from "../../../../model/access-log";
import { httpEntry } from "../../model/access-log/entries";
import { now, soundConfig } from "../../model/config/sound-config";
import { FakeKubectl, logLine } from "./fake-kubectl";

const config = parseConfig(soundConfig(), { now });

function prints(...seconds: number[]): string {
  return seconds.map((second) => `echo '${logLine(httpEntry(), second)}'`).join("\n");
}

const stays = "exec sleep 60";

describe("followDecisions", () => {
  let kubectl: FakeKubectl;
  let ending: AbortController;
  let seen: Decision[];
  let troubles: string[];

  beforeEach(() => {
    kubectl = new FakeKubectl();
    ending = new AbortController();
    seen = [];
    troubles = [];
  });

  afterEach(() => {
    ending.abort();
    assert.deepEqual(kubectl.streams(), [], "a kubectl is left");
    kubectl.remove();
  });

  function follow(options: Partial<FollowOptions> = {}): Promise<void> {
    return followDecisions(config, {
      onDecisions: (decisions) => seen.push(...decisions),
      onTrouble: (text) => troubles.push(text),
      signal: ending.signal,
      every: 0.05,
      ...options,
    });
  }

  function times(): string[] {
    return seen.map(({ time, pod }) => `${pod} ${Number(time.slice(17, 19))}`);
  }

  async function until(what: string, holds: () => boolean): Promise<void> {
    const end = Date.now() + 10_000;
    while (!holds()) {
      assert.ok(Date.now() < end, `${what}: ${times().join(", ")}; ${troubles.join(" ")}`);
      await delay(20);
    }
  }

  it("gives what was logged in the order of time, then what comes, until it is told to end", async () => {
    kubectl.pods({ a: {}, b: {} });
    kubectl.log("a", [logLine(httpEntry(), 1), logLine(httpEntry(), 4)], `${prints(4, 6)}\n${stays}`);
    kubectl.log("b", [logLine(httpEntry(), 2)], `${prints(2)}\n${stays}`);
    const following = follow({ since: "10m", tail: 9 });
    await until("the streamed call", () => seen.length === 4 && kubectl.streams().length === 2);
    ending.abort();
    await following;
    assert.deepEqual(times(), ["a 1", "b 2", "a 4", "a 6"]);
    assert.deepEqual(troubles, []);
    const [first, second, ...streams] = kubectl.reads();
    assert.ok([first, second].every((read) => / --since=10m --tail=9$/.test(read!)));
    assert.deepEqual(streams.map((read) => read.replace(/^.*--timestamps /, "")).sort(), [
      "--since-time=2026-11-22T10:15:02.500000000Z --follow",
      "--since-time=2026-11-22T10:15:04.500000000Z --follow",
    ]);
  });

  it("asks a pod that had nothing to say for the same again", async () => {
    kubectl.pods({ a: {} });
    kubectl.log("a", [], `${prints(3)}\n${stays}`);
    const following = follow({ since: "1h" });
    await until("the call", () => seen.length === 1);
    ending.abort();
    await following;
    assert.match(kubectl.reads()[1]!, / --since=1h --follow$/);
  });

  it("takes up pods that come later, from their beginning", async () => {
    kubectl.pods({ a: {} });
    kubectl.log("a", []);
    const following = follow({ tail: 0 });
    await until("the first stream", () => kubectl.streams().length === 1);
    kubectl.log("late", [], `${prints(7)}\n${stays}`);
    kubectl.pods({ a: {}, late: {} });
    await until("the later pod's call", () => seen.length === 1);
    ending.abort();
    await following;
    assert.deepEqual(times(), ["late 7"]);
    assert.match(kubectl.reads().at(-1)!, /^logs late .* --timestamps --follow$/);
  });

  it("opens a stream again that has ended, and gives no call twice and none that is cut", async () => {
    kubectl.pods({ a: {} });
    const cut = logLine(httpEntry(), 3).slice(0, -9);
    kubectl.log("a", [logLine(httpEntry(), 1)], `${prints(1, 2)}\nprintf '%s' '${cut}'; exit 0`);
    const following = follow();
    await until("the streamed call", () => seen.length === 2);
    kubectl.log("a", [], `${prints(2, 3)}\n${stays}`);
    await until("the call behind the break", () => seen.length === 3);
    ending.abort();
    await following;
    assert.deepEqual(times(), ["a 1", "a 2", "a 3"]);
    assert.match(kubectl.reads().at(-1)!, / --since-time=2026-11-22T10:15:02.500000000Z --follow$/);
  });

  it("tells once of a stream that fails again and again, and nothing of one whose pod has gone", async () => {
    kubectl.pods({ a: {}, gone: {} });
    kubectl.log("a", []);
    kubectl.log("gone", []);
    kubectl.fails("follow-a", "error: unable to upgrade");
    kubectl.fails("follow-gone", 'Error from server (NotFound): pods "gone" not found');
    const following = follow();
    await until("several tries", () => kubectl.reads().length > 8);
    ending.abort();
    await following;
    assert.deepEqual(troubles, [
      "kubectl cannot follow the log of pod a, and will try again: error: unable to upgrade",
    ]);
  });

  it("gets over a cluster that does not answer for a moment, and gives up in the end", async () => {
    kubectl.pods({ a: {} });
    kubectl.log("a", []);
    const failing = follow({ patience: 0.5 });
    failing.catch(() => undefined);
    await until("the stream", () => kubectl.streams().length === 1);
    kubectl.fails("get", "no route to host");
    await delay(100);
    kubectl.pods({ a: {} });
    await delay(600);
    kubectl.fails("get", "no route to host");
    await assert.rejects(failing, { constructor: ClusterError, message: /no route to host$/ });
    assert.equal(kubectl.reads().length, 2);
  });

  it("fails at once when there is no gateway at the beginning", async () => {
    kubectl.pods({});
    await assert.rejects(follow(), { constructor: ClusterError, message: /^There is no gateway to ask/ });
  });

  it("ends a kubectl that does not want to", async () => {
    kubectl.pods({ a: {} });
    kubectl.log("a", [], `trap '' TERM INT; ${prints(1)}\nwhile :; do sleep 1; done`);
    const following = follow();
    await until("the stream", () => seen.length === 1);
    const told = Date.now();
    ending.abort();
    await following;
    assert.ok(Date.now() - told < 8_000);
  });

  it("is not begun when it is told to end before", async () => {
    kubectl.pods({ a: {} });
    ending.abort();
    await follow();
    assert.deepEqual(seen, []);
  });
});
