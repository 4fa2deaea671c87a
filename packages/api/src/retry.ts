import { BlueApiError } from './errors';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
const LONGEST_WAIT_MS = 300_000;

/** Whether and when a request is retried. */
export type Verdict =
  | { readonly again: false }
  | { readonly again: true; readonly waitMs: number; readonly forAll: boolean };

/**
 * Decides on a failed request. A rate limit is checked before anything runs, so any request can be retried after it; after
 * another failure only one that changes nothing.
 */
export function verdictOn(error: unknown, attempt: number, changesNothing: boolean): Verdict {
  if (!BlueApiError.is(error)) return { again: false };
  if (error.code === 'RATE_LIMITED') {
    const waitMs = Math.min(error.retryAfterMs ?? LONGEST_PAUSE_MS, LONGEST_WAIT_MS) + jitter(1_000);
    return { again: true, waitMs, forAll: error.status === 429 };
  }
  if (!changesNothing || !error.unclear) return { again: false };
  const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  return { again: true, waitMs: pauseMs / 2 + jitter(pauseMs / 2), forAll: false };
}

const jitter = (upToMs: number): number => Math.ceil(Math.random() * upToMs);
