import { createReceiver, type Receiver } from '@blue-webhooks/core';

let receiver: Receiver | undefined;

export function POST(request: Request): Promise<Response> {
  // Created with the first request: `next build` also loads this file, and may run without the secret.
  receiver ??= createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on('TODO_CREATED', ({ currentValue }) =>
    console.log(`New record: ${currentValue.title}`),
  );
  return receiver.fetch(request);
}
