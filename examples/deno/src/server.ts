import process from 'node:process';
import { createReceiver } from '@blue-webhooks/core';

const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on('TODO_CREATED', ({ currentValue }) =>
  console.log(`New record: ${currentValue.title}`),
);

/** `deno serve` serves a default export with a `fetch` method. */
export default { fetch: receiver.fetch };
