import { once } from 'node:events';
import { sqliteStore } from '@blue-webhooks/inbox';
import { listen } from './app.js';
import { createHandlers } from './handlers.js';
import { openInbox } from './inbox.js';

const handlers = createHandlers(process.env.BLUE_WEBHOOK_SECRET, {
  async recordCreated({ title }) {
    console.log(`New record: ${title}`);
  },
});
const inbox = openInbox(handlers, sqliteStore(process.env.INBOX_PATH ?? 'blue-inbox.db'));
await inbox.start();

const port = Number(process.env.PORT ?? 3000);
const server = listen(inbox, port);
await once(server, 'listening');
console.log(`Listening on http://localhost:${port}/webhooks/blue`);

inbox.stopOnSignal({ before: () => new Promise((closed) => server.close(closed)) });
