import { checklist } from './entities';
import { family } from './family';

export const checklistEvents = family(checklist, {
  TODO_CHECKLIST_CREATED: 'created',
  TODO_CHECKLIST_NAME_CHANGED: 'updated',
  TODO_CHECKLIST_DELETED: 'deleted',
});
