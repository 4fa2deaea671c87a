import type { BackfillEvent } from './backfill-event';
import type { Difference } from './compare';
import type { Row } from './rows';
import type { Step } from './step';

/** Steps on checklists are not among them: they contain no id of a checklist or an item. */
const events: ReadonlyMap<string, string> = new Map([
  ['UPDATE_TITLE', 'TODO_NAME_CHANGED'],
  ['CHANGE_TODO_LIST', 'TODO_MOVED'],
  ['MOVE_TODO', 'TODO_MOVED'],
  ['MARK_AS_COMPLETE', 'TODO_DONE_STATUS_UPDATED'],
  ['MARK_AS_INCOMPLETE', 'TODO_DONE_STATUS_UPDATED'],
  ['SET_DUE_DATE', 'TODO_DUE_DATE_ADDED'],
  ['CHANGE_DUE_DATE', 'TODO_DUE_DATE_UPDATED'],
  ['REMOVE_DUE_DATE', 'TODO_DUE_DATE_REMOVED'],
  ['ASSIGN_AN_ASSIGNEE', 'TODO_ASSIGNEE_ADDED'],
  ['UNASSIGN_AN_ASSIGNEE', 'TODO_ASSIGNEE_REMOVED'],
  ['ADD_TAG', 'TODO_TAG_ADDED'],
  ['REMOVE_TAG', 'TODO_TAG_REMOVED'],
  ['SET_CUSTOM_FIELD', 'TODO_CUSTOM_FIELD_UPDATED'],
]);

/** A date that is removed and set again is one net update. */
const subjectOf = (event: string): string => (event.startsWith('TODO_DUE_DATE_') ? 'TODO_DUE_DATE' : event);

/**
 * Converts the steps of a record to events, oldest first, without the last step of each net change, which has an event of its own.
 * The state after a step is not known, so that each event contains the current row and no previous one.
 */
export function stepEvents(
  base: Pick<BackfillEvent, 'kind' | 'entityId' | 'projectId'>,
  row: Row,
  steps: readonly Step[],
  net: readonly Difference[],
): readonly BackfillEvent[] {
  const named = steps.flatMap((step) => {
    const event = events.get(step.type);
    return event === undefined ? [] : [{ ...base, event, previousValue: null, currentValue: row, step }];
  });
  named.sort((one, other) => Date.parse(one.step.at) - Date.parse(other.step.at));
  const covered = net.map(({ event }) => named.findLast((each) => subjectOf(each.event) === subjectOf(event)));
  return named.filter((each) => !covered.includes(each));
}
