// What counts as a value that varies, and what looks like one and does not.
// Does not prove: that a document names the right kinds.
import assert from "node:assert/strict";
import { findVarying, Kind, kinds } from "../../walkthrough/kinds";
import { matches } from "../../walkthrough/match";

/** Per kind: values that may stand for each other. */
const alike: Record<Kind, string[][]> = {
  date: [
    ["2027-06-30T12:00:00Z", "2026-01-02T03:04:05.678901+02:00"],
    ["2027-06-30 12:00:00Z", "2026-01-02 03:04:05Z"],
    ["Wed, 30 Jun 2027 12:00:00 GMT", "Fri, 02 Jan 2026 03:04:05 GMT"],
    ["12:00:00", "03:04:05.678"],
    ["2027-06-30 12:00Z", "2026-01-02 03:04Z"],
  ],
  pod: [
    ["app-a-6c5475744d-xmthn", "app-a-5d8f9bcd7-2b9zt"],
    ["pod/egress-gateway-7f9c4b6d8-qqq4z.istio-egress", "pod/egress-gateway-66d7b8c9f4-8xzvv.istio-egress"],
  ],
  address: [
    ["10.244.0.7", "10.244.1.213"],
    ["10.244.0.7:40000", "10.244.0.9:80"],
    ["192.168.77.2:6443", "192.168.77.3:6444"],
  ],
  duration: [
    ["12s", "1m3s", "2h5m", "3d", "0.4s", "211ms"],
    ["211 ms", "0.4 s", "12 seconds", "1 second"],
  ],
  id: [
    ["0b9f3b0e-58a0-4c1b-9f4c-0d7ae4c6c1de", "11111111-2222-3333-4444-555555555555"],
    ["sha256:0a1b2c3d4e", "sha256:ffffffff"],
  ],
  count: [
    ["18 calls", "4 calls"],
    ["(3)", "(12)"],
    ["HTTP/1.1 200 in 3", "HTTP/1.1 200 in 4"],
  ],
};

/** Per kind: what is no value of it, and what it may not be taken for. */
const unlike: Record<Kind, [shown: string, seen: string][]> = {
  date: [
    ["2027-06-30", "2027-06-31"],
    ["12:00:00", "2027-06-30T12:00:00Z"],
    ["12:00:00", "25:00:00"],
    ["2027-06-30T12:00:00Z", "soon"],
  ],
  pod: [
    ["app-a-6c5475744d-xmthn", "app-b-6c5475744d-xmthn"],
    ["app-a-6c5475744d-xmthn", "app-a"],
    ["istio-egress-lab", "istio-egress-out"],
  ],
  address: [
    ["203.0.113.10", "203.0.113.11"],
    ["10.10.0.4", "10.10.0.5"],
    ["10.244.0.0/16", "10.244.1.0/16"],
    ["10.244.0.7", "192.168.77.7"],
    ["10.244.0.7", "203.0.113.10"],
    ["10.244.0.7", "10.244.0.7:80"],
  ],
  duration: [
    ["12s", "12"],
    ["12s", "12 s"],
    ["200", "502"],
    ["app-5s", "app-6s"],
  ],
  id: [
    ["abc", "abd"],
    ["0a1b2c3d4e", "0a1b"],
    ["0b9f3b0e-58a0-4c1b-9f4c-0d7ae4c6c1de", "0b9f3b0e"],
  ],
  count: [
    ["HTTP/1.1 200 OK", "HTTP/1.1 502 Bad Gateway"],
    ["1.31.1", "1.31.2"],
    ["host:8080", "host:8081"],
    ["18 calls", "-18 calls"],
    ["18 calls", "some calls"],
  ],
};

describe("walkthrough/kinds", () => {
  it("are all tried here", () => {
    assert.deepEqual([...kinds], Object.keys(alike).sort());
  });

  for (const kind of kinds) {
    it(`${kind}: takes any value for another that is written in the same form, and in its own kind's block alone`, () => {
      for (const group of alike[kind]) {
        for (const shown of group) {
          assert.deepEqual(
            findVarying(shown, [kind]).map((each) => each.kind),
            [kind],
            shown,
          );
          for (const seen of group) {
            assert.equal(matches([`a ${shown} z`], [`a ${seen} z`], [kind]), true, `${shown} → ${seen}`);
            assert.equal(matches([shown], [seen], []), shown === seen, `${shown} → ${seen}, nothing varies`);
          }
        }
      }
    });

    it(`${kind}: leaves alone what is something else`, () => {
      for (const [shown, seen] of unlike[kind]) {
        assert.equal(matches([shown], [shown], [kind]), true, shown);
        assert.equal(matches([shown], [seen], [kind]), false, `${shown} → ${seen}`);
      }
    });
  }

  it("finds all values of a line, of every kind that varies, each once", () => {
    const line = "12:00:00 app-a-6c5475744d-xmthn 10.244.0.7:40000 2/2 211 ms 5m 0a1b2c3d";
    assert.deepEqual(
      findVarying(line, kinds).map(({ kind, start, end }) => `${kind} ${line.slice(start, end)}`),
      [
        "date 12:00:00",
        "pod app-a-6c5475744d-xmthn",
        "address 10.244.0.7:40000",
        ...["count 2", "count 2", "duration 211 ms", "duration 5m", "id 0a1b2c3d"],
      ],
    );
    assert.deepEqual(findVarying(line, []), []);
  });
});
