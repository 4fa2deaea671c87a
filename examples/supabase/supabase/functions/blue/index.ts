import process from 'node:process';
import { createReceiver } from '@blue-webhooks/core';

const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on('TODO_CREATED', ({ currentValue }) =>
  console.log(`New record: ${currentValue.title}`),
);

/** Edge Functions serve a default export that has `fetch`. */
export default { fetch: receiver.fetch };
