/** Handles what the function enqueued. Runs as a long-lived process: in a container, on a virtual machine. */
import { bullmqInbox } from '@blue-webhooks/inbox/bullmq';
import { receiver } from './receiver';

const inbox = bullmqInbox({
  receiver,
  connection: { url: process.env.REDIS_URL ?? 'redis://localhost:6379' },
  onDeadLetter: ({ id, event }, error) => console.error(`Dead letter: ${event} ${id}`, error),
});
await inbox.start();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void inbox.stop());
