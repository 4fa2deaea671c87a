/** Where a delivery stands: not handled yet (and now yours), handled, or being handled elsewhere. */
export type LedgerState = 'new' | 'done' | 'in-progress';

/**
 * Remembers deliveries for hosts without an inbox, so that a duplicate is not handled twice and the attempts of one that
 * keeps failing are counted. Ids are those of `Delivery`.
 */
export interface Ledger {
  /**
   * Takes a delivery on, atomically, under a lease that outlasts Blue's timeout of 7 seconds: for whoever crashes, it
   * expires. Every `'new'` counts as an attempt.
   */
  begin(id: string): LedgerState | Promise<LedgerState>;
  /** The delivery is done, and stays so for as long as the ledger remembers. */
  finish(id: string): void | Promise<void>;
  /** The attempt has failed: gives the lease back, and returns the attempts so far. */
  fail(id: string): number | Promise<number>;
  /** The attempts so far; without it, `delivery.attempt` is not known. */
  attempts?(id: string): number | Promise<number>;
}

/** How long a ledger remembers. */
export interface LedgerOptions {
  /** How long a delivery is remembered, in milliseconds; a day unless told. */
  readonly ttlMs?: number;
  /** How long a delivery may be in progress, in milliseconds; 8,000 unless told: more than Blue's timeout of 7,000. */
  readonly leaseMs?: number;
}

export const DEFAULT_TTL_MS = 86_400_000;
export const DEFAULT_LEASE_MS = 8_000;

interface Entry {
  done: boolean;
  attempts: number;
  leaseEndsAt: number;
  forgetAt: number;
}

/**
 * A ledger in this process's memory: for one process, and until it ends. Holds at most `maxEntries` deliveries (10,000
 * unless told, about 2 MB); the oldest make room.
 * @throws TypeError if a number is not positive
 */
export function memoryLedger(options: LedgerOptions & { readonly maxEntries?: number } = {}): Required<Ledger> {
  const { maxEntries = 10_000, ttlMs = DEFAULT_TTL_MS, leaseMs = DEFAULT_LEASE_MS } = options;
  requirePositive({ maxEntries, ttlMs, leaseMs });
  const entries = new Map<string, Entry>();

  /** Keeps the entries in the order in which they are to be forgotten. */
  function remember(id: string, entry: Omit<Entry, 'forgetAt'>): void {
    entries.delete(id);
    entries.set(id, { ...entry, forgetAt: Date.now() + ttlMs });
    for (const [oldest, { forgetAt }] of entries) {
      if (entries.size <= maxEntries && forgetAt > Date.now()) break;
      entries.delete(oldest);
    }
  }

  function recall(id: string): Entry | undefined {
    const entry = entries.get(id);
    return entry && entry.forgetAt > Date.now() ? entry : undefined;
  }

  return {
    begin(id) {
      const entry = recall(id);
      if (entry?.done) return 'done';
      if (entry && entry.leaseEndsAt > Date.now()) return 'in-progress';
      remember(id, { done: false, attempts: (entry?.attempts ?? 0) + 1, leaseEndsAt: Date.now() + leaseMs });
      return 'new';
    },
    finish(id) {
      remember(id, { done: true, attempts: recall(id)?.attempts ?? 1, leaseEndsAt: 0 });
    },
    fail(id) {
      const entry = recall(id);
      if (entry) entry.leaseEndsAt = 0;
      return entry?.attempts ?? 0;
    },
    attempts: (id) => recall(id)?.attempts ?? 0,
  };
}

/** @throws TypeError naming the first number that is not positive */
export function requirePositive(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(value) || value <= 0) throw new TypeError(`${name} must be a positive whole number.`);
  }
}
