import { todo } from './entities';
import { family } from './family';

export const recordEvents = family(todo, {
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
});
