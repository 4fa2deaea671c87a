import { setTimeout as sleep } from 'node:timers/promises';
import { createEndpoint } from './endpoint';
import { createStore } from './store';

const key = process.env.BLUE_INBOX_KEY;
const { app, inbox } = createEndpoint({
  secret: process.env.BLUE_WEBHOOK_SECRET,
  store: createStore(process.env),
  encrypt: key ? { keys: [{ id: '1', key }] } : undefined,
  async syncRecord(id, title, signal) {
    await sleep(Number(process.env.SYNC_MS ?? 10_000), undefined, { signal }); // longer than Blue waits
    console.log(`Synchronised ${id}: ${title}`);
  },
});

await inbox.start();
const port = Number(process.env.PORT ?? 3000);
const server = app.listen(port, () => console.log(`Listening on http://localhost:${port}/webhooks/blue`));

// Handlers still running after 10 seconds are aborted, and run again after the next start.
inbox.stopOnSignal({ before: () => server.close() });
