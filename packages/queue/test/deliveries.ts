import { createReceiver, type Delivery, type Receiver } from '@blue-webhooks/core';
import { fixtures, type SignedDelivery, signedDelivery } from '@blue-webhooks/testing';
import type { QueueMessage, QueueProducer } from '../src/index';

export const secret = 'a secret of the tests';

/** Creates a receiver with one handler for the events that the tests send. */
export function receiverWith(handler: (delivery: Delivery) => unknown = () => {}): Receiver {
  return createReceiver({ secret })
    .on(['TODO_CREATED', 'TODO_MOVED'], (_event, delivery) => handler(delivery))
    .onUnknown((_event, delivery) => handler(delivery));
}

/** Returns the payload of a moved record. */
export function moved(id: string, more: object = {}) {
  const payload = fixtures.TODO_MOVED;
  return { ...payload, currentValue: { ...payload.currentValue, id, ...more } };
}

let count = 0;

/** Returns a new signed delivery. */
export async function signed(payload: object = moved('a record')): Promise<SignedDelivery & { readonly id: string }> {
  count += 1;
  const delivery = await signedDelivery({ ...payload, count }, { secret });
  return { ...delivery, id: delivery.headers['x-signature'].slice(0, 32) };
}

/** Sends a delivery through `fetch`. Returns the status. */
export async function post(
  { fetch }: Pick<QueueProducer, 'fetch'>,
  { body, headers }: SignedDelivery,
): Promise<number> {
  return (await fetch(new Request('http://localhost/webhooks/blue', { method: 'POST', body, headers }))).status;
}

/** A queue that is a list, as `send` fills it. */
export function list(): { readonly messages: QueueMessage[]; send(message: QueueMessage): Promise<void> } {
  const messages: QueueMessage[] = [];
  return {
    messages,
    async send(message) {
      messages.push(message);
    },
  };
}
