import { createReceiver } from '@blue-webhooks/core';

/** The function verifies with it, the worker has its handlers run: both share this file. */
export const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on(
  'TODO_CREATED',
  ({ currentValue }) => console.log(`New record: ${currentValue.title}`),
);
