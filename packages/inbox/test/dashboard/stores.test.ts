import { createReceiver } from '@blue-webhooks/core';
import pg from 'pg';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { bullmqInbox } from '../../src/bullmq/index';
import { inboxDashboard } from '../../src/dashboard';
import { createInbox, type Inbox, memoryStore, sqliteStore } from '../../src/index';
import { postgresStore } from '../../src/postgres';
import type { WorkOptions } from '../../src/settings';
import { eventually, moved, post, secret, signed } from '../endpoint';
import { scratchFile } from '../scratch';
import { hasPostgres, postgresMissing, startPostgres } from '../services/postgres';
import { hasRedis, redisMissing, startRedis } from '../services/redis';

vi.setConfig({ testTimeout: 60_000 }); // servers start in the test, on a machine that may be busy

const handled: string[] = [];
const receiver = () =>
  createReceiver({ secret }).on('TODO_MOVED', (_event, { id, rawBody }) => {
    handled.push(id);
    if (rawBody.includes('poison')) throw new Error('The CRM answered 500.');
  });
const options: WorkOptions = { retry: { maxAttempts: 1 } };

const stores: readonly [title: string, isMissing: boolean, open: () => Promise<Inbox>][] = [
  ['memoryStore', false, async () => createInbox({ ...options, receiver: receiver(), store: memoryStore() })],
  [
    'sqliteStore',
    false,
    async () => createInbox({ ...options, receiver: receiver(), store: sqliteStore(scratchFile()) }),
  ],
  [
    `postgresStore${postgresMissing}`,
    !hasPostgres,
    async () => {
      const server = await startPostgres();
      const pool = new pg.Pool({ connectionString: server.url });
      pool.on('error', () => {});
      onTestFinished(async () => {
        await pool.end();
        await server.stop();
      });
      return createInbox({ ...options, receiver: receiver(), store: postgresStore(pool) });
    },
  ],
  [
    `bullmqInbox${redisMissing}`,
    !hasRedis,
    async () => {
      const redis = await startRedis();
      onTestFinished(() => redis.stop());
      return bullmqInbox({ ...options, receiver: receiver(), connection: { url: redis.url } });
    },
  ],
];

describe('the dashboard', () => {
  for (const [title, isMissing, open] of stores) {
    test.skipIf(isMissing)(`shows, replays and pauses on ${title}`, async () => {
      const inbox = await open();
      onTestFinished(() => inbox.stop({ timeoutMs: 0 }));
      await inbox.start();
      const first = await signed(moved('record 1', { title: 'First title' }));
      const second = await signed(moved('record 1', { title: 'Second title', text: 'poison' }));
      await post(inbox, first);
      await eventually(async () => (await inbox.stats()).done === 1);
      await new Promise((resolve) => setTimeout(resolve, 2)); // another millisecond
      await post(inbox, second);
      await eventually(async () => (await inbox.stats()).dead === 1);

      const dashboard = inboxDashboard(inbox, { authorize: () => ({ role: 'act', who: 'ada' }) });
      const headers = { host: 'localhost', origin: 'http://localhost', 'x-fragment': '1' };
      const get = async (query: string) => {
        const response = await dashboard.fetch(
          new Request(`http://localhost/${query}`, { headers: { host: 'localhost' } }),
        );
        return response.text();
      };
      const act = async (form: Record<string, string>) => {
        const body = String(new URLSearchParams(form));
        return (await dashboard.fetch(new Request('http://localhost/', { method: 'POST', headers, body }))).text();
      };
      const page = await get('');
      expect(page).toMatch(/id="tile-done"[^>]*><strong>1</);
      await eventually(async () => (await get('')).includes('Last 24 h: 2 deliveries, of which 1 failed'));
      expect([...page.matchAll(/<li id="row-(\w+)"/g)].map(([, id]) => id).sort()).toEqual(
        [first.id, second.id].sort(),
      );
      const content = await get(`?d=${second.id}&body=1`);
      expect(content).toContain('The CRM answered 500.');
      const since = content.slice(content.indexOf('Since the previous delivery'));
      expect(since).toMatch(/title<\/th><td>.*First.*<\/td><td>.*Second/);

      expect(await act({ do: 'pause', reason: 'a test' })).toBe('Paused: All deliveries.');
      expect(await inbox.paused()).toMatchObject([{ reason: 'a test', by: 'ada' }]);
      expect(await get('')).toContain('<strong>All deliveries</strong>: a test (ada, since');
      expect(await act({ do: 'resume' })).toBe('Resumed: All deliveries.');
      const ofEvent = await act({ do: 'pause', event: 'TODO_CREATED', reason: 'a test' });
      expect(ofEvent).toMatch(
        title.startsWith('bullmq') ? /^bullmqInbox pauses all deliveries or none/ : /^Paused: TODO_CREATED\.$/,
      );
      const before = handled.length;
      expect(await act({ do: 'replay', id: second.id })).toBe('The delivery runs again.');
      await eventually(() => handled.length > before);
    });
  }
});
