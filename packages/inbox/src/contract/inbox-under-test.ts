import {
  createReceiver,
  type Delivery,
  type Outcome,
  type RawDelivery,
  type Receiver,
  sign,
} from '@blue-webhooks/core';
import type { DeliveryState } from '../delivery';
import type { Inbox } from '../inbox';
import type { InboxEvent } from '../inbox-event';
import type { Limit } from '../limits';
import type { WorkOptions } from '../settings';
import { type ContractCase, eventually } from './case';

/** The options with which a case creates an inbox. */
export interface ContractInboxOptions extends WorkOptions {
  readonly receiver: Receiver;
  /** Only in cases that need order. */
  readonly limits?: readonly Limit[] | undefined;
}

/** Creates the inboxes that the contract tests. */
export interface InboxUnderTest {
  /**
   * Creates an inbox. All inboxes of one case share their deliveries, and there are no deliveries at first. The caller stops
   * them after the case.
   */
  create(options: ContractInboxOptions): Inbox | Promise<Inbox>;
}

export interface InboxCase extends ContractCase<InboxUnderTest> {
  /** Whether the case tests the order within an entity, limits or pauses of an event, which not every inbox has. */
  readonly needsOrder: boolean;
}

export const secret = 'a secret of the contract';

/** Retries within milliseconds. */
export const promptly = { maxAttempts: 3, firstDelayMs: 10, maxDelayMs: 20, jitter: 0 } as const;

let count = 0;

export interface SignedRaw extends RawDelivery {
  readonly id: string;
  readonly text: string;
}

/** Returns a new signed delivery. */
export async function raw(payload: object = {}): Promise<SignedRaw> {
  count += 1;
  const text = JSON.stringify({
    event: 'TODO_MOVED',
    webhook: { id: 'webhook' },
    previousValue: null,
    currentValue: { id: `record ${count}`, title: 'Zoë 😀' },
    count,
    ...payload,
  });
  const signature = await sign(text, secret);
  return {
    id: signature.slice(0, 32),
    text,
    method: 'POST',
    body: new TextEncoder().encode(text),
    header: (name) => (name === 'x-signature' ? signature : undefined),
  };
}

/** Returns a receiver that calls the handler for every event. */
export function receiverWith(handler: (delivery: Delivery) => unknown): Receiver {
  const handle = (_event: unknown, delivery: Delivery) => handler(delivery);
  return createReceiver({ secret }).on('TODO_MOVED', handle).onUnknown(handle);
}

/** Creates an inbox, and records its events. */
export async function inboxWith(
  { create }: InboxUnderTest,
  handler: (delivery: Delivery) => unknown,
  options: Partial<ContractInboxOptions> = {},
): Promise<{ inbox: Inbox; events: InboxEvent[] }> {
  const events: InboxEvent[] = [];
  const inbox = await create({
    receiver: receiverWith(handler),
    retry: promptly,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { inbox, events };
}

/** Sends deliveries. @throws Error unless each is answered 204 */
export async function deliver(inbox: Inbox, ...deliveries: readonly RawDelivery[]): Promise<void> {
  const outcomes: Outcome[] = await Promise.all(deliveries.map((one) => inbox.handle(one)));
  const refused = outcomes.find(({ status }) => status !== 204);
  if (refused) throw new Error(`A delivery was answered ${refused.status} ${refused.body}.`);
}

/** Waits until a delivery is in a state. */
export function untilState(inbox: Inbox, id: string, state: DeliveryState) {
  return eventually(async () => {
    const delivery = await inbox.get(id);
    return delivery?.state === state && delivery;
  });
}
