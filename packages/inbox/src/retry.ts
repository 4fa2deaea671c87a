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

/** Returns the delay after that many attempts, in milliseconds. */
export function delayAfter(
  attempts: number,
  { firstDelayMs, maxDelayMs, jitter }: Retry,
  random = Math.random,
): number {
  const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 31));
  return Math.round(delayMs * (1 + jitter * (2 * random() - 1)));
}
