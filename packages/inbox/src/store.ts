import type { EntryState, FullEntry, InboxEntry } from './entry';
import type { Intake } from './intake';

/**
 * Where an inbox keeps its deliveries. Several inboxes, in several processes, may work on what one store keeps: `lease` gives
 * a delivery to one of them only.
 *
 * Every method rejects if the store fails; none may report as done what a crash or a power cut can undo, unless
 * `notDurable` says so. `@blue-webhooks/inbox/store-contract` tests all that is promised here.
 */
export interface InboxStore extends Intake {
  /** Why an acknowledged delivery can be lost; absent where none can. */
  readonly notDurable?: string | undefined;
  /** What an operator should know, once the store is open: what was changed, or is not as documented. */
  readonly warnings?: readonly string[] | undefined;
  /**
   * Makes the store ready, or tells why that cannot be. The other methods do so by themselves when they have to, so that a
   * store that was down is used again once it is up.
   */
  open(): Promise<void>;
  /**
   * Takes deliveries that are due, oldest first, and counts an attempt for each: those of one lane only when all before them
   * are done, skipped or dead. Deliveries whose holder has not renewed its lease for that lease's `leaseMs` are due again.
   */
  lease(request: LeaseRequest): Promise<readonly Lease[]>;
  /** Keeps leases alive. Returns those that are lost: another has them, or they were buried. */
  renew(leases: readonly Lease[]): Promise<readonly Lease[]>;
  /**
   * Stores the names of all handlers that have succeeded for a leased delivery, in place of those stored before. They are kept
   * until the delivery is done. Returns `false` if the lease was lost before, and changes nothing.
   */
  recordHandled(lease: Lease, handled: readonly string[]): Promise<boolean>;
  /** Ends a lease: `false` if it was lost before, and nothing is changed. */
  settle(lease: Lease, settlement: Settlement): Promise<boolean>;
  /** How many deliveries are in each state. */
  stats(): Promise<InboxStats>;
  /** Newest first. */
  list(query: ListQuery): Promise<InboxPage>;
  /** One delivery with its body. */
  get(id: string): Promise<FullEntry | undefined>;
  /**
   * Lets deliveries run again, in their lane's order, their attempts counted anew; those waiting for a retry run at once.
   * Active and held ones are left alone. Returns how many will run.
   */
  replay(selection: ReplaySelection): Promise<number>;
  /** Gives a delivery up that is not finished, even one that is active: whether there was one. */
  bury(id: string): Promise<boolean>;
  /** Deletes what is finished, and remembers the ids until they are forgotten. Returns how many deliveries were deleted. */
  prune(request: PruneRequest): Promise<number>;
  /** Lets go of files and connections. */
  close(): Promise<void>;
}

/** What a worker asks for. */
export interface LeaseRequest {
  /** How many deliveries at most. */
  readonly limit: number;
  /** For how long a silent holder keeps them, in milliseconds. */
  readonly leaseMs: number;
  /** Whether to find out which are stale. */
  readonly findStale: boolean;
}

/** A delivery in the hands of one worker. */
export interface Lease {
  readonly entry: FullEntry;
  /** Tells this lease from an earlier or a later one. */
  readonly token: string;
  /** Whether a delivery of the same entity with a later `updatedAt` is done. Only if it was asked for. */
  readonly stale: boolean;
}

/** What became of a leased delivery. */
export type Settlement =
  | { readonly type: 'done' }
  | { readonly type: 'skipped' }
  | { readonly type: 'dead'; readonly error: string }
  | { readonly type: 'retry'; readonly error: string; readonly retryAt: Date }
  /** Handed back without a result, at once due again: the attempt does not count. */
  | { readonly type: 'returned' };

/** How many deliveries are in each state. */
export type InboxStats = Readonly<Record<EntryState, number>>;

/** Which deliveries: those for which everything holds that is given. */
export interface EntryFilter {
  readonly state?: EntryState | undefined;
  /** The event's name on the wire. */
  readonly event?: string | undefined;
  readonly entityId?: string | undefined;
  /** Received at this time or later. */
  readonly since?: Date | undefined;
}

export interface ListQuery extends EntryFilter {
  /** How many deliveries at most; 50 unless told, 1,000 at most. */
  readonly limit?: number | undefined;
  /** Where the page before ended. */
  readonly cursor?: string | undefined;
}

/** A page of a list. */
export interface InboxPage {
  readonly entries: readonly InboxEntry[];
  /** Leads to the next page; `undefined` on the last. */
  readonly cursor: string | undefined;
}

/** Which deliveries to run again: by id, or all that a filter finds. */
export type ReplaySelection = { readonly ids: readonly string[] } | { readonly filter: EntryFilter };

/** What is deleted, and which ids are forgotten. */
export interface PruneRequest {
  /** Deletes finished deliveries that were received before this. */
  readonly before: Date;
  /** Which of them; the dead wait for a person unless they are named. */
  readonly states: readonly EntryState[];
  /** Forgets the ids of deliveries that were received before this. */
  readonly forgetBefore: Date;
}

export const DEFAULT_LIMIT = 50;
