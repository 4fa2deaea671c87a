import * as rows from './fixture-rows';
import type { Payload, PayloadOf, SubscribableEvent } from './payload';

const updatedAt = rows.changedAt;
const duedAt = '2026-01-30T16:00:00.000Z' as string | null;
const laterDuedAt = '2026-02-06T16:00:00.000Z';
const timezone = 'Europe/Berlin';
const { record, checklist, checklistItem, list, customField, tag, comment } = rows;

/** A realistic payload for each event of the catalogue. */
export type Payloads = { [N in SubscribableEvent]: PayloadOf<N> };

export const payloads: Payloads = {
  TODO_CREATED: create('TODO_CREATED', record),
  TODO_DELETED: remove('TODO_DELETED', record),
  TODO_MOVED: update('TODO_MOVED', record, {
    todoListId: rows.otherList.id,
    todoList: rows.otherList,
    position: '65535',
  }),
  TODO_NAME_CHANGED: update('TODO_NAME_CHANGED', record, { title: 'Draft proposal, second version' }),
  TODO_DONE_STATUS_UPDATED: update('TODO_DONE_STATUS_UPDATED', record, { done: true }),
  TODO_DUE_DATE_ADDED: update('TODO_DUE_DATE_ADDED', record, { duedAt, timezone }),
  TODO_DUE_DATE_UPDATED: update('TODO_DUE_DATE_UPDATED', { ...record, duedAt, timezone }, { duedAt: laterDuedAt }),
  TODO_DUE_DATE_REMOVED: update('TODO_DUE_DATE_REMOVED', { ...record, duedAt, timezone }, { duedAt: null }),
  TODO_ASSIGNEE_ADDED: update('TODO_ASSIGNEE_ADDED', record, { todoUsers: [rows.todoUser] }),
  TODO_ASSIGNEE_REMOVED: update('TODO_ASSIGNEE_REMOVED', { ...record, todoUsers: [rows.todoUser] }, { todoUsers: [] }),
  TODO_TAG_ADDED: update('TODO_TAG_ADDED', record, { todoTags: [rows.todoTag] }),
  TODO_TAG_REMOVED: update('TODO_TAG_REMOVED', { ...record, todoTags: [rows.todoTag] }, { todoTags: [] }),
  TODO_CUSTOM_FIELD_UPDATED: update('TODO_CUSTOM_FIELD_UPDATED', record, { todoCustomFields: [rows.todoCustomField] }),

  TODO_CHECKLIST_CREATED: create('TODO_CHECKLIST_CREATED', checklist),
  TODO_CHECKLIST_NAME_CHANGED: update('TODO_CHECKLIST_NAME_CHANGED', checklist, { title: 'Before it goes out' }),
  TODO_CHECKLIST_DELETED: remove('TODO_CHECKLIST_DELETED', checklist),

  TODO_CHECKLIST_ITEM_CREATED: create('TODO_CHECKLIST_ITEM_CREATED', checklistItem),
  TODO_CHECKLIST_ITEM_NAME_CHANGED: update('TODO_CHECKLIST_ITEM_NAME_CHANGED', checklistItem, {
    title: 'Check the figures twice',
  }),
  TODO_CHECKLIST_ITEM_DELETED: remove('TODO_CHECKLIST_ITEM_DELETED', checklistItem),
  TODO_CHECKLIST_ITEM_DUE_DATE_ADDED: update('TODO_CHECKLIST_ITEM_DUE_DATE_ADDED', checklistItem, { duedAt }),
  TODO_CHECKLIST_ITEM_DUE_DATE_UPDATED: update(
    'TODO_CHECKLIST_ITEM_DUE_DATE_UPDATED',
    { ...checklistItem, duedAt },
    { duedAt: laterDuedAt },
  ),
  TODO_CHECKLIST_ITEM_DUE_DATE_REMOVED: update(
    'TODO_CHECKLIST_ITEM_DUE_DATE_REMOVED',
    { ...checklistItem, duedAt },
    { duedAt: null },
  ),
  TODO_CHECKLIST_ITEM_ASSIGNEE_ADDED: update('TODO_CHECKLIST_ITEM_ASSIGNEE_ADDED', checklistItem, {
    checklistItemUsers: [rows.checklistItemUser],
  }),
  TODO_CHECKLIST_ITEM_ASSIGNEE_REMOVED: update(
    'TODO_CHECKLIST_ITEM_ASSIGNEE_REMOVED',
    { ...checklistItem, checklistItemUsers: [rows.checklistItemUser] },
    { checklistItemUsers: [] },
  ),
  TODO_CHECKLIST_ITEM_DONE_STATUS_UPDATED: update('TODO_CHECKLIST_ITEM_DONE_STATUS_UPDATED', checklistItem, {
    done: true,
  }),

  TODO_LIST_CREATED: create('TODO_LIST_CREATED', list),
  TODO_LIST_DELETED: remove('TODO_LIST_DELETED', list),
  TODO_LIST_NAME_CHANGED: update('TODO_LIST_NAME_CHANGED', list, { title: 'Under way' }),

  CUSTOM_FIELD_CREATED: create('CUSTOM_FIELD_CREATED', customField),
  CUSTOM_FIELD_DELETED: remove('CUSTOM_FIELD_DELETED', customField),
  CUSTOM_FIELD_UPDATED: update('CUSTOM_FIELD_UPDATED', customField, { name: 'Priority' }),

  TAG_CREATED: create('TAG_CREATED', tag),
  TAG_DELETED: remove('TAG_DELETED', tag),
  TAG_UPDATED: update('TAG_UPDATED', tag, { title: 'Today', color: '#f76b15' }),

  COMMENT_CREATED: create('COMMENT_CREATED', comment),
  COMMENT_DELETED: remove('COMMENT_DELETED', comment),
  COMMENT_UPDATED: update('COMMENT_UPDATED', comment, {
    html: '<p>Looks good, three typos on page 3.</p>',
    text: 'Looks good, three typos on page 3.',
  }),
};

function create<Name extends string, Row>(event: Name, row: Row): Payload<Name, null, Row> {
  return { event, webhook: rows.webhook, previousValue: null, currentValue: row };
}

function update<Name extends string, Row>(event: Name, row: Row, change: Partial<Row>): Payload<Name, Row, Row> {
  return { event, webhook: rows.webhook, previousValue: row, currentValue: { ...row, ...change, updatedAt } };
}

function remove<Name extends string, Row>(event: Name, row: Row): Payload<Name, Row, null> {
  return { event, webhook: rows.webhook, previousValue: row, currentValue: null };
}
