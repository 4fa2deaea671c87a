import { columnIn, isRow, type Row, relatedId } from '../events/row';
import { isSame } from './is-same';

/** A column that differs between two rows. */
export interface ColumnDifference {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Columns that hold any JSON, so that an object in them is a value and no related row. */
const json = new Set(['repeating', 'reminder', 'formula', 'value', 'metadata', 'referenceFilter']);

const isRelated = (name: string, value: unknown): value is Row =>
  isRow(value) && typeof value.id === 'string' && !json.has(name);

const isListOfRows = (value: unknown): boolean => Array.isArray(value) && value.some(isRow);

/**
 * Returns the columns in which two rows differ, without `updatedAt`, which differs after every change. A relation counts as
 * its foreign key: a change within a related row is not a change of this row. A column that only one of the rows has is not
 * compared.
 */
export function columnDifferences(before: Row, after: Row): ColumnDifference[] {
  const differences: ColumnDifference[] = [];
  const compare = (field: string, was: unknown, is: unknown) => {
    if (was === undefined || is === undefined || isSame(was, is) || isSameNumber(was, is)) return;
    differences.push({ field, before: was, after: is });
  };
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (name === 'updatedAt') continue;
    const was = columnIn(before, name);
    const is = columnIn(after, name);
    if (isListOfRows(was) || isListOfRows(is)) continue;
    if (!isRelated(name, was) && !isRelated(name, is)) {
      compare(name, was, is);
      continue;
    }
    const key = `${name}Id`;
    if (columnIn(before, key) !== undefined && columnIn(after, key) !== undefined) continue; // compared as a column of its own
    compare(key, was === null ? null : relatedId(before, name), is === null ? null : relatedId(after, name));
  }
  return differences;
}

/** Blue sends a decimal column as a string and a float column as a number: `"32767.5"` and `32767.5` are equal. */
function isSameNumber(one: unknown, other: unknown): boolean {
  const [text, number] = typeof one === 'string' ? [one, other] : [other, one];
  return typeof text === 'string' && typeof number === 'number' && text.trim() !== '' && Number(text) === number;
}
