import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sign } from '@blue-webhooks/core';
import { afterAll, expect, type TestContext, test } from 'vitest';
import { createInbox, type InboxStore } from '../src/index';
import { anyReceiver } from './bullmq/deliveries';
import { killAll, type Process, secret, startProcess } from './crash/processes';
import { storeAt } from './crash/store-at';
import { eventually } from './endpoint';
import { hasPostgres, postgresMissing, startPostgres } from './services/postgres';

/** Twice the `pollMs` of the processes, and the time that a busy machine needs. */
const SEEN_WITHIN_MS = 500;

afterAll(killAll);

interface Place {
  readonly title: string;
  readonly open: (folder: string, context: TestContext) => Promise<string>;
}

const places: readonly Place[] = [
  { title: 'a SQLite file', open: async (folder) => join(folder, 'inbox.db') },
  {
    title: `PostgreSQL${postgresMissing}`,
    async open(_folder, { skip, onTestFinished }) {
      skip(!hasPostgres);
      const server = await startPostgres();
      onTestFinished(async () => {
        killAll();
        await server.stop();
      });
      return server.url;
    },
  },
];

test.for(places)(
  'three processes on $title pause and resume together, also after kill -9',
  { timeout: 120_000 },
  async ({ open }, context) => {
    const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
    context.onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = await open(folder, context);
    const journal = join(folder, 'journal');
    const store: InboxStore = storeAt(path);
    context.onTestFinished(() => store.close());
    await store.open();
    const inbox = createInbox({ receiver: anyReceiver(), store });
    const begun = () => (existsSync(journal) ? readFileSync(journal, 'utf8').match(/^begins .*$/gm) : null) ?? [];
    const startAll = (): Promise<Process[]> =>
      Promise.all([false, true, true].map((works) => startProcess({ path, journal, works, handlerMs: 5 })));
    const settled = (count: number) => eventually(async () => (await inbox.stats()).done === count);

    let [receiver, ...workers] = (await startAll()) as [Process, Process, Process];
    let sent = 0;
    const send = async (count: number) => {
      for (let i = 0; i < count; i++) {
        sent += 1;
        const body = JSON.stringify({
          event: 'TODO_MOVED',
          currentValue: { id: `record ${sent % 5}`, title: 'T' },
          sent,
        });
        const headers = { 'content-type': 'application/json', 'x-signature': await sign(body, secret) };
        expect((await fetch(receiver.url, { method: 'POST', body, headers })).status).toBe(204);
      }
    };
    const workersSeen = () => new Set(begun().map((line) => line.split(' ')[1])).size;
    while (workersSeen() < 2) {
      await send(5);
      await settled(sent);
    }
    const handled = sent;

    await inbox.pause({ reason: 'the CRM is down', by: 'a test' });
    await sleep(SEEN_WITHIN_MS);
    const before = begun().length;
    await send(20);
    await sleep(SEEN_WITHIN_MS);
    expect(begun()).toHaveLength(before);

    for (const process of [receiver, ...workers]) await process.kill();
    [receiver, ...workers] = (await startAll()) as [Process, Process, Process];
    await send(5);
    await sleep(SEEN_WITHIN_MS);
    expect(begun()).toHaveLength(before);
    expect(await inbox.paused()).toMatchObject([{ reason: 'the CRM is down', by: 'a test' }]);
    const { waiting, held, oldestWaitingMs = 0 } = await inbox.stats();
    expect(waiting + held).toBe(25);
    expect(oldestWaitingMs).toBeGreaterThan(SEEN_WITHIN_MS);

    expect(await inbox.resume()).toBe(true);
    await settled(handled + 25);
    expect(begun()).toHaveLength(handled + 25);
    for (const process of [receiver, ...workers]) await process.stop();
  },
);
