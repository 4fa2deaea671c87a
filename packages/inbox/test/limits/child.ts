/** A worker of the tests of limits, which calls a server for every delivery. */
import { createReceiver } from '@blue-webhooks/core';
import { createInbox } from '../../src/index';
import { storeAt } from '../crash/store-at';
import type { WorkerOptions } from './workers';

const { path, url, limit } = JSON.parse(process.argv[2] ?? '') as WorkerOptions;

const receiver = createReceiver({ allowUnsigned: true }).on('TODO_MOVED', async (_event, { signal }) => {
  const response = await fetch(`${url}/${process.pid}`, { signal });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
});
const inbox = createInbox({
  receiver,
  store: storeAt(path),
  leaseMs: 900,
  pollMs: 40,
  retry: { maxAttempts: 3, firstDelayMs: 50, maxDelayMs: 100 },
  limits: [{ key: () => 'server', ...limit }],
  onEvent: (event) => {
    if (event.type.startsWith('breaker-') || event.type === 'dead-letter') process.send?.(event.type);
  },
});
await inbox.start();
process.send?.('started');
process.on('SIGTERM', async () => {
  await inbox.stop();
  process.exit();
});
