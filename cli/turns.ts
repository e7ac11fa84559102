/**
 * Does something for each item, for so many of them at a time, and gives what came of it in the items' order. When one fails,
 * no other is begun, and it fails the same once those that have begun are done: none is left behind.
 */
export async function inTurns<T, U>(
  items: readonly T[],
  act: (item: T) => Promise<U>,
  { atOnce }: { atOnce: number },
): Promise<U[]> {
  const results: U[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await act(items[index]!);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failures.length > 0) {
    throw failures[0];
  }
  return results;
}
