import {
  type CustomFieldHolder,
  isReadable,
  type ReadableFieldType,
  readValue,
  type ValueOf,
  valueRowsOf,
} from './custom-field-value';

/** One of a workspace's own custom fields. */
export interface CustomFieldDefinition {
  readonly id: string;
  readonly type: ReadableFieldType;
}

/** From the names that you have given to custom fields to what a record says in them. */
export type CustomFieldsOf<D extends Readonly<Record<string, CustomFieldDefinition>>> = {
  readonly [K in keyof D]: ValueOf<D[K]['type']>;
};

/**
 * A typed reader for a workspace's own custom fields. A value is `null` if nothing is filled in, and `undefined` if the
 * delivery does not say, or says that the field is of another type.
 *
 * @example
 * const fieldsOf = defineCustomFields({ budget: { id: 'clb5…', type: 'CURRENCY' } });
 * receiver.on('TODO_CREATED', ({ currentValue }) => console.log(fieldsOf(currentValue).budget?.amount));
 * @throws TypeError for a definition without an id, or of a type that is not Blue's
 */
export function defineCustomFields<const D extends Readonly<Record<string, CustomFieldDefinition>>>(
  definitions: D,
): (record: CustomFieldHolder) => CustomFieldsOf<D> {
  const fields = Object.entries(definitions);
  for (const [name, { id, type }] of fields) {
    if (typeof id !== 'string' || id === '') throw new TypeError(`The custom field '${name}' needs the id of a field.`);
    if (!isReadable(type)) throw new TypeError(`The custom field '${name}' needs a Blue field type, such as 'NUMBER'.`);
  }
  return (record) => {
    const rows = valueRowsOf(record);
    const read = ({ id, type }: CustomFieldDefinition): unknown => {
      const valueRow = rows?.find(({ customFieldId }) => customFieldId === id);
      if (!valueRow) return rows && null;
      const { type: actual = type } = valueRow.field ?? {};
      return actual === type ? readValue(type, valueRow) : undefined;
    };
    return Object.fromEntries(fields.map(([name, field]) => [name, read(field)])) as CustomFieldsOf<D>;
  };
}
