import type { RowColumns } from '../rows/workspace';

/** One change of an update; `updatedAt`, which changes with each, is not listed. */
export type ScenarioChange = ColumnChange | MembersChange | CustomFieldChange;

/** A column of the row. */
export interface ColumnChange {
  readonly kind: 'column';
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The assignees (`todoUsers`, `checklistItemUsers`) or the tags (`todoTags`). */
export interface MembersChange {
  readonly kind: 'members';
  readonly field: 'todoUsers' | 'todoTags' | 'checklistItemUsers';
  /** The ids of the users or tags. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** A record's value of a custom field; `null` if it has none. */
export interface CustomFieldChange {
  readonly kind: 'customField';
  readonly field: 'todoCustomFields';
  readonly customFieldId: string;
  /** Of the field, as the payload has it. */
  readonly name: string;
  /** Of the field, such as `NUMBER`. */
  readonly type: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Changes an entity's columns, and returns those that became different. */
export function setColumns<Columns extends RowColumns>(
  entity: { columns: Columns },
  now: string,
  patch: Partial<Columns>,
): ColumnChange[] {
  const { columns } = entity;
  entity.columns = { ...columns, ...patch, updatedAt: now };
  return Object.entries(patch).flatMap(([field, after]) => {
    const before = columns[field as keyof Columns];
    return before === after ? [] : [{ kind: 'column', field, before, after }];
  });
}

/** Adds a member to the join rows, or removes it if it is there. */
export function toggle<Member>(
  members: Map<Member, RowColumns>,
  member: Member,
  row: RowColumns,
): { added: Member[]; removed: Member[] } {
  if (members.delete(member)) return { added: [], removed: [member] };
  members.set(member, row);
  return { added: [member], removed: [] };
}
