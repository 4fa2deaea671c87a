import { todoList } from './entities';
import { family } from './family';

export const listEvents = family(todoList, {
  TODO_LIST_CREATED: 'created',
  TODO_LIST_DELETED: 'deleted',
  TODO_LIST_NAME_CHANGED: 'updated',
});
