import { printable } from '../printable';

const MAX_WIDTH = 48;

/** Formats rows as columns of equal width; the first row is the heading. */
export function tableOf(rows: readonly (readonly string[])[]): readonly string[] {
  const cells = rows.map((row) => row.map((cell) => printable(cell, MAX_WIDTH)));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd((widths[column] ?? 0) + 2))
      .join('')
      .trimEnd(),
  );
}

/** Formats facts, one a line; those without a value are left out. */
export function factsOf(facts: Readonly<Record<string, string | undefined>>): readonly string[] {
  const width = Math.max(...Object.keys(facts).map(({ length }) => length)) + 2;
  return Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(width)}${printable(value, 400)}`],
  );
}
