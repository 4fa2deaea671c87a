import { type Row, rowIn, rowsIn } from './row';
import { kindOf } from './state';

/** An entry of the activity feed, of which `activityList` returns a part. */
export interface ActivityEntry {
  readonly id: string;
  readonly category: string;
  readonly createdAt: string;
  readonly projectId: string | undefined;
  readonly todoId: string | undefined;
  readonly todoListId: string | undefined;
  readonly commentId: string | undefined;
}

/** One step in a record's history, of which `todoActivity` returns a part. */
export interface ActionEntry {
  readonly id: string;
  readonly type: string;
  readonly createdAt: string;
  readonly todoId: string;
  readonly oldValue: string | null;
  readonly newValue: string | null;
  readonly affectedById: string | undefined;
  readonly customFieldId: string | undefined;
}

const categories: Readonly<Record<string, string>> = {
  TODO_CREATED: 'CREATE_TODO',
  TODO_DELETED: 'REMOVE_TODO',
  TODO_LIST_CREATED: 'CREATE_TODO_LIST',
  TODO_LIST_DELETED: 'REMOVE_TODO_LIST',
  COMMENT_CREATED: 'CREATE_COMMENT',
  CUSTOM_FIELD_CREATED: 'CREATE_CUSTOM_FIELD',
};

const types: Readonly<Record<string, string>> = {
  TODO_NAME_CHANGED: 'UPDATE_TITLE',
  TODO_MOVED: 'CHANGE_TODO_LIST',
  TODO_DUE_DATE_ADDED: 'SET_DUE_DATE',
  TODO_DUE_DATE_UPDATED: 'CHANGE_DUE_DATE',
  TODO_DUE_DATE_REMOVED: 'REMOVE_DUE_DATE',
  TODO_ASSIGNEE_ADDED: 'ASSIGN_AN_ASSIGNEE',
  TODO_ASSIGNEE_REMOVED: 'UNASSIGN_AN_ASSIGNEE',
  TODO_TAG_ADDED: 'ADD_TAG',
  TODO_TAG_REMOVED: 'REMOVE_TAG',
  TODO_CUSTOM_FIELD_UPDATED: 'SET_CUSTOM_FIELD',
  TODO_CHECKLIST_CREATED: 'CREATE_CHECKLIST',
  TODO_CHECKLIST_NAME_CHANGED: 'UPDATE_CHECKLIST',
  TODO_CHECKLIST_DELETED: 'DELETE_CHECKLIST',
  TODO_CHECKLIST_ITEM_CREATED: 'CREATE_CHECKLIST_ITEM',
  TODO_CHECKLIST_ITEM_NAME_CHANGED: 'UPDATE_CHECKLIST_ITEM',
  TODO_CHECKLIST_ITEM_DUE_DATE_ADDED: 'SET_CHECKLIST_ITEM_DUE_DATE',
  TODO_CHECKLIST_ITEM_DUE_DATE_UPDATED: 'SET_CHECKLIST_ITEM_DUE_DATE',
  TODO_CHECKLIST_ITEM_ASSIGNEE_ADDED: 'ASSIGN_CHECKLIST_ITEM',
  TODO_CHECKLIST_ITEM_ASSIGNEE_REMOVED: 'UNASSIGN_CHECKLIST_ITEM',
  TODO_CHECKLIST_ITEM_DELETED: 'DELETE_CHECKLIST_ITEM',
};

/** What is done, and what is undone. */
const doneTypes: Readonly<Record<string, readonly [string, string]>> = {
  TODO_DONE_STATUS_UPDATED: ['MARK_AS_COMPLETE', 'MARK_AS_INCOMPLETE'],
  TODO_CHECKLIST_ITEM_DONE_STATUS_UPDATED: ['MARK_CHECKLIST_ITEM_AS_DONE', 'MARK_CHECKLIST_ITEM_AS_UNDONE'],
};

const MAX_ENTRIES = 5_000;

/** The entries that Blue records about events in addition to delivering them: the last 5,000 entries of each kind, newest last. */
export class ActivityLog {
  readonly activities: ActivityEntry[] = [];
  readonly actions: ActionEntry[] = [];
  #count = 0;

  /** Adds an event's entries to the feed and to the record's history. */
  note(event: string, payload: Row, now: string, projectId: string | undefined): void {
    const kind = kindOf(event);
    const current = rowIn(payload.currentValue);
    const previous = rowIn(payload.previousValue);
    const row = current ?? previous;
    if (!kind || !row) return;
    const todoId = kind === 'record' ? row.id : (row.todoId ?? rowIn(row.checklist)?.todoId);
    const category = event === 'TODO_DONE_STATUS_UPDATED' && row.done ? 'MARK_TODO_AS_COMPLETE' : categories[event];
    if (category) {
      keep(this.activities, {
        id: this.#id(),
        category,
        createdAt: now,
        projectId,
        todoId: text(todoId),
        todoListId: text(kind === 'list' ? row.id : row.todoListId),
        commentId: kind === 'comment' ? text(row.id) : undefined,
      });
    }
    const type = doneTypes[event]?.[row.done ? 0 : 1] ?? types[event];
    if (type && typeof todoId === 'string') {
      const affected = difference(current, previous, 'todoUsers', 'userId');
      const field = difference(current, previous, 'todoCustomFields', 'customFieldId');
      const [oldValue, newValue] = [text(previous?.title) ?? null, text(current?.title) ?? null];
      keep(this.actions, {
        id: this.#id(),
        type,
        createdAt: now,
        todoId,
        oldValue,
        newValue,
        affectedById: type.endsWith('ASSIGNEE') ? affected : undefined,
        customFieldId: type === 'SET_CUSTOM_FIELD' ? field : undefined,
      });
    }
  }

  #id(): string {
    this.#count += 1;
    return `cact${String(this.#count).padStart(20, '0')}`;
  }
}

function keep<T>(list: T[], entry: T): void {
  list.push(entry);
  if (list.length > MAX_ENTRIES) list.shift();
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Returns the first id that only one of the two rows has in a list, or whose join row differs. */
function difference(current: Row | undefined, previous: Row | undefined, list: string, key: string) {
  const joins = (row: Row | undefined) => new Map(rowsIn(row?.[list]).map((join) => [join[key], JSON.stringify(join)]));
  const [now, before] = [joins(current), joins(previous)];
  return text([...now.keys(), ...before.keys()].find((id) => now.get(id) !== before.get(id)));
}
