import type { Delivery } from '@blue-webhooks/core';

/**
 * Where a delivery stands: `held` behind an earlier one of its entity, `waiting` for its first attempt or another, `active`,
 * `done`, `skipped` because a newer state of its entity had been handled, or `dead`: given up, and waiting for a person.
 */
export type EntryState = 'held' | 'waiting' | 'active' | 'done' | 'skipped' | 'dead';

/** The states of deliveries that are still to be handled. */
export const unfinishedStates = ['held', 'waiting', 'active'] as const satisfies readonly EntryState[];

export const entryStates = [...unfinishedStates, 'done', 'skipped', 'dead'] as const satisfies readonly EntryState[];

/** What tells one delivery from another, without anything of its body. */
export interface EntryFacts {
  /** `delivery.id`. */
  readonly id: string;
  /** The event's name on the wire. */
  readonly event: string;
  /** The `id` of the record, list, comment …; `undefined` where the event carries none. */
  readonly entityId: string | undefined;
  readonly webhookId: string | undefined;
  readonly receivedAt: Date;
}

/** What is kept of the delivery itself: the body as it was signed, and what verification found. Never a secret or a signature. */
export interface EntryContent {
  readonly rawBody: string;
  readonly signature: Delivery['signature'];
  /** The name of the secret that matched, not the secret. */
  readonly secretId: string | undefined;
  /** The trace in which the delivery was received, as the option `tracing` captured it. */
  readonly trace: string | undefined;
}

/** A verified delivery, to be stored. */
export interface NewEntry extends EntryFacts, EntryContent {
  /** Deliveries of one lane are handled one after the other, in order of arrival; `undefined`: whenever it comes. */
  readonly lane: string | undefined;
  /** The entity's `updatedAt`, by which stale updates are told. */
  readonly entityUpdatedAt: Date | undefined;
}

/** A stored delivery, as lists show it. */
export interface InboxEntry extends EntryFacts {
  readonly state: EntryState;
  /** The attempts begun so far. */
  readonly attempts: number;
  /** When the next attempt is due; `undefined` unless one has failed and another follows. */
  readonly retryAt: Date | undefined;
  /** When it was done, skipped or given up. */
  readonly finishedAt: Date | undefined;
  /** What the last attempt that failed threw, at most 1,000 characters of it. */
  readonly lastError: string | undefined;
}

/** A stored delivery with its body. */
export interface FullEntry extends InboxEntry, EntryContent {
  /** The names of the handlers that have succeeded, which the next attempt does not run; empty once the delivery is done. */
  readonly handled: readonly string[];
}

/** The facts alone, for hooks. */
export function factsOf({ id, event, entityId, webhookId, receivedAt }: EntryFacts): EntryFacts {
  return { id, event, entityId, webhookId, receivedAt };
}
