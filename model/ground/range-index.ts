import { Cidr } from "./cidr";

/**
 * Ranges of addresses of which no two overlap, each with what is said of it. They are kept in order, and looked for by
 * halving: so a list of thousands is not gone through for each of its addresses.
 */
export class RangeIndex<T> {
  /** By their first addresses. */
  private readonly entries: { range: Cidr; value: T; added: number }[] = [];

  /** @param range none that overlaps one that is there */
  add(range: Cidr, value: T): void {
    this.entries.splice(this.firstEndingBehind(range.first), 0, { range, value, added: this.entries.length });
  }

  /** What is said of the ranges that overlap this one, the earliest added first. */
  overlapping({ first, size }: Cidr): T[] {
    const from = this.firstEndingBehind(first);
    let to = from;
    while (to < this.entries.length && this.entries[to]!.range.first < first + size) {
      to += 1;
    }
    return this.entries
      .slice(from, to)
      .sort((a, b) => a.added - b.added)
      .map(({ value }) => value);
  }

  /** The place of the first range that holds an address, or is behind it. */
  private firstEndingBehind(address: number): number {
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const { first, size } = this.entries[middle]!.range;
      if (first + size <= address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
