import { customFieldOptionRow } from '../rows/custom-field';
import { colors, objects } from './words';
import type { CustomField, FieldValue, Workspace } from './workspace';

type Filling = Pick<FieldValue, 'options'> & {
  columns: Omit<FieldValue['columns'], 'id' | 'uid' | 'createdAt' | 'updatedAt'>;
};

/** How the values of one type of custom field are written and read. */
interface FieldType {
  readonly name: string;
  readonly options?: readonly string[];
  readonly currency?: string;
  fill(workspace: Workspace, field: CustomField): Filling;
  read(value: FieldValue): unknown;
}

const columns = (columns: Filling['columns']): Filling => ({ columns, options: [] });
const number = (value: FieldValue) => value.columns.number;
const text = (value: FieldValue) => value.columns.text;
const titles = (value: FieldValue) => value.options.map((option) => option.title);

export const fieldTypes: Readonly<Record<string, FieldType>> = {
  TEXT_SINGLE: { name: 'Remark', fill: (w) => columns({ text: w.choose(objects) }), read: text },
  NUMBER: { name: 'Pages', fill: (w) => columns({ number: w.integer(500) }), read: number },
  CURRENCY: {
    name: 'Budget',
    currency: 'EUR',
    fill: (w) => columns({ number: w.integer(1_000_000) / 100 }),
    read: number,
  },
  RATING: { name: 'Satisfaction', fill: (w) => columns({ number: 1 + w.integer(5) }), read: number },
  CHECKBOX: {
    name: 'Approved',
    fill: (w) => columns({ checked: w.random() < 0.5 }),
    read: (value) => value.columns.checked,
  },
  SELECT_SINGLE: {
    name: 'Priority Level',
    options: ['Low', 'Medium', 'High'],
    fill: (w, field) => ({ columns: {}, options: [w.choose(field.columns.customFieldOptions)] }),
    read: (value) => titles(value)[0],
  },
  SELECT_MULTI: {
    name: 'Markets',
    options: ['DACH', 'Nordics', '日本', 'Latin America'],
    fill: (w, field) => {
      const chosen = field.columns.customFieldOptions.filter(() => w.random() < 0.5);
      return { columns: {}, options: chosen.length > 0 ? chosen : field.columns.customFieldOptions.slice(0, 1) };
    },
    read: titles,
  },
  URL: { name: 'Link', fill: (w) => columns({ text: `https://example.com/${w.integer(10_000)}?a=1&b=2` }), read: text },
  PHONE: {
    name: 'Phone',
    fill: (w) => columns({ text: `+49 30 ${100_000 + w.integer(900_000)}`, regionCode: 'DE' }),
    read: text,
  },
  LOCATION: {
    name: 'Venue',
    fill: (w) => columns({ latitude: w.integer(180_000) / 1000 - 90, longitude: w.integer(360_000) / 1000 - 180 }),
    read: ({ columns: { latitude, longitude } }) => ({ latitude, longitude }),
  },
  COUNTRY: {
    name: 'Country',
    fill: (w) => columns({ countryCodes: w.choose(['DE', 'BR', 'JP', 'NO', 'NG']) }),
    read: (value) => value.columns.countryCodes,
  },
};

/** Creates a field of this type. */
export function newField(workspace: Workspace, type: string): CustomField {
  const { name, options = [], currency = null } = fieldTypes[type] as FieldType;
  const row = workspace.newRow();
  const customFieldOptions = options.map((title, place) =>
    customFieldOptionRow(
      { ...workspace.newRow(), title, color: workspace.choose(colors), position: 65535 * (place + 1) },
      row.id,
    ),
  );
  const position = 65535 * (workspace.fields.size + 1);
  return { columns: { ...row, name, type, position, description: null, currency, customFieldOptions } };
}

/** Returns a value from the columns that contain it; `null` if the record has no value. */
export function readValue(field: CustomField, value: FieldValue | undefined): unknown {
  return value ? ((fieldTypes[field.columns.type] as FieldType).read(value) ?? null) : null;
}

/** Returns a value other than the current one: changed, added or, sometimes, removed (`undefined`). */
export function otherValue(workspace: Workspace, field: CustomField, value: FieldValue | undefined) {
  if (value && workspace.random() < 0.15) return undefined;
  const row = value?.columns ?? workspace.newRow();
  const { id, uid, createdAt } = row;
  const before = JSON.stringify(readValue(field, value));
  for (;;) {
    const { columns, options } = (fieldTypes[field.columns.type] as FieldType).fill(workspace, field);
    const other: FieldValue = { columns: { id, uid, createdAt, updatedAt: workspace.now, ...columns }, options };
    if (JSON.stringify(readValue(field, other)) !== before) return other;
  }
}
