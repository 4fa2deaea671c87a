import { createReceiver } from '@blue-webhooks/core';

const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on('TODO_CREATED', ({ currentValue }) =>
  console.log(`New record: ${currentValue.title}`),
);

/** Bun serves a default export with a `fetch` method, on `PORT` or 3000. */
export default { fetch: receiver.fetch };
