import type { Receiver } from '@blue-webhooks/core';
import { kindOf } from './kind-of';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/** When a failed attempt is retried. */
export interface Retry {
  /** How many attempts are made. Defaults to 24: with the default delays 15 hours. The queue's own limit must be higher. */
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

/** @throws TypeError for an invalid option */
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
    maxDelayMs: count('retry.maxDelayMs', retry.maxDelayMs ?? Math.max(60 * MINUTE_MS, firstDelayMs), DAY_MS),
    jitter,
  };
}

/** Returns the delay after that many attempts, in milliseconds. */
export function delayAfter(attempts: number, { firstDelayMs, maxDelayMs, jitter }: Retry): number {
  const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 31));
  return Math.round(delayMs * (1 + jitter * (2 * Math.random() - 1)));
}

/** Returns the time of an attempt, in milliseconds. @throws TypeError unless it is a positive integer */
export const timeoutOf = (timeoutMs: unknown): number => count('timeoutMs', timeoutMs ?? MINUTE_MS, MAX_TIMER_MS);

/** @throws TypeError unless it is a positive integer, at most `max` */
export function count(name: string, value: unknown, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= max) return value as number;
  const got = typeof value === 'number' ? value : kindOf(value);
  throw new TypeError(`${name} must be a positive integer, at most ${max}, got ${got}.`);
}

/** @throws TypeError if an option is given and is not a function */
export function requireFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return;
  throw new TypeError(`${name} must be a function, got ${kindOf(value)}: pass one, or leave it out.`);
}

/** @throws TypeError unless it is a receiver */
export function requireReceiver(receiver: unknown): Receiver {
  const { verify, dispatch } = (receiver ?? {}) as Partial<Receiver>;
  if (typeof verify === 'function' && typeof dispatch === 'function') return receiver as Receiver;
  throw new TypeError('receiver must be a receiver of @blue-webhooks/core: createReceiver({ secret }).');
}

/** @throws TypeError unless the options of a function are an object */
export function requireOptions(example: string, options: unknown): void {
  if (typeof options === 'object' && options !== null) return;
  throw new TypeError(`Pass options: ${example}.`);
}
