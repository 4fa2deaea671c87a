/** What `begin` answers: the delivery is now yours, it is done, or another holder has it. */
export type LedgerAnswer =
  | {
      readonly state: 'new';
      /** Names this lease: `renew`, `finish`, `fail` and `release` take it. */
      readonly token: string;
      /** Which attempt this is, from 1: one more than the failures so far. */
      readonly attempt: number;
    }
  | { readonly state: 'done' }
  | { readonly state: 'in-progress' };

/** What `renew` answers: it is extended, the token is stale, or the delivery was moved to the dead letters meanwhile. */
export type RenewAnswer = 'renewed' | 'stale' | 'dead-lettered';

/** What `finish` answers: it is recorded, the token is stale, or the delivery was moved to the dead letters meanwhile. */
export type FinishAnswer = 'finished' | 'stale' | 'dead-lettered';

/** What `fail` answers: the failures so far, that the delivery is done meanwhile, or that the token is stale. */
export type FailAnswer = number | 'done' | 'stale';

/** What `release` answers: it is given back, the token is stale, or the delivery was moved to the dead letters meanwhile. */
export type ReleaseAnswer = 'released' | 'stale' | 'dead-lettered';

/** What `deadLetter` answers: it is recorded, or the handlers had succeeded before. */
export type DeadLetterAnswer = 'dead-lettered' | 'done';

/**
 * Remembers deliveries for hosts without an inbox, so that a duplicate is not handled twice and a delivery that keeps failing
 * is counted. Ids are those of `Delivery`, and for the call of `deadLetter` the same with a suffix: strings of at most 64 characters.
 * A stale token (of a lease that lapsed and was given to another holder) changes nothing. `ledgerContract` of
 * `@blue-webhooks/testing` tests all that is promised here.
 */
export interface Ledger {
  /** For how long a lease lasts unless it is renewed, in milliseconds. */
  readonly leaseMs: number;
  /** For how long a delivery is remembered, in milliseconds, where the ledger forgets by time. */
  readonly ttlMs?: number | undefined;
  /**
   * Gives the delivery to one caller under a lease, atomically. A lease that has lapsed is given to the next caller; if no
   * failure was counted under it, its holder died without an answer, and one is counted now.
   */
  begin(id: string): LedgerAnswer | Promise<LedgerAnswer>;
  /** Extends the lease by `leaseMs`. A lease that has lapsed is extended as well if nobody has taken it. */
  renew(id: string, token: string): RenewAnswer | Promise<RenewAnswer>;
  /** Records that the delivery is handled; it stays so for as long as the ledger remembers. */
  finish(id: string, token: string): FinishAnswer | Promise<FinishAnswer>;
  /**
   * Counts one answer to Blue that was not 2xx, and returns the failures so far. Without a token it counts the answer to a request
   * that waited for another holder, which did not end in time. Counts nothing if the delivery is done, or the token is stale. The lease is kept.
   */
  fail(id: string, token?: string): FailAnswer | Promise<FailAnswer>;
  /** Gives the lease back, so that a retry can begin. */
  release(id: string, token: string): ReleaseAnswer | Promise<ReleaseAnswer>;
  /**
   * Records that the delivery was moved to the dead letters: it is done, even while it is held, and every token is stale. Changes
   * nothing if it was finished before.
   */
  deadLetter(id: string): DeadLetterAnswer | Promise<DeadLetterAnswer>;
}

/** How long a ledger remembers. */
export interface LedgerOptions {
  /** For how long a delivery is remembered, in milliseconds. Defaults to a day. A receiver takes 10 minutes or more: Blue's retries must be recognised. */
  readonly ttlMs?: number | undefined;
  /**
   * For how long a process that has gone silent keeps a delivery, in milliseconds. Defaults to 8,000. A receiver takes 100 or more, and renews
   * the lease while the handlers run.
   */
  readonly leaseMs?: number | undefined;
}

export const DEFAULT_TTL_MS = 86_400_000;
export const DEFAULT_LEASE_MS = 8_000;
