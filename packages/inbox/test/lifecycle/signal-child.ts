/** A process with a server that stays open, whose inbox stops at a signal. */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createReceiver } from '@blue-webhooks/core';
import { createInbox, sqliteStore } from '../../src/index';

const { path, journal, handlerMs, remove, other, hang } = JSON.parse(process.argv[2] ?? '') as {
  path: string;
  journal: string;
  handlerMs: number;
  remove: boolean;
  other: boolean;
  hang: boolean;
};
const note = (what: string) => appendFileSync(journal, `${what}\n`);

const receiver = createReceiver({ allowUnsigned: true }).onUnknown(async (_event, { signal }) => {
  note('begins');
  await new Promise((resolve, reject) => {
    setTimeout(resolve, handlerMs);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  note('ends');
});
const inbox = createInbox({ receiver, store: sqliteStore(path), pollMs: 20, onEvent: ({ type }) => note(type) });
createServer().listen(0, '127.0.0.1'); // keeps the process alive

const unlisten = inbox.stopOnSignal({
  timeoutMs: 60_000,
  before() {
    note('before');
    if (hang) return new Promise(() => {}); // a server that waits for a client
    throw new Error('The server was closed already.');
  },
});
if (remove) unlisten();
if (other) {
  process.on('SIGTERM', () => {
    note('other');
    setTimeout(() => process.exit(7), 500);
  });
}
await inbox.start();
await inbox.fetch(new Request('http://localhost/', { method: 'POST', body: '{"event":"NEW"}' }));
