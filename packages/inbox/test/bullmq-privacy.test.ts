import { UnrecoverableError } from '@blue-webhooks/core';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type BullmqInboxOptions, bullmqInbox } from '../src/bullmq/index';
import { anyReceiver, eventually, newDelivery } from './bullmq/deliveries';
import { found, newTitle } from './privacy/bytes';
import { hasPostgres, postgresMissing, startPostgres } from './services/postgres';
import { hasRedis, redisMissing, startRedis } from './services/redis';

vi.setConfig({ testTimeout: 60_000 });

/** Stores deliveries of two entities with titles of their own, done, dead and retried. */
async function fill(backend: object, options: Partial<BullmqInboxOptions> = {}) {
  const titles = { erased: [] as string[], kept: [] as string[] };
  const receiver = anyReceiver(({ rawBody }) => {
    const { title, outcome } = JSON.parse(rawBody).currentValue;
    if (outcome === 'dead') throw new UnrecoverableError(`refused ${title}`);
    if (outcome === 'retried') throw new Error(`down: ${title}`);
  });
  const retry = { firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 };
  const inbox = bullmqInbox({ receiver, retry, ...backend, ...options } as BullmqInboxOptions);
  onTestFinished(() => inbox.stop({ timeoutMs: 0 }));
  await inbox.start();
  for (let i = 0; i < 36; i++) {
    const which = i % 2 === 0 ? 'erased' : 'kept';
    const title = newTitle();
    titles[which].push(title);
    const outcome = ['done', 'dead', 'retried'][i % 3];
    const sent = await newDelivery({ currentValue: { id: `record ${which}`, title, outcome } });
    expect((await inbox.handle(sent)).status).toBe(204);
  }
  await eventually(async () => {
    const { done, dead, waiting, active } = await inbox.stats();
    return done === 12 && dead === 12 && waiting === 12 && active === 0;
  });
  return { inbox, titles };
}

const newKeys = () => ({ keys: [{ id: 'a', key: crypto.getRandomValues(new Uint8Array(32)) }] });

describe.skipIf(!hasRedis)(`the files of Redis${redisMissing}`, () => {
  /** Without compression, so that its files can be searched. */
  async function startPlain() {
    const redis = await startRedis('--rdbcompression', 'no');
    onTestFinished(() => redis.stop());
    return redis;
  }

  test('contain no title of an encrypted inbox', async () => {
    const redis = await startPlain();
    const { titles } = await fill({ connection: { url: redis.url } }, { encrypt: newKeys() });
    await redis.client.save();
    expect(found(redis.folder, [...titles.erased, ...titles.kept])).toEqual([]);
  });

  test('contain no title of an erased entity once the append-only file was rewritten, as documented', async () => {
    const redis = await startPlain();
    const { inbox, titles } = await fill({ connection: { url: redis.url } });
    expect(found(redis.folder, titles.erased)).toEqual(titles.erased);
    expect(await inbox.erase({ entityId: 'record erased' })).toEqual({ erased: 18, active: 0 });
    await redis.client.save();
    expect(found(`${redis.folder}/dump.rdb`, [...titles.erased, 'record erased'])).toEqual([]);
    expect(found(`${redis.folder}/dump.rdb`, titles.kept)).toEqual(titles.kept);
    await redis.client.bgrewriteaof();
    await eventually(async () => /aof_rewrite_in_progress:0/.test(await redis.client.info('persistence')));
    await eventually(() => found(redis.folder, titles.erased).length === 0);
    expect((await inbox.list({ limit: 100 })).deliveries).toHaveLength(18);
  });

  test('a job whose handler runs is blanked, and removed when the handler has ended', async () => {
    const redis = await startPlain();
    let attempts = 0;
    let end = (_error?: Error) => {};
    const receiver = anyReceiver(() => {
      attempts += 1;
      if (attempts === 1) throw new Error('Zoë was refused');
      return new Promise<void>((resolve, reject) => {
        end = (error) => (error ? reject(error) : resolve());
      });
    });
    const retry = { firstDelayMs: 10, maxDelayMs: 10, jitter: 0 };
    const inbox = bullmqInbox({ receiver, retry, connection: { url: redis.url } });
    onTestFinished(() => inbox.stop({ timeoutMs: 0 }));
    await inbox.start();
    for (const error of [undefined, new Error('Zoë once more')]) {
      attempts = 0;
      const sent = await newDelivery({ currentValue: { id: 'record', title: 'Zoë' } });
      await inbox.handle(sent);
      await eventually(() => attempts === 2);
      expect(await inbox.erase({ entityId: 'record' })).toEqual({ erased: 1, active: 1 });
      expect(await inbox.get(sent.id)).toMatchObject({ state: 'active', rawBody: '', entityId: undefined });
      end(error);
      await eventually(async () => (await inbox.get(sent.id)) === undefined);
    }
    await redis.client.save();
    expect(found(`${redis.folder}/dump.rdb`, ['Zoë'])).toEqual([]);
    expect(attempts).toBe(2);
  });
});

test.skipIf(!hasPostgres)(
  `the tables of BullMQ in PostgreSQL contain no erased title once they were rewritten${postgresMissing}`,
  async () => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    const { inbox, titles } = await fill({ postgres: server.url });
    const [{ data_directory: folder }] = JSON.parse(await server.query('ANALYZE', 'CHECKPOINT', 'SHOW data_directory'));
    const tables = `${folder}/base`;
    expect(found(tables, titles.erased)).toEqual(titles.erased);
    expect(await inbox.erase({ entityId: 'record erased' })).toEqual({ erased: 18, active: 0 });
    await server.query('VACUUM (FULL, ANALYZE)', 'CHECKPOINT');
    expect(found(tables, titles.erased)).toEqual([]);
    expect(found(tables, titles.kept)).toEqual(titles.kept);
  },
);
