import type { Checklist, ChecklistItem, Comment, CustomField, Tag, Todo, TodoList } from './entities';

/** What an event did to its entity; decides which of `previousValue` and `currentValue` it carries. */
export type Action = 'created' | 'updated' | 'deleted';

/** The entities that events carry, by name. */
export interface EntityMap {
  Checklist: Checklist;
  ChecklistItem: ChecklistItem;
  Comment: Comment;
  CustomField: CustomField;
  Tag: Tag;
  Todo: Todo;
  TodoList: TodoList;
}

/**
 * Every Blue event, by family: the single source of names, and of which entity each carries. That each row has a fixture and
 * stands in the README's table is checked by tests.
 */
export const catalogue = {
  record: {
    entity: 'Todo',
    events: {
      TODO_CREATED: 'created',
      TODO_DELETED: 'deleted',
      TODO_MOVED: 'updated',
      TODO_NAME_CHANGED: 'updated',
      TODO_DONE_STATUS_UPDATED: 'updated',
      TODO_DUE_DATE_ADDED: 'updated',
      TODO_DUE_DATE_UPDATED: 'updated',
      TODO_DUE_DATE_REMOVED: 'updated',
      TODO_ASSIGNEE_ADDED: 'updated',
      TODO_ASSIGNEE_REMOVED: 'updated',
      TODO_TAG_ADDED: 'updated',
      TODO_TAG_REMOVED: 'updated',
      TODO_CUSTOM_FIELD_UPDATED: 'updated',
    },
  },
  checklist: {
    entity: 'Checklist',
    events: {
      TODO_CHECKLIST_CREATED: 'created',
      TODO_CHECKLIST_NAME_CHANGED: 'updated',
      TODO_CHECKLIST_DELETED: 'deleted',
    },
  },
  checklistItem: {
    entity: 'ChecklistItem',
    events: {
      TODO_CHECKLIST_ITEM_CREATED: 'created',
      TODO_CHECKLIST_ITEM_NAME_CHANGED: 'updated',
      TODO_CHECKLIST_ITEM_DELETED: 'deleted',
      TODO_CHECKLIST_ITEM_DUE_DATE_ADDED: 'updated',
      TODO_CHECKLIST_ITEM_DUE_DATE_UPDATED: 'updated',
      TODO_CHECKLIST_ITEM_DUE_DATE_REMOVED: 'updated',
      TODO_CHECKLIST_ITEM_ASSIGNEE_ADDED: 'updated',
      TODO_CHECKLIST_ITEM_ASSIGNEE_REMOVED: 'updated',
      TODO_CHECKLIST_ITEM_DONE_STATUS_UPDATED: 'updated',
    },
  },
  list: {
    entity: 'TodoList',
    events: {
      TODO_LIST_CREATED: 'created',
      TODO_LIST_DELETED: 'deleted',
      TODO_LIST_NAME_CHANGED: 'updated',
    },
  },
  customField: {
    entity: 'CustomField',
    events: {
      CUSTOM_FIELD_CREATED: 'created',
      CUSTOM_FIELD_DELETED: 'deleted',
      CUSTOM_FIELD_UPDATED: 'updated',
    },
  },
  tag: {
    entity: 'Tag',
    events: {
      TAG_CREATED: 'created',
      TAG_DELETED: 'deleted',
      TAG_UPDATED: 'updated',
    },
  },
  comment: {
    entity: 'Comment',
    events: {
      COMMENT_CREATED: 'created',
      COMMENT_DELETED: 'deleted',
      COMMENT_UPDATED: 'updated',
    },
  },
} as const satisfies Record<string, { entity: keyof EntityMap; events: Readonly<Record<string, Action>> }>;
