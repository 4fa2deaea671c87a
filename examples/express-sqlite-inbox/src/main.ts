import { setTimeout as sleep } from 'node:timers/promises';
import { createEndpoint } from './endpoint';

const { app, inbox } = createEndpoint({
  secret: process.env.BLUE_WEBHOOK_SECRET,
  path: process.env.INBOX_PATH ?? 'blue-inbox.db',
  async syncRecord(id, title, signal) {
    await sleep(10_000, undefined, { signal }); // longer than Blue waits
    console.log(`Synchronised ${id}: ${title}`);
  },
});

await inbox.start();
const port = Number(process.env.PORT ?? 3000);
const server = app.listen(port, () => console.log(`Listening on http://localhost:${port}/webhooks/blue`));

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    server.close(async () => {
      await inbox.stop(); // handlers still running after 10 seconds are aborted, and run again after the next start
      process.exit();
    });
    server.closeIdleConnections();
  });
}
