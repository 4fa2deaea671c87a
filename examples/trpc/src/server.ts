import { createServer } from 'node:http';
import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/express';
import { initTRPC } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';

const titles = new Map<string, string>();
const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on('TODO_CREATED', ({ currentValue }) => {
  titles.set(currentValue.id, currentValue.title);
});

const { router, procedure } = initTRPC.create();
const appRouter = router({ titles: procedure.query(() => [...titles.values()]) });

const procedures = createHTTPHandler({ router: appRouter });
const receive = blueWebhook(receiver);

// A procedure gets parsed input, and Blue signs the raw bytes: the webhook is a route beside the procedures.
export const server = createServer((req, res) =>
  req.url === '/webhooks/blue' ? receive(req, res, () => res.writeHead(500).end()) : procedures(req, res),
);
