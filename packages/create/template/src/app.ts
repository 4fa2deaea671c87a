import type { Server } from 'node:http';
import { blueWebhook } from '@blue-webhooks/express';
import type { Inbox } from '@blue-webhooks/inbox';
import express from 'express';

/** Serves the webhook and a health endpoint. */
export function listen(inbox: Inbox, port: number): Server {
  const app = express();
  app.post('/webhooks/blue', blueWebhook(inbox)); // before any body parser
  app.get('/health', async (_req, res) => {
    const { started, store, oldestWaitingMs, dead } = await inbox.health();
    res.status(started && store === 'ok' ? 200 : 503).json({ started, store, oldestWaitingMs, dead });
  });
  return app.listen(port);
}
