import { type Receiver, type StoredDelivery, type WaitUntil, WebhookError } from '@blue-webhooks/core';
import { within } from '@blue-webhooks/core/adapter';
import { QueueError } from './queue-error';

/** How the handlers of a delivery ended. */
export interface AttemptEnd {
  /** What was thrown; `undefined` if they succeeded. */
  readonly error: unknown;
  readonly failed: boolean;
  /** How many handlers this version has for the event; `undefined` if the body could not be read. */
  readonly handlers: number | undefined;
  /** Resolves once handlers that outlasted the attempt have settled, to whether they succeeded; `undefined` if none did. */
  readonly late: Promise<boolean> | undefined;
}

/**
 * Runs the handlers of a stored delivery once, for at most that many milliseconds. Never rejects.
 * @param waitUntil called with each promise that a hook of the receiver returns
 */
export async function attempt(
  receiver: Receiver,
  stored: Omit<StoredDelivery, 'signal'>,
  timeoutMs: number,
  waitUntil: WaitUntil,
): Promise<AttemptEnd> {
  const controller = new AbortController();
  let handlers: number | undefined;
  let late: Promise<boolean> | undefined;
  const onStart = (number: number) => {
    handlers = number;
  };
  const running = receiver.dispatch({ ...stored, signal: controller.signal }, { onStart, waitUntil });
  const expire = () => {
    const error = new DOMException(`The handlers were still running after ${timeoutMs} ms.`, 'TimeoutError');
    late = running.then(
      () => true,
      () => false,
    );
    controller.abort(error);
    return error;
  };
  try {
    await within(timeoutMs, running, expire);
    return { error: undefined, failed: false, handlers, late };
  } catch (thrown) {
    const isUnreadable = handlers === undefined && WebhookError.is(thrown);
    const error = isUnreadable ? new QueueError('MALFORMED', `The body is not a Blue event: ${thrown.code}.`) : thrown;
    return { error, failed: true, handlers, late };
  }
}
