import { isObject } from '../object';

/** A row as it may have come: nothing of it is certain. */
export type Row = Readonly<Record<string, unknown>>;

/** A column that the row itself has: `__proto__` is a key like any other. */
export const columnIn = (row: Row, name: string): unknown => (Object.hasOwn(row, name) ? row[name] : undefined);

export const isRow: (value: unknown) => value is Row = isObject;

/** Returns the rows of a value that should be a list of rows; `undefined` if the value is not a list. */
export const rowsOf = (value: unknown): readonly Row[] | undefined =>
  Array.isArray(value) ? value.filter(isRow) : undefined;

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The id of what a row is related to: its foreign key, or the id of the expanded row. */
export function relatedId(row: Row, relation: string): string | undefined {
  const related = columnIn(row, relation);
  const key = columnIn(row, `${relation}Id`);
  return textOf(key) ?? (isRow(related) ? textOf(related.id) : undefined);
}
