import { kindOf } from './bytes';
import { count } from './checks';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** When a failed attempt is retried. */
export interface Retry {
  /** How many attempts are made. Defaults to 24: with the default delays 15 hours, longer than a night. */
  readonly maxAttempts: number;
  /** The delay after the first failure, in milliseconds; it doubles with each failure. Defaults to 10,000. */
  readonly firstDelayMs: number;
  /** The longest delay, in milliseconds, at most a day. Defaults to an hour. */
  readonly maxDelayMs: number;
  /** The share, from 0 to 1, by which a delay is longer or shorter at random. Defaults to 0.2. */
  readonly jitter: number;
}

/** `Retry` as an option: each field may be left out, or `undefined`. */
export type RetryOptions = { readonly [K in keyof Retry]?: Retry[K] | undefined };

/** Returns the option with its defaults. @throws TypeError for an invalid field */
export function retryOf(options: unknown = {}): Retry {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`retry must be an object such as { maxAttempts: 24 }, got ${kindOf(options)}.`);
  }
  const retry: RetryOptions = options;
  const jitter: unknown = retry.jitter ?? 0.2;
  if (!(typeof jitter === 'number' && jitter >= 0 && jitter <= 1)) {
    throw new TypeError('retry.jitter must be a number from 0 to 1.');
  }
  const firstDelayMs = count('retry.firstDelayMs', retry.firstDelayMs ?? 10_000, DAY_MS);
  return {
    maxAttempts: count('retry.maxAttempts', retry.maxAttempts ?? 24, 10_000),
    firstDelayMs,
    maxDelayMs: count('retry.maxDelayMs', retry.maxDelayMs ?? Math.max(HOUR_MS, firstDelayMs), DAY_MS),
    jitter,
  };
}

/** Returns the delay after that many attempts, in milliseconds. */
export function delayAfter(
  attempts: number,
  { firstDelayMs, maxDelayMs, jitter }: Retry,
  random = Math.random,
): number {
  const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 31));
  return Math.round(delayMs * (1 + jitter * (2 * random() - 1)));
}
