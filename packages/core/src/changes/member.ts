import { type Row, relatedId, rowsOf, textOf } from '../events/row';

/** Who or what was added to an entity, and taken away. */
export interface MembersDifference {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Assignees as their ids: from join rows, or from the users themselves. `undefined` where the row does not say. */
export const assigneeIds = (row: Row): readonly string[] | undefined =>
  memberIds(row.todoUsers ?? row.checklistItemUsers, 'user') ?? ids(row.users);

/** Tags as their ids, likewise. */
export const tagIds = (row: Row): readonly string[] | undefined => memberIds(row.todoTags, 'tag') ?? ids(row.tags);

/** What differs between two lists of ids; `undefined` if nothing does, or if one of them is not known. */
export function membersDifference(
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): MembersDifference | undefined {
  if (!before || !after) return undefined;
  const [was, is] = [new Set(before), new Set(after)];
  const added = after.filter((id) => !was.has(id));
  const removed = before.filter((id) => !is.has(id));
  return added.length + removed.length > 0 ? { before, after, added, removed } : undefined;
}

const memberIds = (joins: unknown, relation: string) => whole(rowsOf(joins)?.map((join) => relatedId(join, relation)));

const ids = (rows: unknown) => whole(rowsOf(rows)?.map(({ id }) => textOf(id)));

/** A list with a gap shows neither who was added nor who was removed. */
const whole = (list: readonly (string | undefined)[] | undefined): readonly string[] | undefined =>
  list?.every((id) => id !== undefined) ? [...new Set(list as readonly string[])] : undefined;
