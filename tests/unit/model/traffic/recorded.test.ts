// Lines of logs in all the forms that they come in, and what is none.
// Does not prove: that log stores export in these forms; they are written here as their documentation has them.
import assert from "node:assert/strict";
import { readRecorded, RecordedCall } from "../../../../model/traffic";
import { httpEntry, httpsEntry, refusedHttp, refusedHttps } from "../access-log/entries";

function read(line: string): RecordedCall[] | string {
  const calls: RecordedCall[] = [];
  return readRecorded(line, (call) => calls.push(call)) ?? calls;
}

const time = Date.parse("2026-11-22T10:15:30.123Z");
const identity = "spiffe://cluster.local/ns/test-app/sa/app-a";
const call = { first: time, last: time, calls: 1, identity, protocol: "https", host: "github.com", port: undefined };

/** As OpenTelemetry has it: all values are texts, and `-` is a field that does not apply. */
function texts(entry: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, `${(value as string | null) ?? "-"}`]));
}

describe("a recorded line", () => {
  const entry = httpsEntry();
  const { time: _, ...timeless } = entry;
  const forms: Record<string, unknown> = {
    "a proxy's own": entry,
    "Cloud Logging's jsonPayload": { insertId: "1", jsonPayload: entry, timestamp: "2026-11-22T10:15:31Z" },
    "Cloud Logging's that has moved the time": { jsonPayload: timeless, timestamp: entry.time },
    "Cloud Logging's textPayload": { textPayload: JSON.stringify(entry), timestamp: "2026-11-22T10:15:31Z" },
    "logcli's": { labels: { app: "gateway" }, line: JSON.stringify(entry), timestamp: "2026-11-22T10:15:31Z" },
    "logcli's without a time inside": { labels: {}, line: JSON.stringify(timeless), timestamp: entry.time },
    "Docker's": { log: `${JSON.stringify(timeless)}\n`, stream: "stdout", time: entry.time },
    "Fluent Bit's": { date: time / 1000, log: JSON.stringify(timeless), kubernetes: { pod_name: "gw" } },
    "a shipper's": { "@timestamp": entry.time, message: JSON.stringify(timeless) },
    "a shipper's in Cloud Logging": { jsonPayload: { message: JSON.stringify(timeless) }, timestamp: entry.time },
    "a collector's, all of it texts": { timestamp: entry.time, body: texts(timeless) },
  };
  for (const [name, value] of Object.entries(forms)) {
    it(`is read in ${name} form`, () => {
      assert.deepEqual(read(JSON.stringify(value)), [{ ...call, outcome: "passed" }]);
    });
  }

  it("is read behind what kubectl and containerd put before it", () => {
    for (const prefix of ["2026-11-22T10:15:31.5Z ", "2026-11-22T10:15:31.5Z stdout F ", "[pod/gw-1/istio-proxy] "]) {
      assert.deepEqual(read(prefix + JSON.stringify(entry)), [{ ...call, outcome: "passed" }]);
    }
  });

  it("is read behind the labels that logcli puts before it unasked, whatever is in them", () => {
    const line = JSON.stringify(entry);
    for (const labels of ["{}", '{app="gateway"}', '{app="a", pod="b-1"}      ', '{a="{\\"x\\": 1}", b_2="}"}']) {
      assert.deepEqual(read(`2026-11-22T11:15:30+01:00 ${labels} ${line}`), [{ ...call, outcome: "passed" }], labels);
    }
    for (const other of ['{app="a"} text', '{app="a"} {"b":', '{app="a} {}', "{app=a} {}"]) {
      assert.equal(read(`2026-11-22T11:15:30+01:00 ${other}`), "cut off", other);
    }
    assert.equal(read('2026-11-22T11:15:30+01:00 {app="a"} {"level": "info"}'), "something else");
  });

  describe("in OpenTelemetry's own JSON", () => {
    const nanoseconds = `${time}000000`;
    const pairs = (fields: object) =>
      Object.entries(fields).map(([key, value]) => ({ key, value: { stringValue: value as string } }));
    const lineOf = (...logRecords: object[]) =>
      JSON.stringify({
        resourceLogs: [
          {
            resource: { attributes: pairs({ "service.name": "egress-gateway" }) },
            scopeLogs: [{ scope: {}, logRecords }],
          },
        ],
      });
    const passed = { ...call, outcome: "passed" };
    const refused = { ...call, host: "x.example", outcome: "refused" };

    it("may have many calls, each a map as gateways send it, with the record's time", () => {
      const mapOf = (fields: Record<string, unknown>) => ({ kvlistValue: { values: pairs(texts(fields)) } });
      const { time: __, ...other } = httpsEntry({ host: "x.example", ...refusedHttps });
      const records = [timeless, other].map((fields) => ({ timeUnixNano: nanoseconds, body: mapOf(fields) }));
      assert.deepEqual(read(lineOf(...records)), [passed, refused]);
    });

    it("may have a line as its text, or what a collector has read of it as attributes", () => {
      const byText = {
        observedTimeUnixNano: nanoseconds,
        timeUnixNano: "0",
        body: { stringValue: JSON.stringify(timeless) },
      };
      const byAttributes = {
        timeUnixNano: nanoseconds,
        body: { stringValue: "a line" },
        attributes: pairs(texts(timeless)),
      };
      assert.deepEqual(read(lineOf(byText)), [passed]);
      assert.deepEqual(read(lineOf(byAttributes, { body: { stringValue: "another program's" } })), [passed]);
    });

    it("has numbers and truth values as what they are", () => {
      const values = [
        ...pairs({ identity, protocol: "https", host: "db.example" }),
        { key: "port", value: { intValue: "5432" } },
        { key: "calls", value: { doubleValue: 3 } },
        { key: "outcome", value: { stringValue: "passed" } },
        { key: "other", value: { boolValue: true } },
      ];
      const body = { kvlistValue: { values } };
      assert.deepEqual(read(lineOf({ timeUnixNano: nanoseconds, body })), [
        { ...passed, host: "db.example", port: 5432, calls: 3 },
      ]);
    });

    it("is no call where it has none, whatever is in the place of records", () => {
      for (const other of [[], {}, [null], [{ scopeLogs: 1 }], [{ scopeLogs: [{ logRecords: [1, null, {}] }] }]]) {
        assert.equal(read(JSON.stringify({ resourceLogs: other })), "something else");
      }
      assert.equal(
        read(lineOf({ body: { stringValue: "text" } }, { attributes: [{ key: 1 }, null] })),
        "something else",
      );
    });
  });

  it("may be an answer of Loki's API, with many calls and times in nanoseconds", () => {
    const values = [
      [`${time}000000`, JSON.stringify(timeless)],
      [`${time}000000`, "no call"],
      [`${time + 5}000000`, JSON.stringify(timeless)],
    ];
    const answer = { status: "success", data: { resultType: "streams", result: [{ stream: {}, values }] } };
    const [first, second, ...rest] = read(JSON.stringify(answer)) as RecordedCall[];
    assert.deepEqual([first!.last, second!.last, rest], [time, time + 5, []]);
    assert.equal(read(JSON.stringify({ data: { result: [{ values: [["1", "x"]] }] } })), "something else");
  });

  it("may stand for several calls, as a recording that sums up has it", () => {
    const summed = {
      identity,
      protocol: "https",
      host: "github.com",
      outcome: "refused",
      calls: 3,
      first: "2026-11-01T00:00:00Z",
      last: entry.time,
    };
    assert.deepEqual(read(JSON.stringify(summed)), [
      { ...call, calls: 3, first: Date.parse("2026-11-01"), outcome: "refused" },
    ]);
  });

  it("tells what became of the call", () => {
    const outcomes: [Record<string, unknown>, string][] = [
      [httpEntry(), "passed"],
      [httpEntry(refusedHttp), "refused"],
      [httpEntry({ status: 403 }), "passed"],
      [texts(httpEntry(refusedHttp)), "refused"],
      [texts(httpEntry()), "passed"],
      [texts(httpEntry({ status: 400, upstream: null })), "unclear"],
      [texts(httpsEntry(refusedHttps)), "refused"],
      [texts(httpsEntry({ stage: "policies", received: 0, sent: 0 })), "unclear"],
      [httpEntry({ status: 400, upstream: null }), "unclear"],
      [httpsEntry(refusedHttps), "refused"],
      [httpsEntry({ stage: "policies", received: 0, sent: 0 }), "unclear"],
      [{ identity, protocol: "tcp", host: "db.example", port: 5432, verdict: "would be denied" }, "would be denied"],
      [{ identity, protocol: "https", host: "x.example", verdict: "denied" }, "refused"],
      [{ identity, protocol: "https", host: "x.example", verdict: "allowed" }, "passed"],
      [{ ...httpsEntry(), verdict: "constructor" }, "passed"],
    ];
    for (const [value, outcome] of outcomes) {
      assert.deepEqual(
        (read(JSON.stringify(value)) as RecordedCall[]).map((each) => each.outcome),
        [outcome],
        JSON.stringify(value),
      );
    }
  });

  it("tells host and port, however they are written", () => {
    const places: [Record<string, unknown>, string, number | undefined][] = [
      [{ host: "GitHub.com." }, "github.com", undefined],
      [{ host: "github.com:8080" }, "github.com", 8080],
      [{ host: "github.com", port: 8443 }, "github.com", 8443],
      [{ host: "github.com:80", port: "80" }, "github.com", 80],
      [{ host: "[2001:db8::1]:443" }, "[2001:db8::1]:443", undefined],
      [{ host: null }, "", undefined],
      [{ host: "-" }, "", undefined],
      [{ host: "github.com", port: 0 }, "github.com", undefined],
    ];
    for (const [changes, host, port] of places) {
      const [found] = read(JSON.stringify(httpEntry(changes))) as RecordedCall[];
      assert.deepEqual([found!.host, found!.port], [host, port]);
    }
  });

  it("is no call where it is cut off, or is another program's", () => {
    const whole = JSON.stringify(entry);
    assert.equal(read(whole.slice(0, -5)), "cut off");
    assert.equal(read(whole.slice(5)), "something else");
    const others = [
      "",
      "2026-11-22 warning envoy main",
      "{}",
      "[]",
      '{"level":"info"}',
      "null",
      '{"jsonPayload":{"a":1}}',
      "[",
      '{"line":"{}"}',
    ];
    for (const other of others) {
      assert.equal(read(other), "something else", other);
    }
    assert.equal(read(`${"x".repeat(500)}{}`), "something else");
  });

  it("has its time in UTC, by whatever number since 1970 it is written", () => {
    const at = Date.parse("2026-11-22T10:15:30Z");
    for (const written of [
      "2026-11-22 10:15:30",
      "2026-11-22T10:15:30.000",
      "2026-11-22T12:15:30+02:00",
      at / 1000,
      `${at / 1000}`,
      `${at / 1000}.000`,
      at,
      `${at}`,
      `${at}000`,
      `${at}000000`,
    ]) {
      assert.equal((read(JSON.stringify({ ...entry, time: written })) as RecordedCall[])[0]!.last, at, `${written}`);
    }
  });

  it("is no call however deep its envelopes are, and takes nobody's memory for it", () => {
    assert.equal(read(`${'{"jsonPayload":'.repeat(100_000)}1${"}".repeat(100_000)}`), "something else");
    const within = (depth: number): unknown => (depth === 0 ? entry : { log: within(depth - 1) });
    assert.equal(read(JSON.stringify(within(3))).length, 1);
    assert.equal(read(JSON.stringify(within(20))), "something else");
  });

  it("is read without a time that can be read", () => {
    for (const written of [undefined, null, "yesterday", 17, "17", 1e300, "99999999999999999999", -5]) {
      const [found] = read(JSON.stringify({ ...entry, time: written })) as RecordedCall[];
      assert.deepEqual([found!.first, found!.last, found!.host], [undefined, undefined, "github.com"]);
    }
  });
});
