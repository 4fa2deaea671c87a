import type { TodoCustomFieldRow } from './custom-field';
import type { ListRow } from './list';
import type { TagRow } from './tag';
import type { RowColumns, UserRow } from './workspace';

export type RecordColumns = RowColumns & {
  title: string;
  html: string | null;
  text: string | null;
  /** A decimal column: a string, so that no digit is lost. */
  position: string;
  archived: boolean;
  done: boolean;
  startedAt: string | null;
  duedAt: string | null;
  timezone: string | null;
  createdById: string;
};

/** A record inside its child rows: with its list, without its join rows. */
export type ListedRecordRow = RecordColumns & { todoListId: string; todoList: ListRow };

/** A record's join rows. */
export type RecordJoins = {
  todoCustomFields: TodoCustomFieldRow[];
  todoUsers: TodoUserRow[];
  todoTags: TodoTagRow[];
};

/** A record in its own events: with its join rows and its list. */
export type RecordRow = ListedRecordRow & RecordJoins;

/** The assignment of a person to a record. */
export type TodoUserRow = RowColumns & { todoId: string; userId: string; user: UserRow };

/** A tag on a record. */
export type TodoTagRow = RowColumns & { todoId: string; tagId: string; tag: TagRow };

export function recordRow(columns: RecordColumns, joins: RecordJoins, list: ListRow): RecordRow {
  const { todoCustomFields, todoUsers, todoTags } = joins;
  return { ...ownColumns(columns, list), todoCustomFields, todoUsers, todoTags, todoList: list };
}

export function listedRecordRow(columns: RecordColumns, list: ListRow): ListedRecordRow {
  return { ...ownColumns(columns, list), todoList: list };
}

export function todoUserRow(columns: RowColumns, todoId: string, user: UserRow): TodoUserRow {
  const { id, uid, createdAt, updatedAt } = columns;
  return { id, uid, createdAt, updatedAt, todoId, userId: user.id, user };
}

export function todoTagRow(columns: RowColumns, todoId: string, tag: TagRow): TodoTagRow {
  const { id, uid, createdAt, updatedAt } = columns;
  return { id, uid, createdAt, updatedAt, todoId, tagId: tag.id, tag };
}

function ownColumns(columns: RecordColumns, list: ListRow): RecordColumns & { todoListId: string } {
  const { id, uid, title, html, text, position, archived, done, startedAt, duedAt, timezone } = columns;
  const { createdAt, updatedAt, createdById } = columns;
  return {
    id,
    uid,
    title,
    html,
    text,
    position,
    archived,
    done,
    startedAt,
    duedAt,
    timezone,
    createdAt,
    updatedAt,
    createdById,
    todoListId: list.id,
  };
}
