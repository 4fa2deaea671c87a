import { blueWebhook } from '@blue-webhooks/express';
import { createInbox, sqliteStore } from '@blue-webhooks/inbox';
import express from 'express';
import { createHandlers, type ReceiverOptions } from './receiver';

export interface EndpointOptions extends ReceiverOptions {
  /** The inbox's database file. */
  readonly path: string;
}

/** Creates an endpoint that stores deliveries before it responds, and handles them afterwards. */
export function createEndpoint({ path, ...options }: EndpointOptions) {
  const inbox = createInbox({
    receiver: createHandlers(options),
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
