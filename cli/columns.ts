/**
 * A table in the making: rows of text become lines, their cells as wide as the widest of their column so far. So it
 * serves rows that are all there as well as rows that come one by one.
 */
export function columns(): (rows: string[][]) => string[] {
  const widths: number[] = [];
  return (rows) => {
    for (const cells of rows) {
      cells.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
    }
    return rows.map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    );
  };
}
