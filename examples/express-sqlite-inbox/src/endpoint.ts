import { createReceiver, UnrecoverableError } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/express';
import { createInbox, sqliteStore } from '@blue-webhooks/inbox';
import express from 'express';

export interface EndpointOptions {
  readonly secret: string | undefined;
  /** The inbox's database file. */
  readonly path: string;
  /** Your own work: it may be slow, and it may fail. */
  readonly syncRecord: (id: string, title: string, signal: AbortSignal) => Promise<void>;
}

/** Creates an endpoint that stores deliveries before it responds, and handles them afterwards. */
export function createEndpoint({ secret, path, syncRecord }: EndpointOptions) {
  const receiver = createReceiver({
    secret,
    onFailure: (error, { deliveryId }) => console.error(error.code, deliveryId, error.message),
  }).on(['TODO_CREATED', 'TODO_NAME_CHANGED'], async ({ currentValue }, { signal }) => {
    if (currentValue.title === '') throw new UnrecoverableError('A record without a title.'); // a retry cannot help
    await syncRecord(currentValue.id, currentValue.title, signal);
  });

  const inbox = createInbox({
    receiver,
    store: sqliteStore(path),
    onDeadLetter: ({ id, event }, error) => console.error(`Dead letter: ${event} ${id}`, error), // alert someone here
    onEvent: (event) => {
      if (event.type === 'store-failed') console.error('The inbox is unavailable:', event.error);
    },
  });

  const app = express();
  app.post('/webhooks/blue', blueWebhook(inbox)); // before any body parser
  return { app, inbox };
}
