import { blueWebhook } from '@blue-webhooks/express';
import express, { type Express } from 'express';
import { createService, type ServiceOptions } from './service';

/** Creates a service on Express that counts the records that are done. */
export function createBilling(options: ServiceOptions): Express {
  const done = new Set<string>();
  const tokens = createService(options, ({ event }) => {
    if (event?.event !== 'TODO_DONE_STATUS_UPDATED') return;
    if (event.currentValue.done) done.add(event.currentValue.id);
    else done.delete(event.currentValue.id);
  });
  const app = express();
  app.post('/events', blueWebhook(tokens));
  app.get('/done', (_request, response) => response.json([...done]));
  return app;
}
