/** Lists the dead letters; with the argument `replay`, returns them to the inbox, and the running endpoint handles them. */
import { createReceiver } from '@blue-webhooks/core';
import { createInbox } from '@blue-webhooks/inbox';
import { createStore } from './store';

const inbox = createInbox({
  receiver: createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }), // no handlers: this process handles nothing
  store: createStore(process.env),
});
if (process.argv[2] === 'replay')
  console.log(await inbox.replay({ state: 'dead' }), 'dead letters returned to the inbox');
else for (const delivery of (await inbox.list({ state: 'dead' })).deliveries) console.log(delivery);
await inbox.stop();
process.exit(); // a pool of PostgreSQL keeps its connections for a while
