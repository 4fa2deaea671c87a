import { blueWebhook } from '@blue-webhooks/hono';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { inbox } from './inbox';

const app = new Hono();
app.post('/webhooks/blue', blueWebhook(inbox));

const port = Number(process.env.PORT ?? 3000);
const server = serve({ fetch: app.fetch, port }, () =>
  console.log(`Listening on http://localhost:${port}/webhooks/blue`),
);

process.once('SIGTERM', () => server.close(() => inbox.stop()));
