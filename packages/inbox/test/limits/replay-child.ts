/** Replays the dead letters of a file at a pace, and reports each step. */
import { createReceiver } from '@blue-webhooks/core';
import { createInbox, sqliteStore } from '../../src/index';

const inbox = createInbox({
  receiver: createReceiver({ allowUnsigned: true }),
  store: sqliteStore(process.argv[2] ?? ''),
});
await inbox.replay({ state: 'dead' }, { perSecond: 20, onProgress: ({ replayed }) => process.send?.(replayed) });
