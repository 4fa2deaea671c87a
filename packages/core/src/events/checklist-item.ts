import { checklistItem } from './entities';
import { family } from './family';

export const checklistItemEvents = family(checklistItem, {
  TODO_CHECKLIST_ITEM_CREATED: 'created',
  TODO_CHECKLIST_ITEM_NAME_CHANGED: 'updated',
  TODO_CHECKLIST_ITEM_DELETED: 'deleted',
  TODO_CHECKLIST_ITEM_DUE_DATE_ADDED: 'updated',
  TODO_CHECKLIST_ITEM_DUE_DATE_UPDATED: 'updated',
  TODO_CHECKLIST_ITEM_DUE_DATE_REMOVED: 'updated',
  TODO_CHECKLIST_ITEM_ASSIGNEE_ADDED: 'updated',
  TODO_CHECKLIST_ITEM_ASSIGNEE_REMOVED: 'updated',
  TODO_CHECKLIST_ITEM_DONE_STATUS_UPDATED: 'updated',
});
