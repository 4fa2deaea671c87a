import type { RecordRow } from '../rows/record';
import { setColumns, toggle } from './change';
import { changeDue } from './due';
import { otherValue, readValue } from './field-types';
import type { ScenarioStep } from './journal';
import { objects, verbs } from './words';
import type { Workspace, WorkspaceRecord } from './workspace';

/** An action of a simulated user, if the workspace allows it. */
export type Action = (workspace: Workspace) => ScenarioStep | undefined;

export const createRecord: Action = (workspace) => {
  const list = workspace.lists.pick();
  if (!list) return undefined;
  const text = workspace.random() < 0.5 ? `${workspace.choose(verbs)} ${workspace.choose(objects)}, please.` : null;
  const record: WorkspaceRecord = {
    columns: {
      ...workspace.newRow(),
      title: newTitle(workspace),
      html: text && `<p>${text}</p>`,
      text,
      position: newPosition(workspace),
      archived: false,
      done: false,
      startedAt: null,
      duedAt: null,
      timezone: null,
      createdById: workspace.choose(workspace.users).id,
    },
    list,
    users: new Map(),
    tags: new Map(),
    values: new Map(),
  };
  workspace.records.add(record);
  return workspace.journal.created('TODO_CREATED', workspace.recordRow(record));
};

export const renameRecord: Action = (workspace) => {
  const record = workspace.records.pick();
  if (!record) return undefined;
  const changes = setColumns(record, workspace.now, { title: newTitle(workspace, record.columns.title) });
  return workspace.journal.updated('TODO_NAME_CHANGED', workspace.recordRow(record), changes);
};

export const moveRecord: Action = (workspace) => {
  const record = workspace.records.pick();
  const list = workspace.lists.pick();
  if (!record || !list) return undefined;
  const before = record.list.columns.id;
  record.list = list;
  const after = list.columns.id;
  const moved = before === after ? [] : [{ kind: 'column' as const, field: 'todoListId', before, after }];
  const placed = setColumns(record, workspace.now, { position: newPosition(workspace, record.columns.position) });
  return workspace.journal.updated('TODO_MOVED', workspace.recordRow(record), [...moved, ...placed]);
};

export const tickRecord: Action = (workspace) => {
  const record = workspace.records.pick();
  if (!record) return undefined;
  const changes = setColumns(record, workspace.now, { done: !record.columns.done });
  return workspace.journal.updated('TODO_DONE_STATUS_UPDATED', workspace.recordRow(record), changes);
};

export const scheduleRecord: Action = (workspace) => {
  const record = workspace.records.pick();
  if (!record) return undefined;
  const [change, duedAt] = changeDue(workspace, record.columns.duedAt);
  const timezone = duedAt && 'Europe/Berlin';
  const changes = setColumns(record, workspace.now, { duedAt, timezone });
  return workspace.journal.updated(`TODO_DUE_DATE_${change}`, workspace.recordRow(record), changes);
};

export const assignRecord: Action = (workspace) => {
  const record = workspace.records.pick();
  if (!record) return undefined;
  const { added, removed } = toggle(record.users, workspace.choose(workspace.users), workspace.newRow());
  setColumns(record, workspace.now, {});
  const event = added.length > 0 ? 'TODO_ASSIGNEE_ADDED' : 'TODO_ASSIGNEE_REMOVED';
  const ids = { added: added.map(({ id }) => id), removed: removed.map(({ id }) => id) };
  return workspace.journal.updated(event, workspace.recordRow(record), [
    { kind: 'members', field: 'todoUsers', ...ids },
  ]);
};

export const tagRecord: Action = (workspace) => {
  const record = workspace.records.pick();
  const tag = workspace.tags.pick();
  if (!record || !tag) return undefined;
  const { added, removed } = toggle(record.tags, tag, workspace.newRow());
  setColumns(record, workspace.now, {});
  const event = added.length > 0 ? 'TODO_TAG_ADDED' : 'TODO_TAG_REMOVED';
  const ids = { added: added.map(({ columns }) => columns.id), removed: removed.map(({ columns }) => columns.id) };
  return workspace.journal.updated(event, workspace.recordRow(record), [
    { kind: 'members', field: 'todoTags', ...ids },
  ]);
};

export const fillInRecord: Action = (workspace) => {
  const record = workspace.records.pick();
  const field = workspace.fields.pick();
  if (!record || !field) return undefined;
  const present = record.values.get(field);
  const other = otherValue(workspace, field, present);
  if (other) record.values.set(field, other);
  else record.values.delete(field);
  setColumns(record, workspace.now, {});
  const { id: customFieldId, type } = field.columns;
  const name = other ? field.columns.name : shownName(workspace, record, customFieldId);
  const values = { before: readValue(field, present), after: readValue(field, other) };
  return workspace.journal.updated('TODO_CUSTOM_FIELD_UPDATED', workspace.recordRow(record), [
    { kind: 'customField', field: 'todoCustomFields', customFieldId, name, type, ...values },
  ]);
};

/** Returns the name of a field in the record's last event: the field may have been renamed since. */
function shownName({ journal }: Workspace, { columns }: WorkspaceRecord, customFieldId: string): string {
  const { todoCustomFields } = journal.last<RecordRow>(columns);
  return todoCustomFields.find((value) => value.customFieldId === customFieldId)?.customField.name as string;
}

/** Deletes a record and, without separate events, its children. */
export const deleteRecord: Action = (workspace) => {
  const record = workspace.records.pick();
  if (!record) return undefined;
  workspace.records.delete(record);
  for (const comment of [...workspace.comments].filter((comment) => comment.record === record)) {
    workspace.comments.delete(comment);
    workspace.journal.forget(comment.columns);
  }
  for (const item of [...workspace.items].filter((item) => item.checklist.record === record)) {
    workspace.items.delete(item);
    workspace.journal.forget(item.columns);
  }
  for (const checklist of [...workspace.checklists].filter((checklist) => checklist.record === record)) {
    workspace.checklists.delete(checklist);
    workspace.journal.forget(checklist.columns);
  }
  return workspace.journal.deleted('TODO_DELETED', record.columns);
};

export function newTitle(workspace: Workspace, present?: string): string {
  for (;;) {
    const title = `${workspace.choose(verbs)} ${workspace.choose(objects)}`;
    if (title !== present) return title;
  }
}

/** Returns a position between two others, often with a fraction: a decimal column, which is sent as a string. */
function newPosition(workspace: Workspace, present?: string): string {
  for (;;) {
    const position = String((1 + workspace.integer(524_280)) / 4);
    if (position !== present) return position;
  }
}
