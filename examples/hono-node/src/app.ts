import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/hono';
import { Hono } from 'hono';

const receiver = createReceiver({
  secret: process.env.BLUE_WEBHOOK_SECRET,
  onFailure: (error, { deliveryId }) => console.error(error.code, deliveryId, error.message),
})
  .on('COMMENT_CREATED', ({ currentValue }) => console.log(`New comment: ${currentValue.text}`))
  .onUnknown(({ name }) => console.log(`Unknown event: ${name}`));

export const app = new Hono();
app.post('/webhooks/blue', blueWebhook(receiver));
