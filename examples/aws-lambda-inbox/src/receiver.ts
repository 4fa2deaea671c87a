import { createReceiver } from '@blue-webhooks/core';

/** Shared by both: the function verifies with it, the worker runs its handlers. */
export const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on(
  'TODO_CREATED',
  ({ currentValue }) => console.log(`New record: ${currentValue.title}`),
);
