import { changed, changes, customFieldValue, defineCustomFields, entityOf } from '../../src/changes/index';
import type { Todo } from '../../src/entities';
import type { BlueEvent, EventOf } from '../../src/index';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(..._claim: T[]): void => {};

export function narrowsColumns(event: EventOf<'TODO_DUE_DATE_ADDED'>): void {
  for (const change of changes(event)) {
    switch (change.field) {
      case 'done':
        holds<Equal<typeof change.after, boolean | null | undefined>>();
        break;
      case 'assignees':
      case 'tags':
        holds<Equal<typeof change.added, readonly string[]>>();
        break;
      case 'customField':
        if (change.type === 'CURRENCY') change.after?.amount;
        if (change.type === 'SELECT_MULTI') change.before?.map(({ title }) => title);
        // @ts-expect-error a checkbox has no amount
        if (change.type === 'CHECKBOX') change.after?.amount;
        break;
      default:
        // @ts-expect-error updatedAt, which differs after every change, is not listed
        change.field === 'updatedAt';
        // @ts-expect-error a relation counts as its foreign key
        change.field === 'todoList';
    }
  }
  const done = changed(event, 'done');
  holds<Equal<NonNullable<typeof done>['before'], boolean | null | undefined>>();
  // @ts-expect-error no such field
  changed(event, 'dnoe');
}

export function knowsWhatEachEntityCanChange(
  item: EventOf<'TODO_CHECKLIST_ITEM_CREATED'>,
  comment: EventOf<'COMMENT_UPDATED'>,
  any: BlueEvent,
): void {
  changed(item, 'assignees')?.removed;
  changed(comment, 'text')?.after;
  changed(any, 'tags')?.added;
  // @ts-expect-error an item has no tags
  changed(item, 'tags');
  // @ts-expect-error a comment has no assignees
  changed(comment, 'assignees');
}

export function readsCustomFields(event: EventOf<'TODO_CREATED'>): void {
  const value = customFieldValue(event.currentValue, 'Budget');
  if (value?.type === 'CURRENCY') value.value?.currency;
  if (value?.type === 'UNKNOWN') value.typeName;
  const fieldsOf = defineCustomFields({ budget: { id: 'a', type: 'CURRENCY' }, done: { id: 'b', type: 'CHECKBOX' } });
  const { budget, done } = fieldsOf(event.currentValue);
  budget?.amount;
  holds<Equal<typeof done, boolean | null | undefined>>();
  // @ts-expect-error no such type
  defineCustomFields({ budget: { id: 'a', type: 'MONEY' } });
}

export function knowsTheEntity(moved: EventOf<'TODO_MOVED'>, older: EventOf<'RECORD_CREATED'>): void {
  const entity = entityOf(moved);
  holds<Equal<typeof entity, Todo | undefined>>();
  entityOf(older)?.title;
}
