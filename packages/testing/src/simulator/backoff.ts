import type { Random } from '../random';

/** How long to wait before the next attempt, as BullMQ has it. */
export interface Backoff {
  /** The same pause each time, or one that doubles. Defaults to `'exponential'`. */
  readonly type?: 'fixed' | 'exponential' | undefined;
  /** The first pause in milliseconds. Defaults to 1,000. Blue does not publish its own. */
  readonly delayMs?: number | undefined;
  /** The share of the pause that is left to chance, from 0 to 1. Defaults to 0. */
  readonly jitter?: number | undefined;
}

/** The pauses with their defaults. */
export type CompleteBackoff = { readonly [Name in keyof Backoff]-?: NonNullable<Backoff[Name]> };

/** The pause after so many failed attempts, computed as BullMQ does (its `src/classes/backoffs.ts`). */
export function backoffMs({ type, delayMs, jitter }: CompleteBackoff, attemptsMade: number, random: Random): number {
  const longestMs = type === 'fixed' ? delayMs : Math.round(2 ** (attemptsMade - 1) * delayMs);
  if (jitter === 0) return longestMs;
  return Math.floor(random() * longestMs * jitter + longestMs * (1 - jitter));
}
