import { createReceiver, UnrecoverableError } from '@blue-webhooks/core';

export interface ReceiverOptions {
  readonly secret: string | undefined;
  /** Your own work: it may be slow, and it may fail. */
  readonly syncRecord: (id: string, title: string, signal: AbortSignal) => Promise<void>;
}

/** Creates the receiver with its handlers, which a test can run without a server and a database. */
export function createHandlers({ secret, syncRecord }: ReceiverOptions) {
  return createReceiver({
    secret,
    onFailure: (error, { deliveryId }) => console.error(error.code, deliveryId, error.message),
  }).on(['TODO_CREATED', 'TODO_NAME_CHANGED'], async ({ currentValue }, { signal }) => {
    if (currentValue.title === '') throw new UnrecoverableError('A record without a title.'); // a retry cannot help
    await syncRecord(currentValue.id, currentValue.title, signal);
  });
}
