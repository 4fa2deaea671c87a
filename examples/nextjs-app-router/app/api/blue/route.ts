import { createReceiver, type Receiver } from '@blue-webhooks/core';

let receiver: Receiver | undefined;

export function POST(request: Request): Promise<Response> {
  // With the first request, because `next build` loads this file too, where the secret need not be known.
  receiver ??= createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on('TODO_CREATED', ({ currentValue }) =>
    console.log(`New record: ${currentValue.title}`),
  );
  return receiver.fetch(request);
}
