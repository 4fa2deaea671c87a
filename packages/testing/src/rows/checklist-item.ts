import type { ChecklistColumns, ChecklistRow } from './checklist';
import type { RowColumns, UserRow } from './workspace';

export type ChecklistItemColumns = ChecklistColumns & {
  done: boolean;
  startedAt: string | null;
  duedAt: string | null;
};

/** A checklist's item with its assignees and its checklist. */
export type ChecklistItemRow = ChecklistItemColumns & {
  checklistId: string;
  createdById: string;
  checklistItemUsers: ChecklistItemUserRow[];
  createdBy: UserRow;
  checklist: ChecklistRow;
};

/** The assignment of a person to an item. */
export type ChecklistItemUserRow = RowColumns & { checklistItemId: string; userId: string; user: UserRow };

export function checklistItemRow(
  columns: ChecklistItemColumns,
  checklistItemUsers: ChecklistItemUserRow[],
  checklist: ChecklistRow,
  createdBy: UserRow,
): ChecklistItemRow {
  const { id, uid, title, position, done, startedAt, duedAt, createdAt, updatedAt } = columns;
  return {
    id,
    uid,
    title,
    position,
    done,
    startedAt,
    duedAt,
    createdAt,
    updatedAt,
    checklistId: checklist.id,
    createdById: createdBy.id,
    checklistItemUsers,
    createdBy,
    checklist,
  };
}

export function checklistItemUserRow(
  columns: RowColumns,
  checklistItemId: string,
  user: UserRow,
): ChecklistItemUserRow {
  const { id, uid, createdAt, updatedAt } = columns;
  return { id, uid, createdAt, updatedAt, checklistItemId, userId: user.id, user };
}
