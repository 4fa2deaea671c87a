import type { Kind, Row } from './rows';

/** One change that an event reports. */
export interface Difference {
  readonly event: string;
  /** The columns that it changes. */
  readonly columns: readonly string[];
}

/** Compares two rows of one entity: the events that the net change amounts to. Steps in between are lost. */
export function differences(kind: Kind, before: Row, after: Row): readonly Difference[] {
  const differs = (...columns: string[]) => columns.some((column) => !same(before[column], after[column]));
  const when = (event: string, ...columns: string[]) => (differs(...columns) ? [{ event, columns }] : []);
  switch (kind) {
    case 'record':
      return [
        ...when('TODO_NAME_CHANGED', 'title'),
        ...(differs('todoListId') ? [{ event: 'TODO_MOVED', columns: ['todoListId', 'todoList', 'position'] }] : []),
        ...when('TODO_DONE_STATUS_UPDATED', 'done'),
        ...due('TODO_DUE_DATE', before, after, ['timezone']),
        ...members('TODO_ASSIGNEE', before, after, 'todoUsers', 'userId'),
        ...members('TODO_TAG', before, after, 'todoTags', 'tagId'),
        ...(sameValues(before, after) ? [] : [{ event: 'TODO_CUSTOM_FIELD_UPDATED', columns: ['todoCustomFields'] }]),
      ];
    case 'checklist':
      return when('TODO_CHECKLIST_NAME_CHANGED', 'title');
    case 'checklistItem':
      return [
        ...when('TODO_CHECKLIST_ITEM_NAME_CHANGED', 'title'),
        ...when('TODO_CHECKLIST_ITEM_DONE_STATUS_UPDATED', 'done'),
        ...due('TODO_CHECKLIST_ITEM_DUE_DATE', before, after, []),
        ...members('TODO_CHECKLIST_ITEM_ASSIGNEE', before, after, 'checklistItemUsers', 'userId'),
      ];
    case 'list':
      return when('TODO_LIST_NAME_CHANGED', 'title');
    case 'tag':
      return when('TAG_UPDATED', 'title', 'color');
    case 'customField':
      return when(
        'CUSTOM_FIELD_UPDATED',
        'name',
        'type',
        'description',
        'min',
        'max',
        'currency',
        'prefix',
        'isDueDate',
        'formula',
        'position',
      );
    case 'comment':
      return when('COMMENT_UPDATED', 'html', 'text');
  }
}

/** Columns whose changes have no event, but are relevant to a mirror. */
const silent: Partial<Record<Kind, readonly string[]>> = {
  record: ['html', 'text', 'position', 'archived', 'color', 'cover'],
  list: ['position'],
  checklist: ['position'],
  checklistItem: ['position'],
};

/** The columns that have changed without an event. */
export const silentColumns = (kind: Kind, before: Row, after: Row): readonly string[] =>
  (silent[kind] ?? []).filter((column) => before[column] !== undefined && !same(before[column], after[column]));

function due(stem: string, before: Row, after: Row, more: readonly string[]): readonly Difference[] {
  if (same(before.startedAt, after.startedAt) && same(before.duedAt, after.duedAt)) return [];
  const has = ({ startedAt, duedAt }: Row) => Boolean(startedAt) || Boolean(duedAt);
  const change = !has(before) ? 'ADDED' : has(after) ? 'UPDATED' : 'REMOVED';
  return [{ event: `${stem}_${change}`, columns: ['startedAt', 'duedAt', ...more] }];
}

/** Added and removed members are two events; the first one carries what was added only, so that each says one thing. */
function members(stem: string, before: Row, after: Row, column: string, key: string): readonly Difference[] {
  const ids = (row: Row) => new Set(joins(row, column).map((join) => join[key]));
  const [was, is] = [ids(before), ids(after)];
  const added = [...is].some((id) => !was.has(id));
  const removed = [...was].some((id) => !is.has(id));
  return [
    ...(added ? [{ event: `${stem}_ADDED`, columns: [removed ? `+${column}` : column] }] : []),
    ...(removed ? [{ event: `${stem}_REMOVED`, columns: [column] }] : []),
  ];
}

/** A row in which the columns of a difference are as they are after it. */
export function applied(row: Row, after: Row, { columns }: Difference): Row {
  const changes = columns.map((column) => {
    if (!column.startsWith('+')) return [column, after[column]];
    const name = column.slice(1);
    const key = name === 'todoTags' ? 'tagId' : 'userId';
    const present = new Set(joins(row, name).map((join) => join[key]));
    return [name, [...joins(row, name), ...joins(after, name).filter((join) => !present.has(join[key]))]];
  });
  return { ...row, ...Object.fromEntries(changes), updatedAt: after.updatedAt };
}

type Join = Readonly<Record<string, unknown>>;
const joins = (row: Row, column: string): readonly Join[] =>
  Array.isArray(row[column]) ? (row[column] as Join[]) : [];

/** Returns the value of each custom field, without the other columns of its join row. */
function sameValues(before: Row, after: Row): boolean {
  const values = (row: Row) =>
    joins(row, 'todoCustomFields')
      .map((value) => `${value.customFieldId} ${JSON.stringify(saidBy(value))}`)
      .filter((text) => !text.endsWith(' []'))
      .sort()
      .join('\n');
  return values(before) === values(after);
}

function saidBy(value: Join): unknown {
  const single = (value.customFieldOption as Join | null | undefined)?.id ?? value.customFieldOptionId;
  const options = Array.isArray(value.todoCustomFieldOptions) ? (value.todoCustomFieldOptions as Join[]) : [];
  const several = options.map(
    ({ customFieldOptionId, customFieldOption }) => customFieldOptionId ?? (customFieldOption as Join | undefined)?.id,
  );
  const columns = ['number', 'text', 'checked', 'regionCode', 'countryCodes', 'latitude', 'longitude'].map((name) => [
    name,
    normal(value[name]),
  ]);
  const said = [...columns, ['option', normal(single)], ['options', several.length > 0 ? several.sort() : null]];
  return said.filter(([, each]) => each !== null);
}

/** `""` and absent are `null`; a number that is sent as a string is a number; times are equal in every notation. */
function normal(value: unknown): unknown {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) && value.length < 17) return Number(value);
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value)) {
    const time = Date.parse(value);
    return Number.isFinite(time) ? time : value;
  }
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

const same = (one: unknown, other: unknown): boolean => normal(one) === normal(other);
