import type { Ledger, LedgerOptions } from './ledger';
import { ledgerTimes, requirePositive } from './ledger-times';

interface Entry {
  state: 'open' | 'done' | 'dead-lettered';
  failures: number;
  /** The lease's token; `undefined` while nobody holds the delivery. */
  token: string | undefined;
  leaseEndsAt: number;
  /** Whether a failure was counted under this lease. */
  counted: boolean;
  forgetAt: number;
}

/**
 * Creates a ledger in this process's memory: for one process, and until it ends. Deliveries in progress are never dropped to make room.
 * @param options.maxEntries how many deliveries are remembered; the oldest make room. Defaults to 10,000, about 2 MB.
 * @throws TypeError if a number is not a positive integer
 */
export function memoryLedger(options: LedgerOptions & { readonly maxEntries?: number | undefined } = {}): Ledger {
  const { ttlMs, leaseMs } = ledgerTimes('memoryLedger', options);
  const { maxEntries = 10_000 } = options;
  requirePositive({ maxEntries });
  const entries = new Map<string, Entry>();
  let leases = 0;

  const isHeld = ({ token, leaseEndsAt }: Entry) => token !== undefined && leaseEndsAt > performance.now();

  function recall(id: string): Entry | undefined {
    const entry = entries.get(id);
    return entry && (entry.forgetAt > performance.now() || isHeld(entry)) ? entry : undefined;
  }

  function heldBy(id: string, token: string): Entry | undefined {
    const entry = recall(id);
    return entry?.token === token ? entry : undefined;
  }

  /** Puts an entry last, since it is the last to be forgotten, and makes room. */
  function remember(id: string, change: Partial<Entry>): Entry {
    const entry: Entry = recall(id) ?? {
      state: 'open',
      failures: 0,
      token: undefined,
      leaseEndsAt: 0,
      counted: false,
      forgetAt: 0,
    };
    Object.assign(entry, change, { forgetAt: performance.now() + ttlMs });
    entries.delete(id);
    entries.set(id, entry);
    for (const [oldest, { forgetAt }] of entries) {
      if (entries.size <= maxEntries && forgetAt > performance.now()) break;
      if (oldest !== id && !isHeld(entries.get(oldest) as Entry)) entries.delete(oldest);
    }
    return entry;
  }

  return {
    leaseMs,
    ttlMs,
    begin(id) {
      const entry = recall(id);
      if (entry && entry.state !== 'open') return { state: 'done' };
      if (entry && isHeld(entry)) return { state: 'in-progress' };
      const died = entry?.token !== undefined && !entry.counted;
      leases += 1;
      const token = String(leases);
      const failures = (entry?.failures ?? 0) + (died ? 1 : 0);
      remember(id, { failures, token, leaseEndsAt: performance.now() + leaseMs, counted: false });
      return { state: 'new', token, attempt: failures + 1 };
    },
    renew(id, token) {
      if (recall(id)?.state === 'dead-lettered') return 'dead-lettered';
      const entry = heldBy(id, token);
      if (!entry) return 'stale';
      entry.leaseEndsAt = performance.now() + leaseMs;
      return 'renewed';
    },
    finish(id, token) {
      if (recall(id)?.state === 'dead-lettered') return 'dead-lettered';
      if (!heldBy(id, token)) return 'stale';
      remember(id, { state: 'done', token: undefined });
      return 'finished';
    },
    fail(id, token) {
      const entry = recall(id);
      if (entry && entry.state !== 'open') return 'done';
      if (token !== undefined && entry?.token !== token) return 'stale';
      const counted = token !== undefined || entry?.counted === true;
      return remember(id, { failures: (entry?.failures ?? 0) + 1, counted }).failures;
    },
    release(id, token) {
      if (recall(id)?.state === 'dead-lettered') return 'dead-lettered';
      const entry = heldBy(id, token);
      if (!entry) return 'stale';
      entry.token = undefined;
      return 'released';
    },
    deadLetter(id) {
      if (recall(id)?.state === 'done') return 'done';
      remember(id, { state: 'dead-lettered', token: undefined });
      return 'dead-lettered';
    },
  };
}
