// Ranges of addresses, against counting.
// Does not prove: what Google makes of a range.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Cidr, contains, formatCidr, overlap, parseCidr, prefixFor } from "../../../model/ground/cidr";
import { RangeIndex } from "../../../model/ground/range-index";

const small: fc.Arbitrary<Cidr> = fc
  .record({ block: fc.nat(63), prefix: fc.integer({ min: 26, max: 32 }) })
  .map(({ block, prefix }) => {
    const size = 2 ** (32 - prefix);
    return { first: block - (block % size), prefix, size };
  });

const addresses = ({ first, size }: Cidr) => Array.from({ length: size }, (_, index) => first + index);

describe("ranges", () => {
  it("are read and written", () => {
    assert.deepEqual(parseCidr("10.0.16.0/20"), { first: 10 * 2 ** 24 + 16 * 2 ** 8, prefix: 20, size: 4096 });
    assert.equal(formatCidr(parseCidr("255.255.255.255/32")!), "255.255.255.255/32");
    assert.equal(formatCidr(parseCidr("10.1.2.3/8")!), "10.0.0.0/8");
    assert.equal(parseCidr("0.0.0.0/0")!.size, 2 ** 32);
  });

  for (const text of [
    "",
    "10.0.0.0",
    "10.0.0/8",
    "10.0.0.256/8",
    "10.0.0.0/33",
    "010.0.0.0/8",
    "::/0",
    "10.0.0.0/8 ",
  ]) {
    it(`${JSON.stringify(text)} is none`, () => assert.equal(parseCidr(text), undefined));
  }

  it("come back as they were written", () => {
    fc.assert(fc.property(small, (range) => assert.deepEqual(parseCidr(formatCidr(range)), range)));
  });

  it("overlap when they share an address, and contain when they hold all", () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        const [mine, yours] = [new Set(addresses(a)), addresses(b)];
        assert.equal(
          overlap(a, b),
          yours.some((address) => mine.has(address)),
        );
        assert.equal(
          contains(a, b),
          yours.every((address) => mine.has(address)),
        );
      }),
    );
  });

  it("are found by what they overlap, in the order in which they were added", () => {
    fc.assert(
      fc.property(fc.array(small, { maxLength: 20 }), small, (written, sought) => {
        const index = new RangeIndex<Cidr>();
        const added: Cidr[] = [];
        for (const range of written) {
          const held = added.filter((other) => overlap(other, range));
          assert.deepEqual(index.overlapping(range), held);
          if (held.length === 0) {
            index.add(range, range);
            added.push(range);
          }
        }
        assert.deepEqual(
          index.overlapping(sought),
          added.filter((other) => overlap(other, sought)),
        );
      }),
    );
  });

  it("the longest prefix for a number of addresses is the last that holds them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 20 }), (count) => {
        const prefix = prefixFor(count);
        assert.ok(2 ** (32 - prefix) >= count);
        assert.ok(prefix === 32 || 2 ** (31 - prefix) < count);
      }),
    );
  });
});
