import type { DeliveryFacts } from './delivery';

/** Limits the attempts of deliveries that share a key, such as all that call one system, in every process on the store. */
export interface Limit {
  /**
   * Returns the key under which a delivery counts, 1 to 200 characters, or `undefined` if this limit does not apply to it. Must
   * return the same key for the same delivery each time. Keys are stored, and shown by `stats()`.
   */
  readonly key: (delivery: DeliveryFacts) => string | undefined;
  /** How many attempts of one key run concurrently. Defaults to any number. */
  readonly concurrency?: number | undefined;
  /** How many attempts of one key begin within any minute. Defaults to any number. */
  readonly perMinute?: number | undefined;
  /** Stops the attempts of a key after failures in a row. Defaults to none. */
  readonly breaker?: BreakerOptions | undefined;
}

/** When the breaker of a key opens, and how often it then tries one delivery. */
export interface BreakerOptions {
  /** After how many failed attempts in a row it opens: at most `retry.maxAttempts`, so that it opens before there is a dead letter. */
  readonly failures: number;
  /**
   * While it is open, one delivery is tried in this time, in milliseconds; if that succeeds, the breaker closes. An attempt that
   * fails while it is open does not count. Defaults to 60,000, at most a day.
   */
  readonly pauseMs?: number | undefined;
}

/** What is known about a key of a limit. */
export interface LimitStats {
  readonly key: string;
  /** The attempts that run; 0 unless the limit has a `concurrency`. */
  readonly running: number;
  /** The attempts that began in the last minute; 0 unless the limit has `perMinute`. */
  readonly lastMinute: number;
  /** The failed attempts in a row, up to those that open the breaker; 0 unless the limit has a `breaker`. */
  readonly failures: number;
  /** What the last of these failures threw, without quotations of the body. */
  readonly lastError: string | undefined;
  /** Since when the breaker is open; `undefined` if it is closed. */
  readonly openSince: Date | undefined;
  /** When the next attempt can begin; `undefined` if one can now, or as soon as a running one ends. */
  readonly opensAt: Date | undefined;
}
