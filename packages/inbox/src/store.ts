import type { DeliveryState, FullInboxDelivery, InboxDelivery } from './delivery';
import type { Intake } from './intake';
import type { LimitRule } from './limit-options';
import type { LimitStats } from './limits';
import type { Pause, PauseScope } from './pauses';

/**
 * Stores the deliveries of an inbox. Several inboxes, in several processes, can work on one store: `lease` gives a delivery to
 * one of them only.
 *
 * Every method rejects if the store fails. None reports as done what a crash or a power cut can undo, unless `notDurable` is
 * set. `@blue-webhooks/inbox/store-contract` tests all of this.
 */
export interface InboxStore<Tx = unknown> extends Intake {
  /** Why an acknowledged delivery can be lost; absent if none can. */
  readonly notDurable?: string | undefined;
  /** What an operator should know, once the store is open: what it has changed, or does not find as documented. */
  readonly warnings?: readonly string[] | undefined;
  /**
   * Opens the store. The other methods open it when they have to, so that a store that was down is used again once it is up.
   * @throws Error if the store cannot be used
   */
  open(): Promise<void>;
  /**
   * Takes due deliveries, oldest first, and counts an attempt for each. Of a lane it takes the first delivery that is not
   * finished. A delivery whose lease was not renewed for the lease's `leaseMs` is due again. None to which a pause applies is
   * taken, and its lane stays held. Of those that wait for a limit (`updateLimits`), it takes as many of each key as `roomFor` allows.
   */
  lease(request: LeaseRequest): Promise<readonly Lease[]>;
  /** Renews leases. Returns those that are lost: another process has them, or the delivery was marked as dead. */
  renew(leases: readonly Lease[]): Promise<readonly Lease[]>;
  /**
   * Stores the names of handlers that have succeeded for a leased delivery, added to those stored before. They are kept until the
   * delivery is done. Returns `false`, and changes nothing, if the lease was lost.
   */
  recordHandled(lease: Lease, handled: readonly string[]): Promise<boolean>;
  /**
   * Runs work in a transaction of the database, and stores in it which handlers have succeeded, added to those stored before: both
   * are committed, or neither is. Returns `false`, with nothing committed, if the lease was lost. Rejects with what the work threw,
   * and with `COMMIT_UNKNOWN` if it cannot know whether it was committed. Absent in a store without transactions.
   */
  readonly transaction?: ((request: TransactionRequest<Tx>) => Promise<boolean>) | undefined;
  /** Ends a lease. Returns `false`, and changes nothing, if it was lost. */
  settle(lease: Lease, settlement: Settlement): Promise<boolean>;
  /**
   * Calls `change` with what is stored of the keys, and stores what it returns: the new states, and which leased deliveries wait for
   * a limit, without a lease and without counting the attempt. All of it is stored, or nothing, and nothing else changes the states in
   * between; where that takes a second try, `change` is called again.
   */
  updateLimits(update: LimitUpdate): Promise<void>;
  /** Returns how many deliveries are in each state, the age of the oldest that waits, and the keys of limits. */
  stats(): Promise<InboxStats>;
  /**
   * Returns a page of deliveries without their bodies, newest first.
   * @throws TypeError for a cursor that is not from this store
   */
  list(query: ListQuery): Promise<InboxPage>;
  /** Returns a delivery with its body. */
  get(id: string): Promise<FullInboxDelivery | undefined>;
  /**
   * Makes deliveries run again, each in its place in its lane, with their attempts counted from 1; those that wait for a retry
   * are due now. Active and held deliveries are not changed. Returns how many will run.
   */
  replay(selection: ReplaySelection): Promise<number>;
  /** Makes an unfinished delivery a dead letter, also an active one. Returns whether there was one. */
  markDead(id: string): Promise<boolean>;
  /** Deletes finished deliveries, and remembers their ids until `forgetBefore`. Returns how many deliveries were deleted. */
  prune(request: PruneRequest): Promise<number>;
  /** Stores a pause, in place of one of the same event and webhook. Every `lease` passes over what it applies to, in all processes. */
  pause(pause: Pause): Promise<void>;
  /** Deletes the pause of exactly that event and webhook. Returns whether there was one. */
  resume(scope: PauseScope): Promise<boolean>;
  /** Returns all pauses, the oldest first. */
  paused(): Promise<readonly Pause[]>;
  /** Closes files and connections. */
  close(): Promise<void>;
}

/** Which deliveries a worker takes. */
export interface LeaseRequest {
  /** How many deliveries at most. */
  readonly limit: number;
  /** How long a lease lasts unless it is renewed, in milliseconds. */
  readonly leaseMs: number;
  /** Whether to find out which deliveries are stale. */
  readonly findStale: boolean;
  /** The limits of the worker, in order. Defaults to none: deliveries that wait for a limit are taken like all others. */
  readonly limits?: readonly LimitRule[] | undefined;
}

/** What a store has of limits. The states are texts that only `@blue-webhooks/inbox` reads. */
export interface StoredLimits {
  /** The time by the clock that all processes on the store share, in milliseconds since 1970. */
  readonly now: number;
  /** What is stored of each key. */
  readonly states: ReadonlyMap<string, string>;
  /** The leases that are active, each as `holderOf` of its token and its delivery's id. */
  readonly active: ReadonlySet<string>;
}

/** A change of what is stored of limits. */
export interface LimitUpdate {
  /** The keys whose states the change reads and replaces. */
  readonly keys: readonly string[];
  /** Computes the change, synchronously and without effects of its own. */
  readonly change: (stored: StoredLimits) => LimitChange;
}

/** What a store stores of limits. */
export interface LimitChange {
  /** The new states; `undefined` deletes one. A prune can delete a state that has expired. */
  readonly states: readonly {
    readonly key: string;
    readonly state: string | undefined;
    readonly expiresAt: number | undefined;
  }[];
  /** The leased deliveries that wait for a key. A lease that was lost is passed over. */
  readonly waiting: readonly { readonly lease: Lease; readonly key: string }[];
}

/** A delivery that one worker handles. */
export interface Lease {
  readonly delivery: FullInboxDelivery;
  /** Identifies this lease among all leases of the delivery. */
  readonly token: string;
  /** Whether a delivery of the same entity with a later `updatedAt` is done; `false` unless `findStale` is set. */
  readonly stale: boolean;
}

/** What runs in a transaction. */
export interface TransactionRequest<Tx> {
  readonly lease: Lease;
  /** The names of the handlers that have succeeded when the work has. */
  readonly handled: readonly string[];
  /** What runs; its writes with `tx` are part of the transaction. */
  readonly work: (tx: Tx) => unknown;
  /** Rolls the transaction back when it aborts. */
  readonly signal: AbortSignal;
}

/** How a lease ended. */
export type Settlement =
  | { readonly type: 'done' }
  | { readonly type: 'skipped' }
  | { readonly type: 'dead'; readonly error: string }
  | { readonly type: 'retry'; readonly error: string; readonly retryAt: Date }
  /** By a handler, which has not failed: the delivery is due at that time, and the attempt does not count. */
  | { readonly type: 'postponed'; readonly until: Date }
  /** Without a result: the delivery is due now, and the attempt does not count. */
  | { readonly type: 'returned' };

/** How many deliveries are in each state, and how far behind the inbox is. */
export type InboxStats = Readonly<Record<DeliveryState, number>> & {
  /** How long ago the oldest delivery that is `waiting` was received, in milliseconds; `undefined` if none waits. */
  readonly oldestWaitingMs: number | undefined;
  /**
   * The keys of limits of which attempts run, began within a minute or have failed: those with an open breaker first, up to
   * 1,000.
   */
  readonly limits: readonly LimitStats[];
};

/** Which deliveries: those that fulfil every condition. */
export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  /** The event's name as it was sent. */
  readonly event?: string | undefined;
  readonly entityId?: string | undefined;
  /** Received at this time or later. */
  readonly since?: Date | undefined;
}

export interface ListQuery extends DeliveryFilter {
  /** How many deliveries at most, up to 1,000. Defaults to 50. */
  readonly limit?: number | undefined;
  /** The cursor of the page before. */
  readonly cursor?: string | undefined;
}

/** A page of a list. */
export interface InboxPage {
  readonly deliveries: readonly InboxDelivery[];
  /** For the next page; `undefined` on the last. */
  readonly cursor: string | undefined;
}

/** Which deliveries run again. */
export type ReplaySelection = { readonly ids: readonly string[] } | { readonly filter: DeliveryFilter };

/** What is deleted, and which ids are forgotten. */
export interface PruneRequest {
  /** Deletes finished deliveries that were received before this. */
  readonly before: Date;
  /** The states of those that are deleted: `done`, `skipped`, `dead`. */
  readonly states: readonly DeliveryState[];
  /** Forgets the ids of deliveries that were received before this. */
  readonly forgetBefore: Date;
}

export const DEFAULT_LIMIT = 50;
