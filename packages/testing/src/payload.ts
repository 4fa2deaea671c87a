import type { EventFamily, EventOf, eventNames } from '@blue-webhooks/core';
import type { ChecklistRow } from './rows/checklist';
import type { ChecklistItemRow } from './rows/checklist-item';
import type { CommentRow } from './rows/comment';
import type { CustomFieldRow } from './rows/custom-field';
import type { ListRow } from './rows/list';
import type { RecordRow } from './rows/record';
import type { TagRow } from './rows/tag';
import type { WebhookRow } from './rows/webhook';

/** A delivery's body before it is serialised to bytes. */
export type Payload<Name extends string, Previous, Current> = {
  event: Name;
  webhook: WebhookRow;
  previousValue: Previous;
  currentValue: Current;
};

/** The rows in the events of each family. */
export interface RowOf {
  record: RecordRow;
  checklist: ChecklistRow;
  checklistItem: ChecklistItemRow;
  list: ListRow;
  customField: CustomFieldRow;
  tag: TagRow;
  comment: CommentRow;
}

type NamesIn<F extends EventFamily> = (typeof eventNames)[F][number];
type FamilyOf<N> = { [F in EventFamily]: N extends NamesIn<F> ? F : never }[EventFamily];

/** One of the 37 events that a webhook can subscribe to. */
export type SubscribableEvent = NamesIn<EventFamily>;

/** The payload of an event, `PayloadOf<'TODO_MOVED'>`, in the shape that Blue documents today. */
export type PayloadOf<N extends SubscribableEvent> = Payload<
  N,
  [EventOf<N>['previousValue']] extends [null] ? null : RowOf[FamilyOf<N>],
  [EventOf<N>['currentValue']] extends [null] ? null : RowOf[FamilyOf<N>]
>;
