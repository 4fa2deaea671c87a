import type { Receiver } from '@blue-webhooks/core';
import type { InboxHooks } from './inbox-event';
import type { Retry } from './retry';

/** How deliveries are worked on, whatever they are stored in. */
export interface WorkOptions extends InboxHooks {
  /** How many deliveries are handled at once in this process; 10 unless told. */
  readonly concurrency?: number;
  /** When an attempt that failed is followed by another; 24 attempts within about 15 hours unless told. */
  readonly retry?: Partial<Retry>;
  /**
   * How long an attempt may take, in milliseconds; five minutes unless told. Then its `delivery.signal` aborts, and it
   * counts as failed even if the handler goes on.
   */
  readonly timeoutMs?: number;
  /**
   * For how long a process that has gone silent keeps what it was handling, in milliseconds; 30,000 unless told. A lease is
   * renewed three times within that time: it must be longer than anything that blocks the process.
   */
  readonly leaseMs?: number;
  /** How long a delivery that is done or skipped is kept, in milliseconds from its receipt; 7 days unless told. */
  readonly retentionMs?: number;
  /** For how long a delivery is recognised when it comes again, in milliseconds from its receipt; 30 days unless told. */
  readonly dedupeMs?: number;
}

/** The options, checked and complete. */
export interface WorkSettings {
  readonly concurrency: number;
  readonly retry: Retry;
  readonly timeoutMs: number;
  readonly leaseMs: number;
  readonly retentionMs: number;
  readonly dedupeMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MAX_TIMER_MS = 2 ** 31 - 1;

/** @throws TypeError for what could not be meant, with the cure */
export function workSettingsOf(options: WorkOptions): WorkSettings {
  const { retry = {} } = options;
  const jitter = retry.jitter ?? 0.2;
  if (!(typeof jitter === 'number' && jitter >= 0 && jitter <= 1)) {
    throw new TypeError('retry.jitter must be a number from 0 to 1.');
  }
  const firstDelayMs = count('retry.firstDelayMs', retry.firstDelayMs ?? 10_000, DAY_MS);
  const maxDelayMs = count('retry.maxDelayMs', retry.maxDelayMs ?? Math.max(60 * MINUTE_MS, firstDelayMs), DAY_MS);
  return {
    concurrency: count('concurrency', options.concurrency ?? 10, 10_000),
    retry: {
      maxAttempts: count('retry.maxAttempts', retry.maxAttempts ?? 24, 10_000),
      firstDelayMs,
      maxDelayMs,
      jitter,
    },
    timeoutMs: count('timeoutMs', options.timeoutMs ?? 5 * MINUTE_MS, MAX_TIMER_MS),
    leaseMs: count('leaseMs', options.leaseMs ?? 30_000, MAX_TIMER_MS),
    retentionMs: count('retentionMs', options.retentionMs ?? 7 * DAY_MS),
    dedupeMs: count('dedupeMs', options.dedupeMs ?? 30 * DAY_MS),
  };
}

/** @throws TypeError unless it is a positive whole number */
export function count(name: string, value: unknown, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= max) return value as number;
  throw new TypeError(`${name} must be a positive whole number, at most ${max}.`);
}

/** @throws TypeError unless it is a boolean */
export function flag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new TypeError(`${name} must be true or false.`);
}

/** @throws TypeError unless it is a receiver that can run the handlers of a stored delivery */
export function requireReceiver(receiver: unknown): Receiver {
  const { verify, dispatch } = (receiver ?? {}) as Partial<Receiver>;
  if (typeof verify === 'function' && typeof dispatch === 'function') return receiver as Receiver;
  throw new TypeError('receiver must be one that createReceiver of @blue-webhooks/core has made.');
}
