/** Lists what was given up; with the argument `replay`, lets it run again. The running endpoint takes it from there. */
import { createReceiver } from '@blue-webhooks/core';
import { createInbox, sqliteStore } from '@blue-webhooks/inbox';

const inbox = createInbox({
  receiver: createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }), // no handlers: this process does no work
  store: sqliteStore(process.env.INBOX_PATH ?? 'blue-inbox.db'),
});
if (process.argv[2] === 'replay') console.log(await inbox.replay({ state: 'dead' }), 'run again');
else for (const entry of (await inbox.list({ state: 'dead' })).entries) console.log(entry);
await inbox.stop();
