import { createReceiver, type Receiver } from '@blue-webhooks/core';
import type { RequestHandler } from '@sveltejs/kit';

let receiver: Receiver | undefined;

export const POST: RequestHandler = ({ request, platform }) => {
  // Created with the first request: the build also loads this file, and may run without the secret.
  receiver ??= createReceiver({
    secret: process.env.BLUE_WEBHOOK_SECRET,
    onFailure: (error, { deliveryId }) => console.error(error.code, deliveryId, error.message),
  }).on('TODO_CREATED', ({ currentValue }) => console.log(`New record: ${currentValue.title}`));
  return receiver.fetch(request, platform);
};
