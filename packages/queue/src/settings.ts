import { count } from '@blue-webhooks/core/adapter';

const MINUTE_MS = 60_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Returns the time of an attempt, in milliseconds. @throws TypeError unless it is a positive integer */
export const timeoutOf = (timeoutMs: unknown): number => count('timeoutMs', timeoutMs ?? MINUTE_MS, MAX_TIMER_MS);

/** @throws TypeError unless the options of a function are an object */
export function requireOptions(example: string, options: unknown): void {
  if (typeof options === 'object' && options !== null) return;
  throw new TypeError(`Pass options: ${example}.`);
}
