import { branded } from '@blue-webhooks/core/adapter';

/**
 * Why a delivery could not be sent to the queue, or a message could not be handled:
 * - `TIMEOUT`: the queue, or the place of offloaded bodies, did not respond in time; or, after the last attempt, the handlers of an
 *   earlier one are still running.
 * - `MESSAGE_TOO_LARGE`: the queue does not take a message of this size, and `offload` is not set.
 * - `NOT_A_DELIVERY`: another program sent the message.
 * - `NEWER_FORMAT`: a newer version of this package sent the message.
 * - `MALFORMED`: a field of the message is missing or invalid: it was edited by hand, or cut off.
 * - `BODY_MISSING`: the offloaded body is gone.
 * - `BODY_CHANGED`: the offloaded body is not the one that was stored.
 * - `UNHANDLED`: with `unhandled: 'retry'`: this version has no handler for the event.
 * - `ENDED_EARLY`: the process ended during the last attempt.
 */
export type QueueErrorCode =
  | 'TIMEOUT'
  | 'MESSAGE_TOO_LARGE'
  | 'NOT_A_DELIVERY'
  | 'NEWER_FORMAT'
  | 'MALFORMED'
  | 'BODY_MISSING'
  | 'BODY_CHANGED'
  | 'UNHANDLED'
  | 'ENDED_EARLY';

const brand = Symbol.for('@blue-webhooks/queue/QueueError');

/** What went wrong between the producer and the handlers, with a code to decide by. Contains nothing of a body. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
  readonly code: QueueErrorCode;
  readonly [brand] = true;

  constructor(code: QueueErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Returns whether a value is a `QueueError`, also one of another copy of this package. */
  static is(error: unknown): error is QueueError {
    return branded(error, brand);
  }
}
