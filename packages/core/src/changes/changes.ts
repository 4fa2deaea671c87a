import type { BlueEvent } from '../events';
import type { EntityIn } from '../events/entity';
import { isRow, type Row } from '../events/row';
import { columnDifferences } from './column';
import {
  type CustomFieldValue,
  type CustomFieldValues,
  isSameValue,
  type ReadableFieldType,
  toCustomFieldValue,
  type UnknownCustomFieldValue,
  type ValueRow,
  valueRowsOf,
} from './custom-field-value';
import { assigneeIds, type MembersDifference, membersDifference, tagIds } from './member';

type Column = string | number | boolean | readonly string[] | null | undefined;

/** The keys that a type names, without those that any row may have in addition. */
type Named<T> = keyof { [K in keyof T as string extends K ? never : number extends K ? never : K]: true };

/** The documented columns of an entity, without related rows and without `updatedAt`, which differs after every change. */
type ColumnOf<Entity> = {
  [K in Named<Entity> & keyof Entity]-?: K extends 'updatedAt'
    ? never
    : unknown extends Entity[K]
      ? K
      : [Entity[K]] extends [Column]
        ? K
        : never;
}[Named<Entity> & keyof Entity];

/** A column that changed. */
export type ColumnChange<Entity> = {
  [K in ColumnOf<Entity>]-?: { readonly field: K; readonly before: Entity[K]; readonly after: Entity[K] };
}[ColumnOf<Entity>];

/** People who were assigned, or no longer are, by their ids. */
export interface AssigneesChange extends MembersDifference {
  readonly field: 'assignees';
}

/** Tags that were put on, or taken off, by their ids. */
export interface TagsChange extends MembersDifference {
  readonly field: 'tags';
}

interface ChangedField {
  readonly field: 'customField';
  readonly customFieldId: string;
  readonly name: string | undefined;
}

/** A custom field in which a record says something else; `null` where it says nothing. `change.type` narrows the values. */
export type CustomFieldChange =
  | {
      [T in ReadableFieldType]: ChangedField & {
        readonly type: T;
        readonly before: CustomFieldValues[T] | null;
        readonly after: CustomFieldValues[T] | null;
      };
    }[ReadableFieldType]
  | (ChangedField & {
      readonly type: 'UNKNOWN';
      readonly typeName: string | undefined;
      /** The rows as they came. */
      readonly before: UnknownCustomFieldValue['value'] | null;
      readonly after: UnknownCustomFieldValue['value'] | null;
    });

/** Something that an update changed in its entity. */
export type Change<E extends BlueEvent = BlueEvent> = E extends { readonly event: 'UNKNOWN' }
  ? never
  : ChangeIn<EntityIn<E>>;

/** The name of something that an event can change. */
export type FieldIn<E extends BlueEvent> =
  Change<E> extends infer C ? (C extends { field: infer F } ? F : never) : never;

type ChangeIn<Entity> = Entity extends unknown
  ?
      | ColumnChange<Entity>
      | ('todoUsers' extends Named<Entity> ? AssigneesChange | TagsChange | CustomFieldChange : never)
      | ('checklistItemUsers' extends Named<Entity> ? AssigneesChange : never)
  : never;

/**
 * What differs between `previousValue` and `currentValue`: columns, assignees, tags, and custom fields by what they say.
 * `updatedAt` is left out. Empty for creations and deletions, and where the delivery omits what was before; what one of the
 * two does not say is not listed. A column that Blue has added since is listed by its name, which the type does not know.
 *
 * @example
 * for (const change of changes(event)) {
 *   if (change.field === 'duedAt') reschedule(event.currentValue.id, change.after);
 * }
 */
export function changes<E extends BlueEvent>(event: E): readonly Change<E>[] {
  const { previousValue: before, currentValue: after } = event as unknown as Row;
  if (!isRow(before) || !isRow(after)) return [];
  const isRecord = /^TODO_(?!CHECKLIST_|LIST_)/.test(event.event);
  const isItem = event.event.startsWith('TODO_CHECKLIST_ITEM_');
  const assignees = (isRecord || isItem) && membersDifference(assigneeIds(before), assigneeIds(after));
  const tags = isRecord && membersDifference(tagIds(before), tagIds(after));
  return [
    ...columnDifferences(before, after),
    ...(assignees ? [{ field: 'assignees', ...assignees }] : []),
    ...(tags ? [{ field: 'tags', ...tags }] : []),
    ...(isRecord ? customFieldDifferences(before, after) : []),
  ] as unknown as readonly Change<E>[];
}

/**
 * Returns what an update changed in one field, `undefined` if nothing: a column by its name, `'assignees'` or `'tags'`. For
 * `'customField'` it returns a list, since several custom fields can change in one update.
 *
 * @example
 * if (changed(event, 'done')?.after) celebrate(event.currentValue.title);
 */
export function changed<E extends BlueEvent, const F extends FieldIn<E>>(
  event: E,
  field: F,
): Changed<E, F> | undefined {
  const all = changes(event) as readonly { readonly field: unknown }[];
  const found = all.filter((change) => change.field === field);
  return (field === 'customField' && found.length > 0 ? found : found[0]) as Changed<E, F> | undefined;
}

/** What `changed` returns for a field: a list for `'customField'`. */
export type Changed<E extends BlueEvent, F extends FieldIn<E>> = F extends 'customField'
  ? readonly Extract<Change<E>, { readonly field: F }>[]
  : Extract<Change<E>, { readonly field: F }>;

function customFieldDifferences(before: Row, after: Row): object[] {
  const was = valueRowsOf(before);
  const is = valueRowsOf(after);
  if (!was || !is) return [];
  const [oldRows, newRows] = [byField(was), byField(is)];
  return [...new Set([...newRows.keys(), ...oldRows.keys()])].flatMap((id) =>
    customFieldDifference(oldRows.get(id), newRows.get(id)),
  );
}

/** The first row of each field, in order. */
function byField(rows: readonly ValueRow[]): ReadonlyMap<string, ValueRow> {
  const first = new Map<string, ValueRow>();
  for (const row of rows) if (!first.has(row.customFieldId)) first.set(row.customFieldId, row);
  return first;
}

function customFieldDifference(was: ValueRow | undefined, is: ValueRow | undefined): object[] {
  const field = is?.field ?? was?.field; // the same field in both, even if only one has it expanded
  const before = was && toCustomFieldValue({ ...was, field });
  const after = is && toCustomFieldValue({ ...is, field });
  const { value: _, ...about } = (after ?? before) as CustomFieldValue;
  const values = { before: before ? before.value : null, after: after ? after.value : null };
  if (values.before === undefined || values.after === undefined) return [];
  if (values.before === values.after || (before && after && isSameValue(before, after))) return [];
  return [{ field: 'customField', ...about, ...values }];
}
