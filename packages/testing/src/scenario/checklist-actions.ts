import { setColumns, toggle } from './change';
import { changeDue } from './due';
import { type Action, newTitle } from './record-actions';
import { checklistTitles } from './words';
import type { Checklist, ChecklistItem } from './workspace';

export const createChecklist: Action = (workspace) => {
  const record = workspace.records.pick();
  if (!record) return undefined;
  const columns = {
    ...workspace.newRow(),
    title: workspace.choose(checklistTitles),
    position: 65535 * (1 + workspace.integer(4)),
  };
  const checklist: Checklist = { columns, record, createdBy: workspace.choose(workspace.users) };
  workspace.checklists.add(checklist);
  return workspace.journal.created('TODO_CHECKLIST_CREATED', workspace.checklistRow(checklist));
};

export const renameChecklist: Action = (workspace) => {
  const checklist = workspace.checklists.pick();
  if (!checklist) return undefined;
  const title = workspace.chooseOther(checklistTitles, checklist.columns.title);
  const changes = setColumns(checklist, workspace.now, { title });
  return workspace.journal.updated('TODO_CHECKLIST_NAME_CHANGED', workspace.checklistRow(checklist), changes);
};

/** Deletes a checklist and, without separate events, its items. */
export const deleteChecklist: Action = (workspace) => {
  const checklist = workspace.checklists.pick();
  if (!checklist) return undefined;
  workspace.checklists.delete(checklist);
  for (const item of [...workspace.items].filter((item) => item.checklist === checklist)) {
    workspace.items.delete(item);
    workspace.journal.forget(item.columns);
  }
  return workspace.journal.deleted('TODO_CHECKLIST_DELETED', checklist.columns);
};

export const createItem: Action = (workspace) => {
  const checklist = workspace.checklists.pick();
  if (!checklist) return undefined;
  const item: ChecklistItem = {
    columns: {
      ...workspace.newRow(),
      title: newTitle(workspace),
      position: 65535 * (1 + workspace.integer(8)),
      done: false,
      startedAt: null,
      duedAt: null,
    },
    checklist,
    createdBy: workspace.choose(workspace.users),
    users: new Map(),
  };
  workspace.items.add(item);
  return workspace.journal.created('TODO_CHECKLIST_ITEM_CREATED', workspace.itemRow(item));
};

export const renameItem: Action = (workspace) => {
  const item = workspace.items.pick();
  if (!item) return undefined;
  const changes = setColumns(item, workspace.now, { title: newTitle(workspace, item.columns.title) });
  return workspace.journal.updated('TODO_CHECKLIST_ITEM_NAME_CHANGED', workspace.itemRow(item), changes);
};

export const tickItem: Action = (workspace) => {
  const item = workspace.items.pick();
  if (!item) return undefined;
  const changes = setColumns(item, workspace.now, { done: !item.columns.done });
  return workspace.journal.updated('TODO_CHECKLIST_ITEM_DONE_STATUS_UPDATED', workspace.itemRow(item), changes);
};

export const scheduleItem: Action = (workspace) => {
  const item = workspace.items.pick();
  if (!item) return undefined;
  const [change, duedAt] = changeDue(workspace, item.columns.duedAt);
  const changes = setColumns(item, workspace.now, { duedAt });
  return workspace.journal.updated(`TODO_CHECKLIST_ITEM_DUE_DATE_${change}`, workspace.itemRow(item), changes);
};

export const assignItem: Action = (workspace) => {
  const item = workspace.items.pick();
  if (!item) return undefined;
  const { added, removed } = toggle(item.users, workspace.choose(workspace.users), workspace.newRow());
  setColumns(item, workspace.now, {});
  const event = added.length > 0 ? 'TODO_CHECKLIST_ITEM_ASSIGNEE_ADDED' : 'TODO_CHECKLIST_ITEM_ASSIGNEE_REMOVED';
  const ids = { added: added.map(({ id }) => id), removed: removed.map(({ id }) => id) };
  return workspace.journal.updated(event, workspace.itemRow(item), [
    { kind: 'members', field: 'checklistItemUsers', ...ids },
  ]);
};

export const deleteItem: Action = (workspace) => {
  const item = workspace.items.pick();
  if (!item) return undefined;
  workspace.items.delete(item);
  return workspace.journal.deleted('TODO_CHECKLIST_ITEM_DELETED', item.columns);
};
