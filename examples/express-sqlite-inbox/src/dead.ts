/** Lists dead letters or, with the argument `replay`, replays them. The running endpoint handles them. */
import { createReceiver } from '@blue-webhooks/core';
import { createInbox, sqliteStore } from '@blue-webhooks/inbox';

const inbox = createInbox({
  receiver: createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }), // no handlers: this process does no work
  store: sqliteStore(process.env.INBOX_PATH ?? 'blue-inbox.db'),
});
if (process.argv[2] === 'replay') console.log(await inbox.replay({ state: 'dead' }), 'run again');
else for (const delivery of (await inbox.list({ state: 'dead' })).deliveries) console.log(delivery);
await inbox.stop();
