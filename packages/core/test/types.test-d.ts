import type { Todo } from '../src/entities';
import {
  type BlueEvent,
  createReceiver,
  type Delivery,
  type EventMap,
  type EventOf,
  eventNames,
  verify,
} from '../src/index';
import { parse } from '../src/parse';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(..._claim: T[]): void => {};

// Every one of the 37 names, the health check and the two older shapes narrows; so does UNKNOWN, and nothing is left over.
export function narrows(event: BlueEvent): string {
  switch (event.event) {
    case 'TODO_CREATED':
      holds<Equal<typeof event.previousValue, null>>();
      return event.currentValue.title;
    case 'TODO_DELETED':
      holds<Equal<typeof event.currentValue, null>>();
      return event.previousValue.title;
    case 'TODO_MOVED':
    case 'TODO_NAME_CHANGED':
    case 'TODO_DONE_STATUS_UPDATED':
    case 'TODO_DUE_DATE_ADDED':
    case 'TODO_DUE_DATE_UPDATED':
    case 'TODO_DUE_DATE_REMOVED':
    case 'TODO_ASSIGNEE_ADDED':
    case 'TODO_ASSIGNEE_REMOVED':
    case 'TODO_TAG_ADDED':
    case 'TODO_TAG_REMOVED':
    case 'TODO_CUSTOM_FIELD_UPDATED':
      holds<Equal<typeof event.previousValue, Todo | null>>();
      return event.currentValue.todoList?.project?.company?.name ?? event.currentValue.title;
    case 'TODO_CHECKLIST_CREATED':
    case 'TODO_CHECKLIST_NAME_CHANGED':
      return event.currentValue.todo?.id ?? event.currentValue.id;
    case 'TODO_CHECKLIST_DELETED':
      return event.previousValue.id;
    case 'TODO_CHECKLIST_ITEM_CREATED':
    case 'TODO_CHECKLIST_ITEM_NAME_CHANGED':
    case 'TODO_CHECKLIST_ITEM_DUE_DATE_ADDED':
    case 'TODO_CHECKLIST_ITEM_DUE_DATE_UPDATED':
    case 'TODO_CHECKLIST_ITEM_DUE_DATE_REMOVED':
    case 'TODO_CHECKLIST_ITEM_ASSIGNEE_ADDED':
    case 'TODO_CHECKLIST_ITEM_ASSIGNEE_REMOVED':
    case 'TODO_CHECKLIST_ITEM_DONE_STATUS_UPDATED':
      return event.currentValue.checklist?.id ?? event.currentValue.id;
    case 'TODO_CHECKLIST_ITEM_DELETED':
      return event.previousValue.id;
    case 'TODO_LIST_CREATED':
    case 'TODO_LIST_NAME_CHANGED':
      return event.currentValue.title ?? event.currentValue.id;
    case 'TODO_LIST_DELETED':
      return event.previousValue.id;
    case 'CUSTOM_FIELD_CREATED':
    case 'CUSTOM_FIELD_UPDATED':
      return event.currentValue.name;
    case 'CUSTOM_FIELD_DELETED':
      return event.webhook === null ? (event.timestamp ?? event.previousValue.id) : event.webhook.id;
    case 'TAG_CREATED':
    case 'TAG_UPDATED':
      return event.currentValue.color ?? event.currentValue.id;
    case 'TAG_DELETED':
      return event.previousValue.id;
    case 'COMMENT_CREATED':
    case 'COMMENT_UPDATED':
      return event.currentValue.text ?? event.currentValue.id;
    case 'COMMENT_DELETED':
      return event.previousValue.id;
    case 'RECORD_CREATED':
      return event.record.title;
    case 'WEBHOOK_HEALTH_CHECK':
      return event.webhook?.status ?? '';
    case 'UNKNOWN':
      return event.name;
    default:
      return event satisfies never;
  }
}

holds<Equal<EventOf<'TODO_MOVED'>, EventMap['TODO_MOVED']>>();
holds<Equal<keyof EventMap, EventMap[keyof EventMap]['event']>>();

const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET });
receiver.on(['TODO_MOVED', 'TAG_DELETED'], (event, delivery) => {
  holds<Equal<typeof event, EventOf<'TODO_MOVED' | 'TAG_DELETED'>>>();
  holds<Equal<typeof delivery.event, EventOf<'TODO_MOVED' | 'TAG_DELETED'>>>();
});
receiver.on(eventNames.comment, (event) => {
  holds<Equal<typeof event.event, 'COMMENT_CREATED' | 'COMMENT_DELETED' | 'COMMENT_UPDATED'>>();
});
// @ts-expect-error no such event
receiver.on('TODO_CREATE', () => {});
// @ts-expect-error unknown events have a registration of their own
receiver.on('UNKNOWN', () => {});
// @ts-expect-error a secret is required
createReceiver({});
// @ts-expect-error unverified bytes are not a VerifiedBody
parse({ bytes: new Uint8Array(), id: '', signature: 'verified', secretId: undefined, hintedWebhookId: undefined });

const promised = verify({ body: '', signature: '', secret: 'a secret' });
// @ts-expect-error a promise of a delivery is not a delivery
export const delivery: Delivery = promised;
// @ts-expect-error a promise of a delivery has no event
promised.event;
// @ts-expect-error a parsed body cannot be verified
verify({ body: { event: 'TODO_CREATED' }, signature: '', secret: 'a secret' });
