import type { Random } from '../random';

/** The delay before the next attempt, as in BullMQ. */
export interface Backoff {
  /** A constant delay, or one that doubles. Defaults to `'exponential'`. */
  readonly type?: 'fixed' | 'exponential' | undefined;
  /** The first delay in milliseconds. Defaults to 1,000. Blue does not publish its delay. */
  readonly delayMs?: number | undefined;
  /** The random share of the delay, from 0 to 1. Defaults to 0. */
  readonly jitter?: number | undefined;
}

/** The delays with their defaults. */
export type CompleteBackoff = { readonly [Name in keyof Backoff]-?: NonNullable<Backoff[Name]> };

/** Returns the delay after this number of failed attempts, computed like BullMQ (its `src/classes/backoffs.ts`). */
export function backoffMs({ type, delayMs, jitter }: CompleteBackoff, attemptsMade: number, random: Random): number {
  const longestMs = type === 'fixed' ? delayMs : Math.round(2 ** (attemptsMade - 1) * delayMs);
  if (jitter === 0) return longestMs;
  return Math.floor(random() * longestMs * jitter + longestMs * (1 - jitter));
}
