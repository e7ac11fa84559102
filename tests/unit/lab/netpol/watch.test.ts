// Copies of collections that follow a stand-in API server. Does not prove TLS or a real server's timing: the lab does.
import assert from "node:assert/strict";
import { ApiClient } from "../../../../lab/kubernetes/client";
import { ApiObject } from "../../../../lab/netpol/resources";
import { Watch } from "../../../../lab/netpol/watch";
import { FakeApi } from "./fake-api";
import { until } from "./until";

const path = "/api/v1/namespaces";
const named = (name: string): ApiObject => ({ metadata: { name } });

describe("netpol watch", () => {
  let api: FakeApi;
  let watch: Watch<string>;
  let errors: string[];
  let changes: number;
  let stop: AbortController;
  let ended: Promise<void>;

  beforeEach(async () => {
    api = new FakeApi();
    errors = [];
    changes = 0;
    stop = new AbortController();
    api.put(path, named("a"));
    const client = new ApiClient({
      context: "fake",
      server: await api.start(),
      namespace: "default",
      cluster: {},
      user: {},
    });
    watch = new Watch({
      client,
      path,
      decode: ({ metadata }) => metadata.name,
      changed: () => changes++,
      failed: (error) => errors.push(error.message),
      pause: 5,
    });
    ended = watch.run(stop.signal);
  });

  afterEach(async () => {
    stop.abort();
    await ended;
    await api.stop();
  });

  const holds = (...names: string[]): Promise<void> =>
    until(
      () => watch.current && watch.values().sort().join() === names.join(),
      () => watch.values().join(),
    );
  const listings = (): number => api.requests.filter((request) => !request.includes("watch=true")).length;

  it("is not current before the first list", () => assert.equal(watch.current, false));

  it("follows additions, changes and deletions", async () => {
    await holds("a");
    api.put(path, named("b"));
    await holds("a", "b");
    api.remove(path, named("a"));
    await holds("b");
    assert.deepEqual(errors, []);
  });

  it("lists a large collection in pages", async () => {
    const names = Array.from({ length: 1201 }, (_, number) => `n${String(number).padStart(4, "0")}`);
    stop.abort();
    await ended;
    for (const name of names) api.put(path, named(name));
    stop = new AbortController();
    ended = watch.run(stop.signal);
    api.forget();
    await holds("a", ...names);
    assert.ok(api.requests.some((request) => request.includes("continue=1000")));
  });

  it("goes on where a watch ended, without a new list", async () => {
    await holds("a");
    api.endWatches();
    await until(() => !watch.current);
    api.put(path, named("b"));
    await holds("a", "b");
    assert.equal(listings(), 1);
    assert.deepEqual(errors, []);
  });

  it("takes a bookmark's version to go on from", async () => {
    await holds("a");
    api.bookmark(path);
    api.endWatches();
    await until(() => api.requests.filter((request) => request.includes("watch=true")).length === 2);
    assert.match(api.requests.at(-1)!, /resourceVersion=12&/);
  });

  it("survives cut connections and keeps what it knows", async () => {
    await holds("a");
    api.cutConnections();
    await until(() => errors.length > 0);
    assert.deepEqual(watch.values(), ["a"]);
    api.put(path, named("b"));
    await holds("a", "b");
  });

  it("lists again when its version is gone at the start of a watch", async () => {
    await holds("a");
    api.outage = 503;
    api.cutConnections();
    await until(() => errors.some((error) => error.includes("503")));
    api.remove(path, named("a"));
    api.put(path, named("b"));
    api.forget();
    api.outage = undefined;
    await holds("b");
    assert.equal(listings(), 2);
  });

  it("lists again when its version is gone in the middle of a watch", async () => {
    await holds("a");
    api.forget();
    api.expireWatches();
    await until(() => listings() === 2);
    await holds("a");
  });

  it("says what the server said", async () => {
    await holds("a");
    api.outage = 403;
    api.cutConnections();
    await until(() => errors.some((error) => /^\/api\/v1\/namespaces: 403 out of order$/.test(error)));
  });

  it("ends when told to, in whatever it does", async () => {
    await holds("a");
    stop.abort();
    await ended;
    const seen = changes;
    api.put(path, named("b"));
    assert.equal(changes, seen);
  });
});
