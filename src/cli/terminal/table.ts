/**
 * Rows in columns, as Docker prints lists: cells are followed by three blanks, no column is narrower than ten
 * with them, and the last column is as wide as it happens to be.
 */

const padding = 3;
const usualWidth = 10;

/** The header and the rows as lines, each with a line end. */
export function formatTable(rows: readonly (readonly string[])[], leastWidth = usualWidth): string {
  const columns = Math.max(0, ...rows.map((row) => row.length - 1));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(
      leastWidth,
      ...rows.filter((row) => row.length > column + 1).map((row) => length(row[column]!) + padding),
    ),
  );
  const cell = (text: string, column: number, row: readonly string[]) =>
    column === row.length - 1 ? text : text + " ".repeat(widths[column]! - length(text));
  return rows.map((row) => `${row.map((text, column) => cell(text, column, row)).join("")}\n`).join("");
}

/** In characters, as Go's tabwriter counts. */
function length(text: string): number {
  return [...text].length;
}
