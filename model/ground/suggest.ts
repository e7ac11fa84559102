import { sortedUnique } from "./order";

const mostShown = 12;

/** The known names for an `Allowed:` line, or undefined when there are none. */
export function listNames(names: Iterable<string>): string | undefined {
  const sorted = sortedUnique(names);
  if (sorted.length === 0) {
    return undefined;
  }
  const rest = sorted.length - mostShown;
  return rest > 0 ? `${sorted.slice(0, mostShown).join(", ")} and ${rest} more` : sorted.join(", ");
}

/** `did you mean "…"?` for the known name that is nearest to what was written, or undefined when none is near. */
export function didYouMean(written: string, known: Iterable<string>): string | undefined {
  const nearest = nearestName(written, known);
  return nearest === undefined ? undefined : `did you mean "${nearest}"?`;
}

/** The known name that is nearest to what was written, or undefined when none is near. */
export function nearestName(written: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  // A third of the letters may be wrong, and at least one: "gihub" is near "github", "cnn" is near nothing.
  let distance = Math.max(1, Math.floor(written.length / 3)) + 1;
  for (const name of sortedUnique(known)) {
    const candidate = editDistance(written.toLowerCase(), name.toLowerCase());
    if (candidate < distance) {
      nearest = name;
      distance = candidate;
    }
  }
  return nearest;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= a.length; row++) {
    rows[row] = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      rows[row]![column] = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (same ? 0 : 1),
        swapped ? at(row - 2, column - 2) + 1 : Infinity,
      );
    }
  }
  return at(a.length, b.length);
}
