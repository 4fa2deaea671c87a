import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/hono';
import { Hono } from 'hono';
import type { Logger } from 'pino';
import { logDeliveries } from './log-deliveries';

export function createApp(logger: Logger): Hono {
  const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET, ...logDeliveries(logger) }).on(
    'TODO_CREATED',
    (event, { id }) => logger.info({ deliveryId: id, record: event.currentValue.id }, 'record created'),
  );
  const app = new Hono();
  app.post('/webhooks/blue', blueWebhook(receiver));
  return app;
}
