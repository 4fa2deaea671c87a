/** When an attempt that failed is followed by another. */
export interface Retry {
  /** How often a delivery is tried; 24 unless told: more than 12 hours, a night's outage. */
  readonly maxAttempts: number;
  /** The pause after the first failure, in milliseconds; 10,000 unless told. It doubles with each failure. */
  readonly firstDelayMs: number;
  /** The longest pause, in milliseconds; an hour unless told, a day at most. */
  readonly maxDelayMs: number;
  /** By which share, from 0 to 1, a pause is lengthened or shortened at random; 0.2 unless told. */
  readonly jitter: number;
}

/** The pause after so many attempts, in milliseconds. */
export function delayAfter(
  attempts: number,
  { firstDelayMs, maxDelayMs, jitter }: Retry,
  random = Math.random,
): number {
  const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 31));
  return Math.round(delayMs * (1 + jitter * (2 * random() - 1)));
}
