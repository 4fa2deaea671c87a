import type { ListedRecordRow } from './record';
import type { RowColumns, UserRow } from './workspace';

export type ChecklistColumns = RowColumns & { title: string; position: number };

/** A checklist with its record. */
export type ChecklistRow = ChecklistColumns & {
  todoId: string;
  createdById: string;
  todo: ListedRecordRow;
  createdBy: UserRow;
};

export function checklistRow(columns: ChecklistColumns, todo: ListedRecordRow, createdBy: UserRow): ChecklistRow {
  const { id, uid, title, position, createdAt, updatedAt } = columns;
  return {
    id,
    uid,
    title,
    position,
    createdAt,
    updatedAt,
    todoId: todo.id,
    createdById: createdBy.id,
    todo,
    createdBy,
  };
}
