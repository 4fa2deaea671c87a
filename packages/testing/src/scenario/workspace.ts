import type { Random } from '../random';
import { type ChecklistColumns, type ChecklistRow, checklistRow } from '../rows/checklist';
import {
  type ChecklistItemColumns,
  type ChecklistItemRow,
  checklistItemRow,
  checklistItemUserRow,
} from '../rows/checklist-item';
import { type CommentColumns, type CommentRow, commentRow } from '../rows/comment';
import {
  type CustomFieldColumns,
  type CustomFieldOptionRow,
  type CustomFieldRow,
  type CustomFieldValueColumns,
  customFieldRow,
  todoCustomFieldRow,
} from '../rows/custom-field';
import { type ListColumns, type ListRow, listRow } from '../rows/list';
import {
  type ListedRecordRow,
  listedRecordRow,
  type RecordColumns,
  type RecordRow,
  recordRow,
  todoTagRow,
  todoUserRow,
} from '../rows/record';
import { type TagColumns, type TagRow, tagRow } from '../rows/tag';
import { companyRow, type ProjectRow, projectRow, type RowColumns, type UserRow, userRow } from '../rows/workspace';
import { Journal } from './journal';
import { Pool } from './pool';
import { people } from './words';

export interface List {
  columns: ListColumns;
}

export interface Tag {
  columns: TagColumns;
}

export interface CustomField {
  columns: CustomFieldColumns;
}

/** A record's value in a custom field. */
export interface FieldValue {
  columns: RowColumns & Partial<CustomFieldValueColumns>;
  options: readonly CustomFieldOptionRow[];
}

export interface WorkspaceRecord {
  columns: RecordColumns;
  list: List;
  /** The join rows' own columns, by the rows that they join. */
  users: Map<UserRow, RowColumns>;
  tags: Map<Tag, RowColumns>;
  values: Map<CustomField, FieldValue>;
}

export interface Checklist {
  columns: ChecklistColumns;
  record: WorkspaceRecord;
  createdBy: UserRow;
}

export interface ChecklistItem {
  columns: ChecklistItemColumns;
  checklist: Checklist;
  createdBy: UserRow;
  users: Map<UserRow, RowColumns>;
}

export interface Comment {
  columns: CommentColumns;
  record: WorkspaceRecord;
  author: UserRow;
}

/** A simulated workspace: its entities, and their rows in deliveries. */
export class Workspace {
  readonly journal = new Journal();
  readonly random: Random;
  readonly project: ProjectRow;
  readonly users: readonly UserRow[];
  readonly lists: Pool<List>;
  readonly records: Pool<WorkspaceRecord>;
  readonly tags: Pool<Tag>;
  readonly fields: Pool<CustomField>;
  readonly checklists: Pool<Checklist>;
  readonly items: Pool<ChecklistItem>;
  readonly comments: Pool<Comment>;
  #ids = 0;

  constructor(random: Random, startMs: number) {
    this.random = random;
    this.journal.nowMs = startMs;
    const company = companyRow({ ...this.newRow(), name: 'Rogue', slug: 'rogue' });
    this.project = projectRow({ ...this.newRow(), name: 'Launch', slug: 'launch' }, company);
    this.users = people.map(([firstName, lastName], place) =>
      userRow({ ...this.newRow(), firstName, lastName, email: `person.${place + 1}@example.com` }),
    );
    this.lists = new Pool(random);
    this.records = new Pool(random);
    this.tags = new Pool(random);
    this.fields = new Pool(random);
    this.checklists = new Pool(random);
    this.items = new Pool(random);
    this.comments = new Pool(random);
  }

  /** Now, in ISO 8601. */
  get now(): string {
    return new Date(this.journal.nowMs).toISOString();
  }

  /** Returns an integer from 0 up to but not including `below`. */
  integer(below: number): number {
    return Math.floor(this.random() * below);
  }

  choose<T>(list: readonly T[]): T {
    return list[this.integer(list.length)] as T;
  }

  chooseOther<T>(list: readonly T[], than: T): T {
    return this.choose(list.filter((member) => member !== than));
  }

  /** Returns the identity and the times of a new row: a cuid, and a UUID without its dashes. */
  newRow(): RowColumns {
    this.#ids += 1;
    const time = this.journal.nowMs.toString(36).padStart(8, '0');
    const count = this.#ids.toString(36).padStart(4, '0').slice(-4);
    const id = `c${time}${count}vt64${this.#digits(8, 36)}`;
    return { id, uid: this.#digits(32, 16), createdAt: this.now, updatedAt: this.now };
  }

  listRow({ columns }: List): ListRow {
    return listRow(columns, this.project);
  }

  tagRow({ columns }: Tag): TagRow {
    return tagRow(columns, this.project);
  }

  fieldRow({ columns }: CustomField): CustomFieldRow {
    return customFieldRow(columns, this.project);
  }

  recordRow({ columns, list, users, tags, values }: WorkspaceRecord): RecordRow {
    const joins = {
      todoCustomFields: [...values].map(([field, value]) =>
        todoCustomFieldRow(value.columns, columns.id, this.fieldRow(field), value.options),
      ),
      todoUsers: [...users].map(([user, row]) => todoUserRow(row, columns.id, user)),
      todoTags: [...tags].map(([tag, row]) => todoTagRow(row, columns.id, this.tagRow(tag))),
    };
    return recordRow(columns, joins, this.listRow(list));
  }

  listedRecordRow({ columns, list }: WorkspaceRecord): ListedRecordRow {
    return listedRecordRow(columns, this.listRow(list));
  }

  checklistRow({ columns, record, createdBy }: Checklist): ChecklistRow {
    return checklistRow(columns, this.listedRecordRow(record), createdBy);
  }

  itemRow({ columns, checklist, createdBy, users }: ChecklistItem): ChecklistItemRow {
    const joins = [...users].map(([user, row]) => checklistItemUserRow(row, columns.id, user));
    return checklistItemRow(columns, joins, this.checklistRow(checklist), createdBy);
  }

  commentRow({ columns, record, author }: Comment): CommentRow {
    return commentRow(columns, this.listedRecordRow(record), author);
  }

  #digits(length: number, radix: number): string {
    return Array.from({ length }, () => this.integer(radix).toString(radix)).join('');
  }
}
