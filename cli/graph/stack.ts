/** One thing in a column, under the others. Px. */
export interface Item {
  height: number;
  /** Least distance to the bottom of the one above; of the first, to nothing. */
  gap: number;
  /** Where its top would best be. @default wherever it stays close to the one above */
  wish?: number;
}

/** What does not care where it is follows those that do. */
const carefree = 1e-6;

/**
 * The tops of a column's items in the given order, each as near to its wish as the others let it be: the least sum of
 * squares, by pooling neighbours that are in each other's way.
 */
export function stackColumn(items: readonly Item[]): number[] {
  let least = 0;
  const offsets = items.map(({ gap }, index) => (least += index === 0 ? 0 : items[index - 1]!.height + gap));

  const pools: { sum: number; weight: number; count: number }[] = [];
  items.forEach(({ wish }, index) => {
    const weight = wish === undefined ? carefree : 1;
    let pool = { sum: ((wish ?? 0) - offsets[index]!) * weight, weight, count: 1 };
    for (let above = pools.at(-1); above && above.sum / above.weight >= pool.sum / pool.weight; above = pools.at(-1)) {
      pools.pop();
      pool = {
        sum: above.sum + pool.sum,
        weight: above.weight + pool.weight,
        count: above.count + pool.count,
      };
    }
    pools.push(pool);
  });
  const shifts = pools.flatMap(({ sum, weight, count }) => Array<number>(count).fill(sum / weight));
  return offsets.map((offset, index) => offset + shifts[index]!);
}
