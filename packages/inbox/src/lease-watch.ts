/** A lease as a store shows it: `beat` changes whenever the holder renews the lease. */
export interface WatchedLease {
  readonly seq: number;
  readonly token: string;
  readonly beat: number;
  readonly leaseMs: number;
}

interface Seen {
  readonly token: string;
  readonly beat: number;
  silentMs: number;
  lookedAt: number;
}

/** A watcher that was suspended together with a holder must not take the lease at its first check afterwards. */
const LOOKS_PER_LEASE = 3;

/**
 * Finds the leases that their holders no longer renew, by watching whether they change. The time of day is not used: when a
 * clock jumps, a delivery would be taken from a running handler, or stay with a process that has died.
 */
export class LeaseWatch {
  #seen = new Map<number, Seen>();

  /** Returns which of all current leases were not renewed for their `leaseMs`, as far as this watcher has seen. */
  silent(leases: readonly WatchedLease[], now: number): ReadonlySet<number> {
    const before = this.#seen;
    this.#seen = new Map();
    const silent = new Set<number>();
    for (const { seq, token, beat, leaseMs } of leases) {
      const seen = before.get(seq);
      const unchanged = seen?.token === token && seen.beat === beat;
      const elapsedMs = unchanged ? Math.min(now - seen.lookedAt, leaseMs / LOOKS_PER_LEASE) : 0;
      const silentMs = unchanged ? seen.silentMs + elapsedMs : 0;
      this.#seen.set(seq, { token, beat, silentMs, lookedAt: now });
      if (silentMs >= leaseMs) silent.add(seq);
    }
    return silent;
  }
}
