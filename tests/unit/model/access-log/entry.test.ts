// Reading the lines of a gateway's log.
// Does not prove: that Envoy writes such lines; the lab's logs test reads real ones.
import assert from "node:assert/strict";
import { parseEntry } from "../../../../model/access-log";
import { accessLog, logOfRefusalsAtHome } from "../../../../model/plan/access-log";
import { atHome, httpEntry, httpsEntry, refusedHttp, refusedHttps, tcpEntry } from "./entries";

function parse(entry: Record<string, unknown>) {
  return parseEntry(JSON.stringify(entry));
}

/** What an entry has of what only some proxies write. */
function whole(entry: Record<string, unknown>): Record<string, unknown> {
  return { stage: null, verdict: null, address: null, port: null, ...entry };
}

describe("an entry of a gateway's log", () => {
  it("is read whole, allowed or denied, http or https", () => {
    for (const entry of [httpEntry(), httpEntry(refusedHttp), httpsEntry(), httpsEntry(refusedHttps)]) {
      assert.deepEqual(parse(entry), whole(entry));
    }
  });

  it("is read whole of a sidecar's log, with the fields that sidecars are told to write", () => {
    const { inner, ...https } = httpsEntry(atHome);
    for (const entry of [httpEntry(atHome), https, tcpEntry(atHome)]) {
      const log = logOfRefusalsAtHome(entry.protocol as "http", "true") as any;
      assert.deepEqual(Object.keys(entry).sort(), Object.keys(log.typed_config.log_format.json_format).sort());
      const none = { http: {}, https: { inner: null }, tcp: { host: null, method: null, status: null } }[
        entry.protocol
      ];
      assert.deepEqual(parse(entry), { ...none, ...entry });
    }
  });

  it("has the fields that the gateways are told to write, and no others", () => {
    for (const entry of [httpEntry(), httpsEntry()]) {
      const behind = { stage: "forward", identity: "identity", client: "client", name: "name" } as const;
      const [log] = accessLog(
        entry.protocol as "http" | "https",
        entry.protocol === "https" ? behind : undefined,
      ) as any[];
      assert.deepEqual(Object.keys(entry).sort(), Object.keys(log.typed_config.log_format.json_format).sort());
      for (const key of Object.keys(entry).filter((key) => !["tried", "stage", "inner"].includes(key))) {
        const { [key]: _, ...rest } = entry as Record<string, unknown>;
        assert.equal(parse(rest), undefined, `without ${key}`);
      }
    }
  });

  it("may be of a gateway that did not write all of them yet", () => {
    const { stage, tried, inner, ...rest } = httpsEntry();
    assert.ok(stage && tried && inner);
    assert.deepEqual(parse(rest), { ...whole(rest), tried: null, inner: null });
  });

  it("may be null in whatever does not apply", () => {
    for (const entry of [httpEntry(), httpsEntry()]) {
      const nulls = Object.fromEntries(Object.keys(entry).map((key) => [key, null]));
      const bare = { ...nulls, protocol: entry.protocol, time: entry.time };
      assert.deepEqual(parse(bare), whole(bare));
    }
  });

  it("has no flags and no status where Envoy writes a word for none", () => {
    const entry = parse(httpEntry({ flags: "-", status: 0 }));
    assert.deepEqual(entry, { ...whole(httpEntry()), flags: null, status: null });
    assert.equal(parse(httpEntry({ flags: "UF,URX" }))?.flags, "UF,URX");
  });

  it("is none in what others write, nor in half a line", () => {
    const line = JSON.stringify(httpEntry());
    for (const other of [
      "",
      "2026-11-22T10:15:30.123456Z\tinfo\tEnvoy proxy is ready",
      '[2026-11-22T10:15:30.123Z] "GET / HTTP/1.1" 200 - via_upstream',
      '{"level":"info","time":"2026-11-22T10:15:30.123Z","msg":"Envoy proxy is ready"}',
      "null",
      "{}",
      line.slice(0, -1),
      line.slice(20),
      JSON.stringify(httpEntry({ protocol: "udp" })),
      JSON.stringify(httpEntry({ verdict: "allowed" })),
      JSON.stringify(httpEntry({ status: "200" })),
    ]) {
      assert.equal(parseEntry(other), undefined, other);
    }
    assert.notEqual(parseEntry(line), undefined);
  });
});
