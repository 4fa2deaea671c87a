import { isEntityRow, type Row, rowIn, rowsIn } from './row';
import { withoutParents } from './workspaces';

/** The kinds of rows that the API serves. */
export type RowKind = 'record' | 'list' | 'tag' | 'customField' | 'checklist' | 'checklistItem' | 'comment';

/** Kinds of change of which Blue does not document whether they move the record's `updatedAt`. */
export type TouchKind = 'comments' | 'checklists' | 'tags' | 'assignees' | 'customFields';

/** How the state follows the events. */
export interface StateRules {
  readonly touches: Readonly<Record<TouchKind, boolean>>;
  readonly softDeleteComments: boolean;
}

const MAX_TRASH = 200;

/** The current records of one workspace and their children, as the events left them. */
export class BlueState {
  readonly companies = new Map<string, Row>();
  readonly projects = new Map<string, Row>();
  readonly users = new Map<string, Row>();
  readonly rows: Readonly<Record<RowKind, Map<string, Row>>> = {
    record: new Map(),
    list: new Map(),
    tag: new Map(),
    customField: new Map(),
    checklist: new Map(),
    checklistItem: new Map(),
    comment: new Map(),
  };
  /** Records, lists and custom fields that were deleted, with the rows that were deleted along with them. */
  readonly trash = new Map<string, readonly (readonly [RowKind, Row])[]>();

  /** Applies an event, whether or not it is delivered. */
  apply(event: string, payload: Row, now: string, rules: StateRules): void {
    const kind = kindOf(event);
    const current = rowIn(payload.currentValue) ?? rowIn(payload.record);
    const previous = rowIn(payload.previousValue);
    if (!kind) return;
    if (current && isEntityRow(current)) this.#put(kind, event, structuredClone(current), rules);
    else if (previous && isEntityRow(previous)) this.remove(kind, previous.id, now, rules);
  }

  /** Changes columns of a row without an event. */
  patch(kind: RowKind, id: string, columns: object): Row {
    const row = this.rows[kind].get(id);
    if (!row) throw new TypeError(`There is no ${kind} with the id '${id}' in the simulated Blue.`);
    const patched = { ...row, ...columns };
    this.rows[kind].set(id, patched);
    return patched;
  }

  /** Deletes a row and its children. */
  remove(kind: RowKind, id: string, now: string, { softDeleteComments }: Pick<StateRules, 'softDeleteComments'>): void {
    const row = this.rows[kind].get(id);
    if (!row) return;
    if (kind === 'comment' && softDeleteComments) {
      this.rows.comment.set(id, { ...row, html: '', text: '', deletedAt: now, updatedAt: now });
      return;
    }
    const removed = this.#below(kind, row);
    for (const [kind, { id }] of removed) this.rows[kind].delete(id as string);
    if (kind === 'record' || kind === 'list' || kind === 'customField') this.#discard(id, removed);
    if (kind === 'tag') this.#unjoin('todoTags', 'tagId', id);
    if (kind === 'customField') this.#unjoin('todoCustomFields', 'customFieldId', id);
  }

  /** Restores rows from the Trash, under the same ids. */
  restore(id: string): void {
    const removed = this.trash.get(id);
    if (!removed) throw new TypeError(`'${id}' is not in the Trash of the simulated Blue.`);
    for (const [kind, row] of removed) this.rows[kind].set(row.id as string, row);
    this.trash.delete(id);
  }

  /** The workspace that a row belongs to. */
  projectIdOf(kind: RowKind, row: Row): string | undefined {
    if (kind === 'list' || kind === 'tag' || kind === 'customField') return row.projectId as string;
    if (kind === 'record') return this.#above('list', row.todoListId);
    return kind === 'checklistItem' ? this.#above('checklist', row.checklistId) : this.#above('record', row.todoId);
  }

  #above(kind: RowKind, id: unknown): string | undefined {
    const parent = this.rows[kind].get(id as string);
    return parent && this.projectIdOf(kind, parent);
  }

  #put(kind: RowKind, event: string, current: Row & { id: string }, rules: StateRules): void {
    const row = withoutParents(this, current);
    const before = this.rows[kind].get(row.id);
    const touch = touchOf(event);
    if (kind === 'record' && before && touch && !rules.touches[touch]) row.updatedAt = before.updatedAt;
    this.rows[kind].set(row.id, row);
    if (kind === 'record' || !touch || !rules.touches[touch]) return;
    const record = this.rows.record.get(this.#recordIdOf(row) ?? '');
    if (record) record.updatedAt = later(record.updatedAt, row.updatedAt);
  }

  #recordIdOf(row: Row): string | undefined {
    const checklist = this.rows.checklist.get(row.checklistId as string);
    return (row.todoId ?? checklist?.todoId) as string | undefined;
  }

  /** Puts rows into the Trash, which keeps the latest. */
  #discard(id: string, removed: readonly (readonly [RowKind, Row])[]): void {
    this.trash.set(id, removed);
    const [oldest] = this.trash.keys();
    if (this.trash.size > MAX_TRASH && oldest !== undefined) this.trash.delete(oldest);
  }

  /** The row and the rows that are deleted along with it. */
  #below(kind: RowKind, row: Row): (readonly [RowKind, Row])[] {
    const hanging = (below: RowKind, key: string) =>
      [...this.rows[below].values()].filter((each) => each[key] === row.id).flatMap((each) => this.#below(below, each));
    if (kind === 'list') return [[kind, row], ...hanging('record', 'todoListId')];
    if (kind === 'record') return [[kind, row], ...hanging('checklist', 'todoId'), ...hanging('comment', 'todoId')];
    if (kind === 'checklist') return [[kind, row], ...hanging('checklistItem', 'checklistId')];
    return [[kind, row]];
  }

  #unjoin(column: string, key: string, id: string): void {
    for (const record of this.rows.record.values()) {
      record[column] = rowsIn(record[column]).filter((join) => join[key] !== id);
    }
  }
}

/** Returns the kind of row that an event is about; names that begin with `TODO_` are distinguished by the part after it. */
export function kindOf(event: string): RowKind | undefined {
  if (event === 'RECORD_CREATED') return 'record';
  if (event.startsWith('TODO_CHECKLIST_ITEM_')) return 'checklistItem';
  if (event.startsWith('TODO_CHECKLIST_')) return 'checklist';
  if (event.startsWith('TODO_LIST_')) return 'list';
  if (event.startsWith('TODO_')) return 'record';
  if (event.startsWith('CUSTOM_FIELD_')) return 'customField';
  if (event.startsWith('TAG_')) return 'tag';
  return event.startsWith('COMMENT_') ? 'comment' : undefined;
}

function touchOf(event: string): TouchKind | undefined {
  if (event.startsWith('COMMENT_')) return 'comments';
  if (event.startsWith('TODO_CHECKLIST_')) return 'checklists';
  if (event.startsWith('TODO_TAG_')) return 'tags';
  if (event.startsWith('TODO_ASSIGNEE_')) return 'assignees';
  return event === 'TODO_CUSTOM_FIELD_UPDATED' ? 'customFields' : undefined;
}

const later = (one: unknown, other: unknown): unknown => (String(one) < String(other) ? other : one);
