import type { ProjectRow, RowColumns } from './workspace';

export type CustomFieldColumns = RowColumns & {
  name: string;
  type: string;
  position: number;
  description: string | null;
  /** Of a CURRENCY field. */
  currency: string | null;
  /** Of a SELECT field. */
  customFieldOptions: CustomFieldOptionRow[];
};

/** One choice of a SELECT field. */
export type CustomFieldOptionRow = OptionColumns & { customFieldId: string };
type OptionColumns = RowColumns & { title: string; color: string; position: number };

/** A custom field with its options and its workspace. */
export type CustomFieldRow = CustomFieldColumns & {
  min: number | null;
  max: number | null;
  prefix: string | null;
  isDueDate: boolean | null;
  projectId: string;
  project: ProjectRow;
};

/** A record's value of a custom field: which columns hold it depends on the field's type. */
export type CustomFieldValueColumns = {
  number: number | null;
  text: string | null;
  regionCode: string | null;
  countryCodes: string | null;
  checked: boolean | null;
  latitude: number | null;
  longitude: number | null;
};

/** A record's value of a custom field, with the field and the chosen options. */
export type TodoCustomFieldRow = RowColumns &
  CustomFieldValueColumns & {
    todoId: string;
    customFieldId: string;
    /** Of a SELECT_SINGLE field. */
    customFieldOptionId: string | null;
    customField: CustomFieldRow;
    customFieldOption: CustomFieldOptionRow | null;
    /** Of a SELECT_MULTI field. */
    todoCustomFieldOptions: TodoCustomFieldOptionRow[];
  };

/** A choice that a record has made in a SELECT_MULTI field. */
type TodoCustomFieldOptionRow = {
  id: string;
  todoCustomFieldId: string;
  customFieldOptionId: string;
  customFieldOption: CustomFieldOptionRow;
};

export function customFieldRow(columns: CustomFieldColumns, project: ProjectRow): CustomFieldRow {
  const { id, uid, name, type, position, description, currency, createdAt, updatedAt, customFieldOptions } = columns;
  return {
    id,
    uid,
    name,
    type,
    position,
    description,
    min: null,
    max: null,
    currency,
    prefix: null,
    isDueDate: null,
    createdAt,
    updatedAt,
    projectId: project.id,
    customFieldOptions,
    project,
  };
}

export function customFieldOptionRow(columns: OptionColumns, customFieldId: string): CustomFieldOptionRow {
  const { id, uid, title, color, position, createdAt, updatedAt } = columns;
  return { id, uid, title, color, position, createdAt, updatedAt, customFieldId };
}

export function todoCustomFieldRow(
  columns: RowColumns & Partial<CustomFieldValueColumns>,
  todoId: string,
  customField: CustomFieldRow,
  options: readonly CustomFieldOptionRow[] = [],
): TodoCustomFieldRow {
  const { id, uid, createdAt, updatedAt } = columns;
  const single = customField.type === 'SELECT_SINGLE' ? options[0] : undefined;
  const several = customField.type === 'SELECT_MULTI' ? options : [];
  return {
    id,
    uid,
    number: columns.number ?? null,
    text: columns.text ?? null,
    regionCode: columns.regionCode ?? null,
    countryCodes: columns.countryCodes ?? null,
    checked: columns.checked ?? null,
    latitude: columns.latitude ?? null,
    longitude: columns.longitude ?? null,
    createdAt,
    updatedAt,
    todoId,
    customFieldId: customField.id,
    customFieldOptionId: single?.id ?? null,
    customField,
    customFieldOption: single ?? null,
    todoCustomFieldOptions: several.map((option) => ({
      id: `${id}-${option.id}`,
      todoCustomFieldId: id,
      customFieldOptionId: option.id,
      customFieldOption: option,
    })),
  };
}
