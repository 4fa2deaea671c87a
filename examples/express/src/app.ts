import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/express';
import express from 'express';

const receiver = createReceiver({
  secret: process.env.BLUE_WEBHOOK_SECRET,
  onFailure: (error, { deliveryId }) => console.error(error.code, deliveryId, error.message),
})
  .on('TODO_CREATED', ({ currentValue }) => console.log(`New record: ${currentValue.title}`))
  .on('TODO_DONE_STATUS_UPDATED', ({ currentValue }) => console.log(`${currentValue.title}: ${currentValue.done}`));

export const app = express();
app.post('/webhooks/blue', blueWebhook(receiver)); // before any body parser
app.use(express.json());
