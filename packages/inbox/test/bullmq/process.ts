/** One process of an inbox on BullMQ, a receiver's or a worker's, that lives until it is killed. */
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BullmqInboxOptions, bullmqInbox } from '../../src/bullmq/index';
import { anyReceiver } from './deliveries';

export interface ProcessTask {
  readonly backend: object;
  /** Where the receiver listens; a worker does not. */
  readonly port?: number;
  /** Where a worker notes what it begins and ends, and when by the machine's own clock. */
  readonly journal?: string;
  readonly leaseMs: number;
}

const { backend, port, journal = '', leaseMs }: ProcessTask = JSON.parse(process.argv[2] ?? '');
const note = (id: string, what: string) => appendFileSync(journal, `${id} ${what} ${process.hrtime.bigint()}\n`);

process.once('disconnect', () => process.exit()); // the parent process is gone

const receiver = anyReceiver(async ({ id, signal }) => {
  note(id, 'begins');
  try {
    await sleep(Math.random() * 100, undefined, { signal });
  } catch (error) {
    note(id, 'aborts');
    throw error;
  }
  note(id, 'ends');
});
const inbox = bullmqInbox({ receiver, ...backend, leaseMs, concurrency: 8 } as BullmqInboxOptions);

if (port === undefined) {
  await inbox.start();
  process.send?.('ready');
} else {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { status, headers, body } = await inbox.handle({
      method: request.method ?? '',
      header: (name) => request.headers[name],
      body: Buffer.concat(chunks),
    });
    response.writeHead(status, headers).end(body ?? undefined);
  });
  server.listen(port, '127.0.0.1', () => process.send?.('ready'));
}
