import type { CustomField, Todo, TodoCustomField } from '../events/entities';
import { isRow, type Row, relatedId, rowsOf, textOf } from '../events/row';
import { columnDifferences } from './column';
import { isSame } from './is-same';

/** A number; as the text it came in, where a number would lose digits. */
export type ExactNumber = number | string;

/** An amount of a currency. */
export interface Money {
  readonly amount: ExactNumber;
  /** Such as `EUR`. */
  readonly currency: string | undefined;
}

/** A point on the map, in degrees. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
  readonly name: string | undefined;
}

/** A telephone number. */
export interface Phone {
  readonly number: string;
  /** Such as `DE`. */
  readonly region: string | undefined;
}

/** ISO 8601. A single date has no `end`. */
export interface DateSpan {
  readonly start: string;
  readonly end: string | undefined;
  readonly timezone: string | undefined;
}

/** An option that was chosen, or a record that is referred to. */
export interface Choice {
  readonly id: string;
  readonly title: string | undefined;
}

/** A file of a field of the type `FILE`. */
export interface AttachedFile {
  readonly id: string;
  readonly name: string | undefined;
}

/** What a custom field holds, by its type. */
export interface CustomFieldValues {
  TEXT_SINGLE: string;
  TEXT_MULTI: string;
  EMAIL: string;
  URL: string;
  UNIQUE_ID: string;
  NUMBER: ExactNumber;
  PERCENT: ExactNumber;
  RATING: ExactNumber;
  TIME_DURATION: ExactNumber;
  CURRENCY: Money;
  CURRENCY_CONVERSION: Money;
  CHECKBOX: boolean;
  SELECT_SINGLE: Choice;
  SELECT_MULTI: readonly Choice[];
  REFERENCE: readonly Choice[];
  FILE: readonly AttachedFile[];
  DATE: DateSpan;
  LOCATION: Place;
  PHONE: Phone;
  /** Codes such as `DE`. */
  COUNTRY: readonly string[];
  FORMULA: ExactNumber;
  /** As it came: what is looked up may be of any type. */
  LOOKUP: unknown;
  /** A button holds nothing. */
  BUTTON: never;
}

/** The types of custom fields whose values can be read. */
export type ReadableFieldType = keyof CustomFieldValues;

/** `null` if nothing is filled in, `undefined` if the delivery does not say. */
export type ValueOf<T extends ReadableFieldType> = CustomFieldValues[T] | null | undefined;

interface FieldOfValue {
  readonly customFieldId: string;
  readonly name: string | undefined;
}

/** A value of a field whose type this version does not know, or that the delivery does not name. */
export interface UnknownCustomFieldValue extends FieldOfValue {
  readonly type: 'UNKNOWN';
  /** The type on the wire. */
  readonly typeName: string | undefined;
  /** The row as it came. */
  readonly value: TodoCustomField | CustomField;
}

type KnownCustomFieldValue = {
  [T in ReadableFieldType]: FieldOfValue & { readonly type: T; readonly value: ValueOf<T> };
}[ReadableFieldType];

/** What a record says in a custom field; `switch (value.type)` narrows `value.value`. */
export type CustomFieldValue = KnownCustomFieldValue | UnknownCustomFieldValue;

/** What has custom fields: a record. */
export type CustomFieldHolder = Pick<Todo, 'todoCustomFields' | 'customFields'> | null | undefined;

/** A row that holds a value, and the field that it belongs to. */
export interface ValueRow {
  readonly row: Row;
  readonly customFieldId: string;
  readonly field: Row | undefined;
}

/** The rows that hold a record's values, in either form; `undefined` where the record does not say. */
export function valueRowsOf(record: unknown): readonly ValueRow[] | undefined {
  if (!isRow(record)) return undefined;
  const joins = rowsOf(record.todoCustomFields);
  const rows = joins ?? rowsOf(record.customFields);
  return rows?.flatMap((row) => {
    const customFieldId = joins ? relatedId(row, 'customField') : textOf(row.id);
    const field = joins ? row.customField : row;
    return customFieldId === undefined ? [] : [{ row, customFieldId, field: isRow(field) ? field : undefined }];
  });
}

type Reader<T extends ReadableFieldType> = (row: Row, field: Row | undefined) => ValueOf<T>;

const text = ({ text }: Row) => (text === null ? null : textOf(text));
const number = ({ number }: Row) => (number === null ? null : exact(number));
const money = (row: Row, field: Row | undefined): Money | null | undefined => {
  const amount = number(row);
  return typeof amount === 'number' || typeof amount === 'string'
    ? { amount, currency: textOf(field?.currency) ?? textOf(row.currency) }
    : amount;
};

const readers: { readonly [T in ReadableFieldType]: Reader<T> } = {
  TEXT_SINGLE: text,
  TEXT_MULTI: text,
  EMAIL: text,
  URL: text,
  UNIQUE_ID: (row) => text(row) ?? asText(number(row) ?? exact(row.sequenceId)) ?? text(row),
  NUMBER: number,
  PERCENT: number,
  RATING: number,
  TIME_DURATION: number,
  CURRENCY: money,
  CURRENCY_CONVERSION: money,
  CHECKBOX: ({ checked }) => (typeof checked === 'boolean' || checked === null ? checked : undefined),
  SELECT_SINGLE: (row) => {
    const [option] = [...related(row, 'customFieldOption'), ...related(row, 'selectedOption')];
    if (option) return choice(option);
    return row.customFieldOptionId === null || row.selectedOption === null ? null : undefined;
  },
  SELECT_MULTI: (row) => {
    const joins = rowsOf(row.todoCustomFieldOptions)?.flatMap((join) => related(join, 'customFieldOption'));
    return filled((joins ?? identified(row.selectedOptions))?.map(choice));
  },
  REFERENCE: (row) => filled(identified(row.selectedTodos)?.map(choice)),
  FILE: (row) => {
    const joins = rowsOf(row.todoCustomFieldFiles)?.flatMap((join) => related(join, 'file'));
    return filled((joins ?? identified(row.files))?.map(({ id, row: { name } }) => ({ id, name: textOf(name) })));
  },
  DATE: (row) => {
    const start = row.startDate ?? row.text;
    if (typeof start !== 'string') return start === null ? null : undefined;
    return { start, end: textOf(row.endDate), timezone: textOf(row.timezone) };
  },
  LOCATION: ({ latitude, longitude, text }) => {
    if (latitude === null && longitude === null) return null;
    const north = coordinate(latitude);
    const east = coordinate(longitude);
    if (north === undefined || east === undefined) return undefined;
    return { latitude: north, longitude: east, name: textOf(text) };
  },
  PHONE: (row) => {
    const number = text(row);
    return typeof number === 'string' ? { number, region: textOf(row.regionCode) } : number;
  },
  COUNTRY: ({ countryCodes }) => {
    if (typeof countryCodes === 'string') return filled(countryCodes.split(/[\s,]+/).filter(Boolean));
    if (Array.isArray(countryCodes)) return filled(countryCodes.filter((code) => typeof code === 'string'));
    return countryCodes === null ? null : undefined;
  },
  FORMULA: (row) => number(row) ?? text(row),
  LOOKUP: (row) => row.value ?? text(row) ?? number(row),
  BUTTON: () => null,
};

/** Whether values of this type can be read. */
export const isReadable = (type: unknown): type is ReadableFieldType =>
  typeof type === 'string' && Object.hasOwn(readers, type);

/** What a row says, as a value of this type. */
export const readValue = <T extends ReadableFieldType>(type: T, { row, field }: ValueRow): ValueOf<T> =>
  readers[type](row, field);

/** A row with its field as one readable value. */
export function toCustomFieldValue(valueRow: ValueRow): CustomFieldValue {
  const { row, customFieldId, field } = valueRow;
  const about = { customFieldId, name: textOf(field?.name) };
  const type = field?.type;
  return isReadable(type)
    ? ({ ...about, type, value: readValue(type, valueRow) } as KnownCustomFieldValue)
    : { ...about, type: 'UNKNOWN', typeName: textOf(type), value: row as UnknownCustomFieldValue['value'] };
}

/**
 * Every value that a record has in its custom fields, from whichever columns hold it: join rows (`todoCustomFields`), or the
 * fields themselves (`customFields`). Empty where the delivery does not say.
 */
export const customFieldValues = (record: CustomFieldHolder): readonly CustomFieldValue[] =>
  (valueRowsOf(record) ?? []).map(toCustomFieldValue);

/**
 * What a record says in one custom field, by the field's id or, since names can be changed and can occur twice, at your own
 * risk by its name. `undefined` if the record has no value there, or does not say.
 *
 * @example
 * const budget = customFieldValue(event.currentValue, 'Budget');
 * if (budget?.type === 'CURRENCY') console.log(budget.value?.amount, budget.value?.currency);
 */
export function customFieldValue(record: CustomFieldHolder, idOrName: string): CustomFieldValue | undefined {
  const values = customFieldValues(record);
  return values.find(({ customFieldId }) => customFieldId === idOrName) ?? values.find(({ name }) => name === idOrName);
}

/** Whether two values say the same: options, records and files by their ids, in any order. */
export function isSameValue(one: CustomFieldValue, other: CustomFieldValue): boolean {
  if (one.type === 'UNKNOWN' && other.type === 'UNKNOWN') {
    const differences = columnDifferences(one.value, other.value);
    return differences.every(({ field }) => ['id', 'uid', 'createdAt'].includes(field));
  }
  return isSame(identity(one.value), identity(other.value));
}

/** A list of rows as its ids in order; anything else as it is, since it may be nested as deep as a body allows. */
function identity(value: unknown): unknown {
  if (!Array.isArray(value)) return idOrValue(value);
  const ids = value.map(idOrValue);
  return ids.every((id) => typeof id === 'string') ? ids.sort() : value;
}

const idOrValue = (value: unknown): unknown => (isRow(value) && typeof value.id === 'string' ? value.id : value);

/** As a number if all its digits fit: any 15 do. */
function exact(value: unknown): ExactNumber | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const digits = value.replace(/^\s*-?0*|\D/g, '');
  return value.trim() !== '' && digits.length <= 15 && Number.isFinite(Number(value)) ? Number(value) : value;
}

const asText = (value: ExactNumber | undefined) => (value === undefined ? undefined : String(value));

function coordinate(value: unknown): number | undefined {
  const degrees = exact(value);
  return typeof degrees === 'string' ? finite(Number.parseFloat(degrees)) : degrees;
}

const finite = (number: number) => (Number.isFinite(number) ? number : undefined);

const filled = <T>(list: readonly T[] | undefined): readonly T[] | null | undefined =>
  list?.length === 0 ? null : list;

interface Identified {
  readonly id: string;
  /** Without columns, where only the foreign key has come. */
  readonly row: Row;
}

const choice = ({ id, row: { title } }: Identified): Choice => ({ id, title: textOf(title) });

/** What a row is related to: one or none. */
function related(row: Row, relation: string): Identified[] {
  const id = relatedId(row, relation);
  const { [relation]: other } = row;
  return id === undefined ? [] : [{ id, row: isRow(other) ? other : {} }];
}

const identified = (rows: unknown): Identified[] | undefined =>
  rowsOf(rows)?.flatMap((row) => (typeof row.id === 'string' ? [{ id: row.id, row }] : []));
