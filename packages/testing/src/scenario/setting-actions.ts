import { setColumns } from './change';
import { fieldTypes, newField } from './field-types';
import type { Action } from './record-actions';
import { colors, listTitles, tagTitles } from './words';
import type { List, Tag } from './workspace';

const MIN_LISTS = 2;
const MAX_LISTS = 8;
const MAX_TAGS = 12;
const MAX_FIELDS = 16;

export const createList: Action = (workspace) => {
  if (workspace.lists.size >= MAX_LISTS) return undefined;
  const list: List = {
    columns: {
      ...workspace.newRow(),
      title: workspace.choose(listTitles),
      position: 65535 * (1 + workspace.lists.size),
      createdById: workspace.choose(workspace.users).id,
    },
  };
  workspace.lists.add(list);
  return workspace.journal.created('TODO_LIST_CREATED', workspace.listRow(list));
};

export const renameList: Action = (workspace) => {
  const list = workspace.lists.pick();
  if (!list) return undefined;
  const title = workspace.chooseOther(listTitles, list.columns.title);
  const changes = setColumns(list, workspace.now, { title });
  return workspace.journal.updated('TODO_LIST_NAME_CHANGED', workspace.listRow(list), changes);
};

/** Deletes a list that holds no record. */
export const deleteList: Action = (workspace) => {
  if (workspace.lists.size <= MIN_LISTS) return undefined;
  const used = new Set([...workspace.records].map((record) => record.list));
  const list = workspace.lists.pick((list) => !used.has(list));
  if (!list) return undefined;
  workspace.lists.delete(list);
  return workspace.journal.deleted('TODO_LIST_DELETED', list.columns);
};

export const createTag: Action = (workspace) => {
  if (workspace.tags.size >= MAX_TAGS) return undefined;
  const columns = {
    ...workspace.newRow(),
    title: workspace.choose(tagTitles),
    color: workspace.choose(colors),
  };
  const tag: Tag = { columns };
  workspace.tags.add(tag);
  return workspace.journal.created('TAG_CREATED', workspace.tagRow(tag));
};

export const updateTag: Action = (workspace) => {
  const tag = workspace.tags.pick();
  if (!tag) return undefined;
  const title = workspace.chooseOther(tagTitles, tag.columns.title);
  const changes = setColumns(tag, workspace.now, { title, color: workspace.choose(colors) });
  return workspace.journal.updated('TAG_UPDATED', workspace.tagRow(tag), changes);
};

/** Deletes a tag that no record has. */
export const deleteTag: Action = (workspace) => {
  const used = new Set([...workspace.records].flatMap((record) => [...record.tags.keys()]));
  const tag = workspace.tags.pick((tag) => !used.has(tag));
  if (!tag) return undefined;
  workspace.tags.delete(tag);
  return workspace.journal.deleted('TAG_DELETED', tag.columns);
};

export const createField: Action = (workspace) => {
  if (workspace.fields.size >= MAX_FIELDS) return undefined;
  const field = newField(workspace, workspace.choose(Object.keys(fieldTypes)));
  workspace.fields.add(field);
  return workspace.journal.created('CUSTOM_FIELD_CREATED', workspace.fieldRow(field));
};

export const updateField: Action = (workspace) => {
  const field = workspace.fields.pick();
  if (!field) return undefined;
  const { name, type, description } = field.columns;
  const stem = (fieldTypes[type] as { name: string }).name;
  const renamed = workspace.chooseOther([stem, `${stem} (old)`, `${stem}, estimated`], name);
  const described = description === null ? 'Filled in by the team lead.' : null;
  const changes = setColumns(field, workspace.now, { name: renamed, description: described });
  return workspace.journal.updated('CUSTOM_FIELD_UPDATED', workspace.fieldRow(field), changes);
};

/** Deletes a custom field in which no record has a value. */
export const deleteField: Action = (workspace) => {
  const used = new Set([...workspace.records].flatMap((record) => [...record.values.keys()]));
  const field = workspace.fields.pick((field) => !used.has(field));
  if (!field) return undefined;
  workspace.fields.delete(field);
  return workspace.journal.deleted('CUSTOM_FIELD_DELETED', field.columns);
};
