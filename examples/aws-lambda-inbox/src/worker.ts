/** Handles what the function has enqueued, wherever a process may run for long: a container, a virtual machine. */
import { bullmqInbox } from '@blue-webhooks/inbox/bullmq';
import { receiver } from './receiver';

const inbox = bullmqInbox({
  receiver,
  connection: { url: process.env.REDIS_URL ?? 'redis://localhost:6379' },
  onDeadLetter: ({ id, event }, error) => console.error(`Dead letter: ${event} ${id}`, error),
});
await inbox.start();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void inbox.stop());
