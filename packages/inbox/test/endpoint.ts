import { createReceiver, type Delivery } from '@blue-webhooks/core';
import { fixtures, type SignedDelivery, signedDelivery } from '@blue-webhooks/testing';
import { onTestFinished } from 'vitest';
import { createInbox, type Inbox, type InboxEvent, type InboxOptions } from '../src/index';

export const secret = 'a secret of the tests';

/** Creates an inbox that is stopped after the test, and records its events. */
export function inboxWith(
  options: Omit<InboxOptions, 'receiver'>,
  handler: (delivery: Delivery) => unknown = () => {},
): { inbox: Inbox; events: InboxEvent[]; heard: (type: InboxEvent['type']) => InboxEvent[] } {
  const events: InboxEvent[] = [];
  const handle = (_event: unknown, delivery: Delivery) => handler(delivery);
  const receiver = createReceiver({ secret })
    .on(['TODO_CREATED', 'TODO_MOVED', 'TODO_DELETED', 'WEBHOOK_HEALTH_CHECK'], handle)
    .onUnknown(handle);
  const inbox = createInbox({ pollMs: 20, onEvent: (event) => events.push(event), ...options, receiver });
  onTestFinished(() => inbox.stop({ timeoutMs: 0 }));
  return { inbox, events, heard: (type) => events.filter((event) => event.type === type) };
}

/** Returns the payload of a moved record. */
export function moved(id: string, more: object = {}) {
  const payload = fixtures.TODO_MOVED;
  return { ...payload, currentValue: { ...payload.currentValue, id, ...more } };
}

export interface Sent extends SignedDelivery {
  readonly id: string;
}

let count = 0;

/** Returns a new signed delivery. */
export async function signed(payload: object = moved(`record ${count}`)): Promise<Sent> {
  count += 1;
  const delivery = await signedDelivery({ ...payload, count }, { secret });
  return { ...delivery, id: delivery.headers['x-signature'].slice(0, 32) };
}

export const healthCheck = () => signed(fixtures.WEBHOOK_HEALTH_CHECK);

/** Sends a delivery through `fetch`. Returns the status. */
export async function post(inbox: Pick<Inbox, 'fetch'>, { body, headers }: SignedDelivery): Promise<number> {
  const request = new Request('http://localhost/webhooks/blue', { method: 'POST', body, headers });
  return (await inbox.fetch(request)).status;
}

/** Polls for up to ten seconds until the result is not `undefined` or `false`. */
export { eventually } from '../src/contract/case';
