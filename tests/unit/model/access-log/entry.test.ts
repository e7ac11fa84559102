// Reading the lines of a gateway's log.
// Does not prove: that Envoy writes such lines; the lab's logs test reads real ones.
import assert from "node:assert/strict";
import { parseEntry } from "../../../../model/access-log";
import { accessLog } from "../../../../model/plan/access-log";
import { httpEntry, httpsEntry, refusedHttp, refusedHttps } from "./entries";

function parse(entry: Record<string, unknown>) {
  return parseEntry(JSON.stringify(entry));
}

describe("an entry of a gateway's log", () => {
  it("is read whole, allowed or denied, http or https", () => {
    for (const entry of [httpEntry(), httpEntry(refusedHttp), httpsEntry(), httpsEntry(refusedHttps)]) {
      assert.deepEqual(parse(entry), entry);
    }
  });

  it("has the fields that the gateways are told to write, and no others", () => {
    for (const entry of [httpEntry(), httpsEntry()]) {
      const [log] = accessLog(entry.protocol as "http" | "https") as any[];
      assert.deepEqual(Object.keys(entry).sort(), Object.keys(log.typed_config.log_format.json_format).sort());
      for (const key of Object.keys(entry).filter((key) => !["tried", "stage"].includes(key))) {
        const { [key]: _, ...rest } = entry as Record<string, unknown>;
        assert.equal(parse(rest), undefined, `without ${key}`);
      }
    }
  });

  it("may be of a gateway that did not write all of them yet", () => {
    const { stage, tried, ...rest } = httpsEntry();
    assert.ok(stage && tried);
    assert.deepEqual(parse(rest), { ...rest, stage: null, tried: null });
  });

  it("may be null in whatever does not apply", () => {
    for (const entry of [httpEntry(), httpsEntry()]) {
      const nulls = Object.fromEntries(Object.keys(entry).map((key) => [key, null]));
      const bare = { ...nulls, protocol: entry.protocol, time: entry.time };
      assert.deepEqual(parse(bare), bare);
    }
  });

  it("has no flags and no status where Envoy writes a word for none", () => {
    const entry = parse(httpEntry({ flags: "-", status: 0 }));
    assert.deepEqual(entry, { ...httpEntry(), flags: null, status: null });
    assert.equal(parse(httpEntry({ flags: "UF,URX" }))?.flags, "UF,URX");
  });

  it("is none in what others write, nor in half a line", () => {
    const whole = JSON.stringify(httpEntry());
    for (const line of [
      "",
      "2026-11-22T10:15:30.123456Z\tinfo\tEnvoy proxy is ready",
      '[2026-11-22T10:15:30.123Z] "GET / HTTP/1.1" 200 - via_upstream',
      '{"level":"info","time":"2026-11-22T10:15:30.123Z","msg":"Envoy proxy is ready"}',
      "null",
      "{}",
      whole.slice(0, -1),
      whole.slice(20),
      JSON.stringify(httpEntry({ protocol: "udp" })),
      JSON.stringify(httpEntry({ status: "200" })),
    ]) {
      assert.equal(parseEntry(line), undefined, line);
    }
    assert.notEqual(parseEntry(whole), undefined);
  });
});
