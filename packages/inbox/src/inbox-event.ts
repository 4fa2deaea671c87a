import { DriverError, notify, requireFunctions } from '@blue-webhooks/core/adapter';
import type { DeliveryFacts } from './delivery';
import { StoreError } from './store-error';

/** What happens in an inbox, for logs, metrics and alerts. Contains no secret, no signature and no part of a body. */
export type InboxEvent =
  /** A delivery was stored durably, and is acknowledged. Not reported for duplicates. */
  | { readonly type: 'stored'; readonly delivery: DeliveryFacts }
  /** With `dedupe: 'change'`: a delivery was acknowledged and not stored, because its change is known. */
  | { readonly type: 'duplicate'; readonly delivery: DeliveryFacts }
  /** An attempt begins. `Date.now() - delivery.receivedAt` is how far behind the inbox is. */
  | { readonly type: 'started'; readonly delivery: DeliveryFacts; readonly attempt: number }
  | {
      readonly type: 'succeeded';
      readonly delivery: DeliveryFacts;
      readonly attempt: number;
      readonly durationMs: number;
    }
  /** An attempt failed, and is retried. `error` is what the handler threw. */
  | {
      readonly type: 'retried';
      readonly delivery: DeliveryFacts;
      readonly attempt: number;
      readonly error: unknown;
      readonly retryAt: Date;
    }
  /**
   * A handler threw `RetryLater`, which is `error`, or anything else while the breaker of a limit is open: the delivery runs again
   * then, and the attempt does not count.
   */
  | {
      readonly type: 'postponed';
      readonly delivery: DeliveryFacts;
      readonly attempt: number;
      readonly error: unknown;
      readonly until: Date;
    }
  /** The last attempt failed, or a handler threw an `UnrecoverableError`. */
  | {
      readonly type: 'dead-letter';
      readonly delivery: DeliveryFacts;
      readonly attempt: number;
      readonly error: unknown;
    }
  /** An update was not handled, because a newer state of its entity was. */
  | { readonly type: 'skipped'; readonly delivery: DeliveryFacts }
  /** An attempt ended without a result, and the delivery runs again: this inbox stopped, or has lost the lease. */
  | { readonly type: 'returned'; readonly delivery: DeliveryFacts; readonly attempt: number }
  /** The breaker of a limit has opened, after that many failures in a row: one delivery of the key is tried in each `pauseMs`. */
  | { readonly type: 'breaker-opened'; readonly key: string; readonly failures: number }
  /** The breaker of a limit has closed: a delivery of the key has succeeded. */
  | { readonly type: 'breaker-closed'; readonly key: string }
  /** The store failed. A delivery that could not be stored was answered 503; work continues when the store does. */
  | { readonly type: 'store-failed'; readonly error: StoreError | DriverError }
  /** Acknowledged deliveries can be lost, and why. Reported at start. */
  | { readonly type: 'not-durable'; readonly reason: string }
  /**
   * What the store has changed, or does not find as documented, such as the file's mode, or a `key` of a limit that cannot be used.
   * Reported once, at start or with the first delivery.
   */
  | { readonly type: 'warning'; readonly reason: string };

/** Hooks for logs, metrics and alerts. */
export interface InboxHooks {
  /** Called for every event. Not awaited; what it throws is ignored. */
  readonly onEvent?: ((event: InboxEvent) => unknown) | undefined;
  /** Called for each delivery that becomes a dead letter. Not awaited; what it throws is ignored. */
  readonly onDeadLetter?: ((delivery: DeliveryFacts, error: unknown) => unknown) | undefined;
}

/** An event before the error of a store, which can be any value, is converted to an error of this package. */
type Happened =
  | Exclude<InboxEvent, { type: 'store-failed' }>
  | { readonly type: 'store-failed'; readonly error: unknown };

/** Calls the hooks. */
export type Report = (happened: Happened) => void;

/** @throws TypeError if a hook is not a function */
export function createReporter({ onEvent, onDeadLetter }: InboxHooks): Report {
  requireFunctions({ onEvent, onDeadLetter });
  return (happened) => {
    const event = happened.type === 'store-failed' ? { ...happened, error: storeErrorOf(happened.error) } : happened;
    notify(undefined, onEvent, event);
    if (event.type === 'dead-letter') notify(undefined, onDeadLetter, event.delivery, event.error);
  };
}

/** Returns what a store threw, without what its driver attached: the arguments of a statement contain the body. */
export function storeErrorOf(error: unknown): StoreError | DriverError {
  return StoreError.is(error) ? error : DriverError.from(error);
}
