import { count, kindOf, type Retry, type RetryOptions, retryOf } from '@blue-webhooks/core/adapter';
import type { InboxHooks } from './inbox-event';
import { type InboxTracing, requireTracing } from './tracing';

/** How stored deliveries are handled, whatever stores them. */
export interface WorkOptions extends InboxHooks {
  /** How many deliveries this process handles concurrently. Defaults to 10. */
  readonly concurrency?: number | undefined;
  /** When failed attempts are retried. Defaults to 24 attempts within about 15 hours. */
  readonly retry?: RetryOptions | undefined;
  /**
   * How long an attempt may take, in milliseconds. Then its `delivery.signal` aborts and the attempt has failed, even if the
   * handler continues. Defaults to 5 minutes.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How long a process that no longer renews its leases keeps its deliveries, in milliseconds. Leases are renewed three times
   * within that time, which must be longer than anything that blocks the process. Defaults to 30,000.
   */
  readonly leaseMs?: number | undefined;
  /**
   * What happens to an event for which this version has no handler: `'done'`, or `'retry'` until a newer version has one, for
   * deployments that update the receiving process first. An event outside the receiver's `projects` has no handler either. Both
   * are reported as `unhandled`. Defaults to `'done'`.
   */
  readonly unhandled?: 'done' | 'retry' | undefined;
  /** How long done and skipped deliveries are kept, in milliseconds from their receipt. Defaults to 7 days. */
  readonly retentionMs?: number | undefined;
  /**
   * How long a duplicate is recognised, in milliseconds from the first receipt: at least 10 minutes, so that Blue's own
   * retries are recognised. Defaults to 30 days.
   */
  readonly dedupeMs?: number | undefined;
  /**
   * `'delivery'`: a duplicate is recognised by its bytes. `'change'`: by what it reports, without `webhook`, so that a change
   * which two webhooks deliver is handled once; duplicates are reported to `onEvent`. See `changeId` of
   * `@blue-webhooks/core` for the changes that this can lose. Defaults to `'delivery'`.
   */
  readonly dedupe?: 'delivery' | 'change' | undefined;
  /** Links attempts to the trace of the receipt: `traceAttempts()` of `@blue-webhooks/core/otel`. Defaults to none. */
  readonly tracing?: InboxTracing | undefined;
}

/** The options, checked and complete. */
export interface WorkSettings {
  readonly concurrency: number;
  readonly retry: Retry;
  readonly timeoutMs: number;
  readonly leaseMs: number;
  readonly unhandled: 'done' | 'retry';
  readonly retentionMs: number;
  readonly dedupeMs: number;
  readonly byChange: boolean;
  readonly tracing: InboxTracing | undefined;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MAX_TIMER_MS = 2 ** 31 - 1;
const STOP_WITHIN_MS = 10_000;
/**
 * Blue makes 5 attempts of up to 7 seconds each, with pauses between them that it does not publish. If they double from 30
 * seconds, the last attempt begins 8 minutes after the first.
 */
const MIN_DEDUPE_MS = 10 * MINUTE_MS;

/** @throws TypeError for an invalid option */
export function workSettingsOf(options: WorkOptions): WorkSettings {
  return {
    concurrency: count('concurrency', options.concurrency ?? 10, 10_000),
    retry: retryOf(options.retry),
    timeoutMs: count('timeoutMs', options.timeoutMs ?? 5 * MINUTE_MS, MAX_TIMER_MS),
    leaseMs: count('leaseMs', options.leaseMs ?? 30_000, MAX_TIMER_MS),
    unhandled: requireUnhandled(options.unhandled),
    retentionMs: count('retentionMs', options.retentionMs ?? 7 * DAY_MS),
    dedupeMs: requireDedupe(count('dedupeMs', options.dedupeMs ?? 30 * DAY_MS)),
    byChange: isByChange(options.dedupe),
    tracing: requireTracing(options.tracing),
  };
}

/** @throws TypeError unless it is one of the two */
function isByChange(dedupe: unknown): boolean {
  if (dedupe === undefined || dedupe === 'delivery' || dedupe === 'change') return dedupe === 'change';
  throw new TypeError("dedupe must be 'delivery' or 'change'.");
}

/** @throws TypeError unless it is one of the two */
function requireUnhandled(unhandled: unknown = 'done'): 'done' | 'retry' {
  if (unhandled === 'done' || unhandled === 'retry') return unhandled;
  throw new TypeError("unhandled must be 'done' or 'retry'.");
}

/** Returns how long a stop waits for handlers, in milliseconds. @throws TypeError unless that is 0 or a positive integer */
export function stopTimeoutOf(timeoutMs: unknown = STOP_WITHIN_MS): number {
  return timeoutMs === 0 ? 0 : count('timeoutMs', timeoutMs, MAX_TIMER_MS);
}

function requireDedupe(dedupeMs: number): number {
  if (dedupeMs >= MIN_DEDUPE_MS) return dedupeMs;
  throw new TypeError(
    `dedupeMs must be at least ${MIN_DEDUPE_MS} (10 minutes), got ${dedupeMs}: Blue sends a delivery up to 5 times, and one that is not recognised runs its handlers again. To keep less, set retentionMs.`,
  );
}

/** @throws TypeError unless it is a boolean */
export function flag(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new TypeError(`${name} must be true or false, got ${kindOf(value)}.`);
}
