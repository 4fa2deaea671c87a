import { createReceiver } from '@blue-webhooks/core';
import fastify from 'fastify';
import { blueWebhook } from './blue-webhook';

const receiver = createReceiver({
  secret: process.env.BLUE_WEBHOOK_SECRET,
  onFailure: (error, { deliveryId }) => console.error(error.code, deliveryId, error.message),
}).on('TODO_CREATED', ({ currentValue }) => console.log(`New record: ${currentValue.title}`));

export const app = fastify();
app.register(blueWebhook('/webhooks/blue', receiver));
