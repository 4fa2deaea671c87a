import type { ListedRecordRow } from './record';
import type { RowColumns, UserRow } from './workspace';

export type CommentColumns = RowColumns & { html: string; text: string };

/** A comment on a record, with its author and the record. */
export type CommentRow = CommentColumns & {
  category: string;
  deletedAt: string | null;
  deletedById: string | null;
  userId: string;
  todoId: string;
  discussionId: string | null;
  statusUpdateId: string | null;
  user: UserRow;
  todo: ListedRecordRow;
};

export function commentRow(columns: CommentColumns, todo: ListedRecordRow, user: UserRow): CommentRow {
  const { id, uid, html, text, createdAt, updatedAt } = columns;
  return {
    id,
    uid,
    html,
    text,
    category: 'TODO',
    createdAt,
    updatedAt,
    deletedAt: null,
    deletedById: null,
    userId: user.id,
    todoId: todo.id,
    discussionId: null,
    statusUpdateId: null,
    user,
    todo,
  };
}
