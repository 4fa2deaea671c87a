/** A process that starts and stops an inbox as its script says, and then ends by itself. */
import { createReceiver } from '@blue-webhooks/core';
import { createInbox, sqliteStore } from '../../src/index';

const [script = '', path = ''] = process.argv.slice(2);
const receiver = createReceiver({ allowUnsigned: true }).onUnknown(
  () => new Promise((resolve) => setTimeout(resolve, 50)),
);
const inbox = createInbox({ receiver, store: sqliteStore(path), leaseMs: 1_000 });
let count = 0;

const steps: Record<string, () => Promise<unknown>> = {
  start: () => inbox.start(),
  stop: () => inbox.stop({ timeoutMs: 1_000 }),
  receive() {
    count += 1;
    return inbox.fetch(
      new Request('http://localhost/', { method: 'POST', body: JSON.stringify({ event: `NEW ${count}` }) }),
    );
  },
};

// Steps with a comma between them are begun together.
for (const together of script.split(' ')) await Promise.all(together.split(',').map((name) => steps[name]?.()));
process.stdout.write('stopped\n');
