import type { WebhookError } from '@blue-webhooks/core';
import { type DeliveryFacts, DriverError, notify, requireFunctions, within } from '@blue-webhooks/core/adapter';
import { QueueError } from './queue-error';

/**
 * Why a message is dead: `UNRECOVERABLE` if its handlers threw an `UnrecoverableError`, `ATTEMPTS_EXHAUSTED` if the last attempt
 * failed, otherwise the code of a `QueueError`.
 */
export type DeadReason = 'UNRECOVERABLE' | 'ATTEMPTS_EXHAUSTED' | QueueError['code'];

/** A message that is handled, as far as it is known: a message that cannot be read has no delivery. */
export interface HandledMessage {
  readonly delivery: DeliveryFacts | undefined;
  /** The queue's own id of the message, where the caller of `consume` passes it. */
  readonly messageId: string | undefined;
  /** How often the queue has delivered the message, from 1; `undefined` where it does not count. */
  readonly attempt: number | undefined;
}

/** What happens before and behind a queue, for logs, metrics and alerts. Contains no secret, no signature and no part of a body. */
export type QueueEvent =
  /** The queue has confirmed a delivery, and it is acknowledged. `bytes` is the size of the message. */
  | { readonly type: 'stored'; readonly delivery: DeliveryFacts; readonly bytes: number; readonly isOffloaded: boolean }
  /** The queue, the place of offloaded bodies or `deadLetter` failed. A delivery that could not be sent was answered 503. */
  | {
      readonly type: 'store-failed';
      readonly delivery: DeliveryFacts | undefined;
      readonly error: QueueError | DriverError;
    }
  /** An attempt begins. `Date.now() - delivery.receivedAt` is how far behind the consumer is. */
  | ({ readonly type: 'started' } & HandledMessage)
  | ({ readonly type: 'succeeded'; readonly durationMs: number } & HandledMessage)
  /** An attempt failed, and is retried. `error` is what the handler threw. */
  | ({ readonly type: 'retried'; readonly error: unknown; readonly retryAt: Date } & HandledMessage)
  /** The message is dead. `isStored`: `deadLetter` has stored it; otherwise the queue's own dead letter queue has to. */
  | ({
      readonly type: 'dead-letter';
      readonly error: unknown;
      readonly reason: DeadReason;
      readonly isStored: boolean;
    } & HandledMessage)
  /** The ledger recognised a delivery that was handled before. No handler ran. */
  | ({ readonly type: 'duplicate' } & HandledMessage)
  /** The ledger says that another consumer handles the delivery now; the message is retried. */
  | ({ readonly type: 'held'; readonly retryAt: Date } & HandledMessage)
  /** This version has no handler for the event. */
  | ({ readonly type: 'unhandled' } & HandledMessage)
  /** The ledger failed: the delivery was handled nevertheless, and may be handled twice. */
  | ({ readonly type: 'ledger-failed'; readonly error: WebhookError } & HandledMessage)
  /** What has no effect on the delivery, such as an offloaded body that could not be deleted. */
  | { readonly type: 'warning'; readonly reason: string };

/** Hooks for logs, metrics and alerts. */
export interface QueueHooks {
  /** Called for every event. What it throws is ignored. A consumer waits up to 5 seconds for the promise that it returns. */
  readonly onEvent?: ((event: QueueEvent) => unknown) | undefined;
}

/** Passes a promise of a hook to whatever keeps the process alive for it. */
type Keep = (work: Promise<unknown>) => unknown;

/** An event before the error of a queue, which can be any value, is converted to an error of this package. */
type Happened =
  | Exclude<QueueEvent, { type: 'store-failed' }>
  | { readonly type: 'store-failed'; readonly delivery: DeliveryFacts | undefined; readonly error: unknown };

/** Calls the hook. */
export type Report = (happened: Happened, keep: Keep | undefined) => void;

/** @throws TypeError if the hook is not a function */
export function createReporter({ onEvent }: QueueHooks): Report {
  requireFunctions({ onEvent });
  return (happened, keep) => {
    const event = happened.type === 'store-failed' ? { ...happened, error: safeError(happened.error) } : happened;
    notify(keep, onEvent, event);
  };
}

/** Returns what a queue threw, without what its client attached: the arguments of a request contain the body. */
function safeError(error: unknown): QueueError | DriverError {
  if (!QueueError.is(error)) return DriverError.from(error);
  const { code, message, cause } = error; // of a `send` of your own, the cause can be a client's error
  if (cause === undefined || DriverError.is(cause)) return error;
  return new QueueError(code, message, { cause: DriverError.from(cause) });
}

const HOOKS_WITHIN_MS = 5_000;

/** Waits for the promises of hooks, for up to 5 seconds: a function that has returned is frozen, or ended. */
export async function settledHooks(hooks: readonly Promise<unknown>[]): Promise<void> {
  if (hooks.length > 0) await within(HOOKS_WITHIN_MS, Promise.all(hooks), () => new Error()).catch(() => {});
}
