/** A lease as a store shows it: `beat` changes when its holder renews it. */
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

/** So that a watcher that was suspended together with a holder does not take the holder's place at once. */
const LOOKS_PER_LEASE = 3;

/**
 * Finds the leases whose holder has gone silent by watching whether they change. Not by the time of day: that jumps, and
 * then takes a delivery from whoever is handling it, or leaves it with one that is long gone.
 */
export class LeaseWatch {
  #seen = new Map<number, Seen>();

  /** Which of all leases that there are have not been renewed for their `leaseMs`, as far as this watcher has seen. */
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
