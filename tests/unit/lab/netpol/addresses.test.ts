// Addresses, CIDRs and ranges. Does not prove that nftables reads ranges as we write them: tests/lab/netpol.test.ts.
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatAddress,
  mergeRanges,
  parseAddress,
  parseCidr,
  Range,
  rangesHold,
  subtractRanges,
} from "../../../../lab/netpol/addresses";

const small = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 8 }))
  .map(([first, length]): Range => ({ first, last: first + length }));
const everySmall = Array.from({ length: 45 }, (_, number) => number);

describe("netpol addresses", () => {
  it("reads back every address that it writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (number) => parseAddress(formatAddress(number)) === number),
    );
    assert.equal(formatAddress(0xffffffff), "255.255.255.255");
    assert.equal(parseAddress("10.244.0.5"), 0x0af40005);
  });

  for (const text of ["", "10.0.0", "10.0.0.256", "10.0.0.1.2", "fe80::1", "a.b.c.d", "10.0.0.1/8"]) {
    it(`takes ${JSON.stringify(text)} for no address`, () => assert.equal(parseAddress(text), undefined));
  }

  it("covers with a CIDR what its prefix says, host bits or not", () => {
    assert.deepEqual(parseCidr("10.244.0.7/24"), { first: 0x0af40000, last: 0x0af400ff });
    assert.deepEqual(parseCidr("192.168.77.2/32"), { first: 0xc0a84d02, last: 0xc0a84d02 });
    assert.deepEqual(parseCidr("0.0.0.0/0"), { first: 0, last: 0xffffffff });
  });

  for (const text of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "fd00::/8"]) {
    it(`takes ${JSON.stringify(text)} for no CIDR`, () => assert.equal(parseCidr(text), undefined));
  }

  it("merges ranges without changing what they hold, and leaves gaps between them", () => {
    fc.assert(
      fc.property(fc.array(small), (ranges) => {
        const merged = mergeRanges(ranges);
        for (const number of everySmall) assert.equal(rangesHold(merged, number), rangesHold(ranges, number));
        merged.slice(1).forEach(({ first }, index) => assert.ok(first > merged[index]!.last + 1));
      }),
    );
  });

  it("subtracts exactly the holes", () => {
    fc.assert(
      fc.property(small, fc.array(small), (range, holes) => {
        const left = subtractRanges(range, holes);
        for (const number of everySmall) {
          assert.equal(rangesHold(left, number), rangesHold([range], number) && !rangesHold(holes, number));
        }
      }),
    );
  });
});
