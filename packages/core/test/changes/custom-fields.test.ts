import { describe, expect, test } from 'vitest';
import { parseVerified } from '../../src/adapter';
import {
  changes,
  customFieldValue,
  customFieldValues,
  defineCustomFields,
  type ReadableFieldType,
} from '../../src/changes/index';
import type { Todo } from '../../src/entities';
import type { EventOf } from '../../src/index';

/** A record, as a delivery is read. */
function record(row: object): Todo {
  const body = { event: 'TODO_CREATED', currentValue: { id: 'r1', title: 'T', ...row } };
  return (parseVerified(JSON.stringify(body)).event as EventOf<'TODO_CREATED'>).currentValue;
}

/** A record whose join rows say one value. */
const joined = (type: string | undefined, columns: object, field: object = {}) =>
  record({
    todoCustomFields: [
      { id: 'v1', customFieldId: 'f1', customField: { id: 'f1', name: 'Field', type, ...field }, ...columns },
    ],
  });

const options = [
  { id: 'j1', customFieldOptionId: 'o1', customFieldOption: { id: 'o1', title: 'High' } },
  { id: 'j2', customFieldOptionId: 'o2' },
];

const readings: [ReadableFieldType, object, unknown][] = [
  ['TEXT_SINGLE', { text: 'Ünïcode' }, 'Ünïcode'],
  ['TEXT_MULTI', { text: 'a\nb' }, 'a\nb'],
  ['EMAIL', { text: 'a@example.com' }, 'a@example.com'],
  ['URL', { text: 'https://example.com' }, 'https://example.com'],
  ['UNIQUE_ID', { text: 'INV-0007' }, 'INV-0007'],
  ['UNIQUE_ID', { text: null, number: 7 }, '7'],
  ['NUMBER', { number: 12.5 }, 12.5],
  ['NUMBER', { number: '12.50' }, 12.5],
  ['NUMBER', { number: '-0.001' }, -0.001],
  ['NUMBER', { number: '12345678901234567.25' }, '12345678901234567.25'],
  ['PERCENT', { number: 40 }, 40],
  ['RATING', { number: 5 }, 5],
  ['TIME_DURATION', { number: 3600 }, 3600],
  ['CURRENCY', { number: '99.90' }, { amount: 99.9, currency: 'EUR' }],
  ['CURRENCY_CONVERSION', { number: 0 }, { amount: 0, currency: 'EUR' }],
  ['CHECKBOX', { checked: false }, false],
  [
    'SELECT_SINGLE',
    { customFieldOptionId: 'o1', customFieldOption: { id: 'o1', title: 'High' } },
    { id: 'o1', title: 'High' },
  ],
  ['SELECT_SINGLE', { customFieldOptionId: 'o1' }, { id: 'o1', title: undefined }],
  [
    'SELECT_MULTI',
    { todoCustomFieldOptions: options },
    [
      { id: 'o1', title: 'High' },
      { id: 'o2', title: undefined },
    ],
  ],
  ['REFERENCE', { selectedTodos: [{ id: 'r2', title: 'Other' }] }, [{ id: 'r2', title: 'Other' }]],
  ['FILE', { todoCustomFieldFiles: [{ id: 'j1', file: { id: 'd1', name: 'a.pdf' } }] }, [{ id: 'd1', name: 'a.pdf' }]],
  [
    'DATE',
    { startDate: '2026-01-01', endDate: '2026-01-31', timezone: 'UTC' },
    { start: '2026-01-01', end: '2026-01-31', timezone: 'UTC' },
  ],
  ['DATE', { text: '2026-01-01' }, { start: '2026-01-01', end: undefined, timezone: undefined }],
  [
    'LOCATION',
    { latitude: 52.5, longitude: '13.4', text: 'Berlin' },
    { latitude: 52.5, longitude: 13.4, name: 'Berlin' },
  ],
  ['PHONE', { text: '+49 30 1', regionCode: 'DE' }, { number: '+49 30 1', region: 'DE' }],
  ['COUNTRY', { countryCodes: 'DE, BR' }, ['DE', 'BR']],
  ['FORMULA', { number: 3 }, 3],
  ['FORMULA', { number: null, text: 'three' }, 'three'],
  ['LOOKUP', { text: 'looked up' }, 'looked up'],
  ['BUTTON', {}, null],
];

test.each(readings)('%s reads %j', (type, columns, value) => {
  expect(customFieldValues(joined(type, columns, { currency: 'EUR' }))).toEqual([
    { customFieldId: 'f1', name: 'Field', type, value },
  ]);
});

test('every type of custom field that Blue documents is read', () => {
  const types = `CHECKBOX, CURRENCY, EMAIL, LOCATION, NUMBER, PERCENT, PHONE, RATING, SELECT_MULTI, SELECT_SINGLE, TEXT_MULTI,
    TEXT_SINGLE, UNIQUE_ID, URL, FILE, COUNTRY, DATE, FORMULA, REFERENCE, LOOKUP, TIME_DURATION, BUTTON, CURRENCY_CONVERSION`;
  expect([...new Set(readings.map(([type]) => type))].toSorted()).toEqual(types.split(/,\s*/).toSorted());
});

test('the fields themselves, where they carry the values, are read as the join rows are', () => {
  const customFields = [
    { id: 'f1', name: 'Budget', type: 'CURRENCY', number: 5, currency: 'EUR' },
    { id: 'f2', name: 'Level', type: 'SELECT_SINGLE', selectedOption: { id: 'o1', title: 'High' } },
    { id: 'f3', name: 'Markets', type: 'SELECT_MULTI', selectedOptions: [{ id: 'o2', title: 'Nordics' }] },
    { id: 'f4', name: 'Country', type: 'COUNTRY', countryCodes: ['DE'] },
    { id: 'f5', name: 'Papers', type: 'FILE', files: [] },
    { id: 'f6', name: 'Sum', type: 'LOOKUP', value: [1, 2] },
  ];
  expect(customFieldValues(record({ customFields })).map(({ value }) => value)).toEqual([
    { amount: 5, currency: 'EUR' },
    { id: 'o1', title: 'High' },
    [{ id: 'o2', title: 'Nordics' }],
    ['DE'],
    null,
    [1, 2],
  ]);
});

test.each(['NUMBER', 'TEXT_SINGLE', 'CHECKBOX', 'CURRENCY', 'PHONE', 'DATE', 'COUNTRY', 'LOCATION', 'SELECT_SINGLE'])(
  'an empty %s is null, and one of which the delivery says nothing is undefined',
  (type) => {
    const empty = { number: null, text: null, checked: null, countryCodes: null, latitude: null, longitude: null };
    const [nothing] = customFieldValues(joined(type, { ...empty, customFieldOptionId: null }));
    expect(nothing?.value).toBeNull();
    const [unsaid] = customFieldValues(joined(type, {}));
    expect(unsaid?.value).toBeUndefined();
  },
);

test('a value is found by the id of its field before its name', () => {
  const value = (id: string, name: string, text: string) => ({
    id: `v-${id}`,
    customField: { id, name, type: 'TEXT_SINGLE' },
    text,
  });
  const both = record({ todoCustomFields: [value('f1', 'f2', 'by name'), value('f2', 'Remark', 'by id')] });
  expect(customFieldValue(both, 'f2')?.value).toBe('by id');
  expect(customFieldValue(both, 'Remark')?.value).toBe('by id');
  expect(customFieldValue(both, 'f3')).toBeUndefined();
  expect(customFieldValue(null, 'f3')).toBeUndefined();
});

test('a type that is not known, or not said, stays as it came', () => {
  const sparkling = joined('SPARKLE', { text: '*' });
  const [row] = sparkling.todoCustomFields ?? [];
  expect(customFieldValues(sparkling)).toEqual([
    { customFieldId: 'f1', name: 'Field', type: 'UNKNOWN', typeName: 'SPARKLE', value: row },
  ]);
  const bare = record({ todoCustomFields: [{ id: 'v1', customFieldId: 'f1', text: '*' }] });
  expect(customFieldValue(bare, 'f1')).toMatchObject({ type: 'UNKNOWN', typeName: undefined, value: { text: '*' } });
});

describe("a reader of a workspace's own fields", () => {
  const fieldsOf = defineCustomFields({
    remark: { id: 'f1', type: 'TEXT_SINGLE' },
    budget: { id: 'f2', type: 'CURRENCY' },
  });

  test('says null where a record has no value, and undefined where the delivery does not say', () => {
    expect(fieldsOf(joined('TEXT_SINGLE', { text: 'ok' }))).toEqual({ remark: 'ok', budget: null });
    expect(fieldsOf(record({}))).toEqual({ remark: undefined, budget: undefined });
    expect(fieldsOf(undefined)).toEqual({ remark: undefined, budget: undefined });
  });

  test('knows the type where the row does not, and lies for none that is of another', () => {
    expect(fieldsOf(record({ todoCustomFields: [{ id: 'v1', customFieldId: 'f1', text: 'ok' }] })).remark).toBe('ok');
    expect(fieldsOf(joined('URL', { text: 'ok' })).remark).toBeUndefined();
  });

  test.each([
    [{ id: '', type: 'NUMBER' }, /'field' needs the id/],
    [{ id: 'f1', type: 'constructor' }, /'field' needs a Blue field type/],
  ])('refuses %j immediately', (field, message) => {
    expect(() => defineCustomFields({ field } as never)).toThrow(message);
  });
});

describe('changes of custom fields', () => {
  function between(before: Todo, after: Todo) {
    const event = { event: 'TODO_CUSTOM_FIELD_UPDATED', webhook: null, previousValue: before, currentValue: after };
    return changes(event as EventOf<'TODO_CUSTOM_FIELD_UPDATED'>);
  }
  const about = { field: 'customField', customFieldId: 'f1', name: 'Field' };

  test('are determined by the values of the fields, in either form', () => {
    const money = (amount: number) => ({ amount, currency: 'EUR' });
    const was = record({ customFields: [{ id: 'f1', name: 'Old', type: 'CURRENCY', number: 1, currency: 'EUR' }] });
    expect(between(was, joined('CURRENCY', { number: '2.00' }, { currency: 'EUR' }))).toEqual([
      { ...about, type: 'CURRENCY', before: money(1), after: money(2) },
    ]);
    expect(between(was, joined('CURRENCY', { number: '1.00' }, { currency: 'EUR' }))).toEqual([]);
    expect(between(was, record({ todoCustomFields: [] }))).toEqual([
      { ...about, name: 'Old', type: 'CURRENCY', before: money(1), after: null },
    ]);
  });

  test('are empty if an option was only renamed, or options came in another order', () => {
    const chosen = (title: string) =>
      joined('SELECT_SINGLE', { customFieldOption: { id: 'o1', title }, customFieldOptionId: 'o1' });
    expect(between(chosen('High'), chosen('Higher'))).toEqual([]);
    const several = (list: object[]) => joined('SELECT_MULTI', { todoCustomFieldOptions: list });
    expect(between(several(options), several(options.toReversed()))).toEqual([]);
  });

  test('are empty if only one of the two has the value, and use the field that only one of them has', () => {
    expect(between(record({}), joined('NUMBER', { number: 1 }))).toEqual([]);
    expect(between(joined('NUMBER', {}), joined('NUMBER', { number: 1 }))).toEqual([]);
    const bare = record({ todoCustomFields: [{ id: 'v1', customFieldId: 'f1', number: 1 }] });
    expect(between(bare, joined('NUMBER', { number: 2 }))).toEqual([{ ...about, type: 'NUMBER', before: 1, after: 2 }]);
  });

  test('of an unknown type are determined by the rows', () => {
    const row = (text: string, updatedAt: string) => joined('SPARKLE', { text, updatedAt });
    expect(between(row('*', '2026-01-01T00:00:00Z'), row('*', '2026-01-02T00:00:00Z'))).toEqual([]);
    expect(between(row('*', '2026-01-01T00:00:00Z'), row('**', '2026-01-02T00:00:00Z'))).toMatchObject([
      { ...about, type: 'UNKNOWN', typeName: 'SPARKLE', before: { text: '*' }, after: { text: '**' } },
    ]);
  });
});
