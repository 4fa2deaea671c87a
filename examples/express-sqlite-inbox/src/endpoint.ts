import { blueWebhook } from '@blue-webhooks/express';
import { createInbox, type EncryptOptions, type InboxStore } from '@blue-webhooks/inbox';
import express from 'express';
import { createHandlers, type ReceiverOptions } from './receiver';

export interface EndpointOptions extends ReceiverOptions {
  readonly store: InboxStore;
  /** Encrypts what is stored. */
  readonly encrypt?: EncryptOptions | undefined;
}

/** Creates an endpoint that stores deliveries before it responds, and handles them afterwards. */
export function createEndpoint({ store, encrypt, ...options }: EndpointOptions) {
  const inbox = createInbox({
    receiver: createHandlers(options),
    store,
    encrypt,
    onDeadLetter: ({ id, event }, error) => console.error(`Dead letter: ${event} ${id}`, error), // alert someone here
    onEvent: (event) => {
      if (event.type === 'store-failed') console.error('The inbox is unavailable:', event.error);
      if (event.type === 'unreadable') console.error(event.error.message);
    },
  });

  const app = express();
  app.post('/webhooks/blue', blueWebhook(inbox)); // before any body parser
  app.get('/health', async (_request, response) => {
    const { started, store: state, oldestWaitingMs, dead } = await inbox.health();
    response.status(started && state === 'ok' ? 200 : 503).json({ started, store: state, oldestWaitingMs, dead });
  });
  return { app, inbox };
}
