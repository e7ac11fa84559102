import { Labels } from "./label-selector";
import { groupedBy } from "./order";

/**
 * Items with selectors, to be looked up by the labels that they are to fit: each is looked for under the label of its selector
 * that the fewest others have, so that a label which all have in common does not make each to be held against all.
 *
 * @param selectorOf an item's labels; one without any fits all
 * @returns for labels, the items whose selectors they meet, in the items' order
 */
export function bySelectors<T>(items: readonly T[], selectorOf: (item: T) => Labels): (labels?: Labels) => T[] {
  const entries = items.map((item, index) => ({ item, index, wanted: Object.entries(selectorOf(item)).map(textOf) }));
  const counts = new Map<string, number>();
  entries.forEach(({ wanted }) => wanted.forEach((label) => counts.set(label, (counts.get(label) ?? 0) + 1)));
  const rarest = ({ wanted }: { wanted: string[] }) =>
    wanted.reduce(
      (best, label) => (best === anyLabel || counts.get(label)! < counts.get(best)! ? label : best),
      anyLabel,
    );
  const byRarest = groupedBy(entries, rarest);
  return (labels = {}) => {
    const given = new Set(Object.entries(labels).map(textOf));
    return [anyLabel, ...given]
      .flatMap((label) => byRarest.get(label) ?? [])
      .filter(({ wanted }) => wanted.every((label) => given.has(label)))
      .sort((a, b) => a.index - b.index)
      .map(({ item }) => item);
  };
}

/** Stands for the label of a selector without labels; no label has this text. */
const anyLabel = "";

function textOf([key, value]: [string, string]): string {
  return `${key}=${value}`;
}
