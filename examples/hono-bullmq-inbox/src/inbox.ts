import { createReceiver } from '@blue-webhooks/core';
import { bullmqInbox } from '@blue-webhooks/inbox/bullmq';

const receiver = createReceiver({
  secret: process.env.BLUE_WEBHOOK_SECRET,
  onFailure: (error, { deliveryId }) => console.error(error.code, deliveryId, error.message),
})
  .on('TODO_CREATED', ({ currentValue }) => console.log(`New record: ${currentValue.title}`))
  .onUnknown(({ name }) => console.log(`Unknown event: ${name}`));

/** Shared by both processes: the receiver stores deliveries, the worker runs the handlers. */
export const inbox = bullmqInbox({
  receiver,
  connection: { url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' },
  onDeadLetter: ({ id, event }, error) => console.error(`Dead letter: ${event} ${id}`, error),
  onEvent: (event) => {
    if (event.type === 'store-failed') console.error('Redis:', event.error);
    if (event.type === 'not-durable') console.error(event.reason);
  },
});
