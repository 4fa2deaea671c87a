import type { Server } from 'node:http';
import { blueWebhook } from '@blue-webhooks/hono';
import type { Inbox } from '@blue-webhooks/inbox';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/** Serves the webhook and a health endpoint. */
export function listen(inbox: Inbox, port: number): Server {
  const app = new Hono();
  app.post('/webhooks/blue', blueWebhook(inbox)); // before anything that reads the body
  app.get('/health', async (c) => {
    const { started, store, oldestWaitingMs, dead } = await inbox.health();
    return c.json({ started, store, oldestWaitingMs, dead }, started && store === 'ok' ? 200 : 503);
  });
  return serve({ fetch: app.fetch, port }) as Server;
}
