import { createReceiver } from '@blue-webhooks/core';
import type { Config, Context } from '@netlify/functions';

const receiver = createReceiver({
  secret: process.env.BLUE_WEBHOOK_SECRET,
  onFailure: async ({ code }, { deliveryId }) => console.error(code, deliveryId), // or a request to your alerting
}).on('TODO_CREATED', ({ currentValue }) => console.log(`New record: ${currentValue.title}`));

/** `context.waitUntil` lets hooks finish after the response. */
export default (request: Request, context: Context) => receiver.fetch(request, context);

export const config: Config = { path: '/webhooks/blue', method: 'POST' };
