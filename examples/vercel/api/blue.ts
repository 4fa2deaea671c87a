import { createReceiver } from '@blue-webhooks/core';
import { waitUntil } from '@vercel/functions';

const receiver = createReceiver({
  secret: process.env.BLUE_WEBHOOK_SECRET,
  onFailure: async ({ code }, { deliveryId }) => console.error(code, deliveryId), // or a request to your alerting
  waitUntil, // lets hooks finish after the response
}).on('TODO_CREATED', ({ currentValue }) => console.log(`New record: ${currentValue.title}`));

export const POST = (request: Request): Promise<Response> => receiver.fetch(request);
