import type { Delivery } from '@blue-webhooks/core';
import type { DeliveryFacts } from '@blue-webhooks/core/adapter';

export type { DeliveryFacts } from '@blue-webhooks/core/adapter';

/**
 * Where a delivery is: `held` behind an earlier one of its entity, `waiting` for its first attempt or a retry, `active` while
 * its handlers run, `done`, `skipped` because a newer state of its entity was handled, or `dead`: a dead letter.
 */
export type DeliveryState = 'held' | 'waiting' | 'active' | 'done' | 'skipped' | 'dead';

/** The states of deliveries that are still to be handled. */
export const unfinishedStates = ['held', 'waiting', 'active'] as const satisfies readonly DeliveryState[];

export const deliveryStates = [
  ...unfinishedStates,
  'done',
  'skipped',
  'dead',
] as const satisfies readonly DeliveryState[];

/** What is stored of the delivery itself: the body as it was signed and the result of verification, never a secret or a signature. */
export interface DeliveryContent {
  readonly rawBody: string;
  readonly signature: Delivery['signature'];
  /** The name of the secret that matched, not the secret. */
  readonly secretId: string | undefined;
  /** The trace in which the delivery was received, as the option `tracing` captured it. */
  readonly trace: string | undefined;
}

/** A verified delivery that is to be stored. */
export interface NewDelivery extends DeliveryFacts, DeliveryContent {
  /** Deliveries of one lane are handled one after the other, in order of arrival; without a lane in any order. */
  readonly lane: string | undefined;
  /** The entity's `updatedAt`, by which stale updates are found. */
  readonly entityUpdatedAt: Date | undefined;
}

/** A delivery in an inbox, as lists show it. */
export interface InboxDelivery extends DeliveryFacts {
  readonly state: DeliveryState;
  /** The attempts begun so far. */
  readonly attempts: number;
  /** When the next attempt is due; `undefined` unless one has failed and is retried, or was postponed. */
  readonly retryAt: Date | undefined;
  /** The key of the limit for which it waits; absent if it waits for none. */
  readonly limitKey?: string | undefined;
  /** When it was done, skipped or became a dead letter. */
  readonly finishedAt: Date | undefined;
  /** What the last failed attempt threw: name and message, at most 1,000 characters, without quotations of the body. */
  readonly lastError: string | undefined;
}

/** A delivery in an inbox with its body. */
export interface FullInboxDelivery extends InboxDelivery, DeliveryContent {
  /** The names of the handlers that have succeeded, which the next attempt does not run; empty once the delivery is done. */
  readonly handled: readonly string[];
}

/** Returns the facts alone, for hooks. */
export function factsOf({ id, event, entityId, webhookId, receivedAt }: DeliveryFacts): DeliveryFacts {
  return { id, event, entityId, webhookId, receivedAt };
}
