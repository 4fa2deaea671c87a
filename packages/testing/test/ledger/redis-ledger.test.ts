import { inspect } from 'node:util';
import { createReceiver } from '@blue-webhooks/core';
import { redisLedger } from '@blue-webhooks/core/redis-ledger';
import { Cluster, Redis } from 'ioredis';
import { Redis as Valkey, Cluster as ValkeyCluster } from 'iovalkey';
import { createClient, createClientPool, createCluster, createSentinel, RESP_TYPES } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ledgerContract } from '../../src/ledger-contract';
import { rawDelivery, secret } from './raw-delivery';
import { hasRedis, startCluster, startRedis, startSentinel } from './redis-server';

const skipped = hasRedis ? '' : ' (skipped: redis-server not found)';

/** Runs every case of the contract at the same time, each on its own keys. */
async function holdsTheContract(client: Parameters<typeof redisLedger>[0], prefix = ''): Promise<void> {
  await Promise.all(
    ledgerContract.map(async ({ title, run }) => {
      let created = 0;
      try {
        await run({
          create: (options) => redisLedger(client, { ...options, prefix: `${prefix}${title} ${created++}:` }),
        });
      } catch (cause) {
        throw new Error(`The ledger breaks the case: ${title}`, { cause });
      }
    }),
  );
}

describe.skipIf(!hasRedis)(`redisLedger${skipped}`, { concurrent: true }, () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  test.each(ledgerContract)('$title', async ({ title, run }) => {
    let created = 0;
    await run({ create: (options) => redisLedger(redis.client, { ...options, prefix: `${title} ${created++}:` }) });
  });

  test('meets the contract with iovalkey', async () => {
    const client = new Valkey(redis.url);
    await holdsTheContract(client, 'iovalkey ').finally(() => client.disconnect());
  });

  test('meets the contract with node-redis, also with RESP 3, buffers for strings, and a pool', async () => {
    const clients = [
      createClient({ url: redis.url }),
      createClient({ url: redis.url, RESP: 3 }),
      createClient({ url: redis.url }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }),
      createClientPool({ url: redis.url }),
    ];
    const held = clients.map(async (client, i) => {
      await client.connect();
      await holdsTheContract(client, `client ${i} `).finally(() => client.destroy());
    });
    await Promise.all(held);
  });

  test('meets the contract with a client that adds a prefix to its keys', async () => {
    const client = new Redis(redis.url, { keyPrefix: 'app:' });
    await holdsTheContract(client).finally(() => client.disconnect());
  });

  // Sequential, since it looks at all keys.
  test.sequential('expires its keys, and leaves none without expiry', async () => {
    await redis.client.flushall();
    const ledger = redisLedger(redis.client, { ttlMs: 600_000 });
    const begin = async (id: string) => {
      const answer = await ledger.begin(id);
      return answer.state === 'new' ? answer.token : '';
    };
    await begin('begun');
    await ledger.finish('finished', await begin('finished'));
    await ledger.fail('failed');
    await ledger.release('released', await begin('released'));
    await ledger.deadLetter('dead-lettered');
    const keys = await redis.client.keys('*');
    expect(keys).toHaveLength(5);
    for (const key of keys) expect(await redis.client.pttl(key)).toBeGreaterThan(0);
  });

  test.each([
    undefined,
    null,
    {},
    'redis://localhost',
    { call: 'text' },
    { sendCommand: 1 },
    { eval: () => {} },
    { send_command: () => {}, sendCommand: () => {} },
  ])('a value that is not a client is a TypeError: %o', (bad) => {
    expect(() => redisLedger(bad as never)).toThrow(TypeError);
    expect(() => redisLedger(bad as never)).toThrow(
      'needs a connected Redis client: of ioredis, iovalkey, or node-redis',
    );
  });

  test('a client that takes callbacks is reported, and costs no delivery', async () => {
    const codes: string[] = [];
    const ledger = redisLedger({ sendCommand: () => undefined } as never);
    const receiver = createReceiver({ secret, ledger, onFailure: ({ code }) => codes.push(code) }).on(
      'TODO_CREATED',
      () => {},
    );
    expect((await receiver.handle(await rawDelivery())).status).toBe(204);
    expect(codes).toEqual(['LEDGER_FAILED']);
  });

  test("reports its client's error without the arguments of the command", async () => {
    const replica = await startRedis();
    await replica.client.replicaof('127.0.0.1', new URL(redis.url).port);
    const clients = [replica.client, createClient({ url: replica.url }), new Valkey(replica.url)];
    for (const client of clients) {
      if ('destroy' in client) await client.connect();
      const reports: unknown[] = [];
      const ledger = redisLedger(client, { prefix: 'the-prefix:' });
      const receiver = createReceiver({ secret, ledger, onFailure: (error) => reports.push(error) }).on(
        'TODO_CREATED',
        () => {},
      );
      const { status, deliveryId = '' } = await receiver.handle(await rawDelivery());
      expect(status).toBe(204);
      const printed = inspect(reports, { depth: Number.POSITIVE_INFINITY, showHidden: true });
      expect(printed).toContain('READONLY');
      for (const secretPart of ['EVAL', 'HMGET', 'the-prefix', deliveryId]) expect(printed).not.toContain(secretPart);
      if ('destroy' in client) client.destroy();
      else client.disconnect();
    }
    await replica.stop();
  });
});

describe.skipIf(!hasRedis)(`redisLedger with Sentinel${skipped}`, { concurrent: true }, () => {
  let sentinel: Awaited<ReturnType<typeof startSentinel>>;
  beforeAll(async () => {
    sentinel = await startSentinel();
  }, 60_000);
  afterAll(() => sentinel?.stop());

  test('meets the contract with node-redis', async () => {
    const client = createSentinel({ name: sentinel.name, sentinelRootNodes: [sentinel.node] });
    await client.connect();
    await holdsTheContract(client).finally(() => client.destroy());
  }, 30_000);

  test('meets the contract with ioredis', async () => {
    const client = new Redis({ name: sentinel.name, sentinels: [sentinel.node], keyPrefix: 'ioredis:' });
    await holdsTheContract(client).finally(() => client.disconnect());
  }, 30_000);
});

describe.skipIf(!hasRedis)(`redisLedger with a cluster${skipped}`, { concurrent: true }, () => {
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  beforeAll(async () => {
    cluster = await startCluster();
  }, 60_000);
  afterAll(() => cluster?.stop());

  const clients = {
    ioredis: async () => {
      const client = new Cluster([...cluster.nodes]);
      return { client, close: () => client.disconnect() };
    },
    'ioredis with a key prefix': async () => {
      const client = new Cluster([...cluster.nodes], { keyPrefix: 'app:', scaleReads: 'slave' });
      return { client, close: () => client.disconnect() };
    },
    iovalkey: async () => {
      const client = new ValkeyCluster([...cluster.nodes], { keyPrefix: 'valkey:' });
      return { client, close: () => client.disconnect() };
    },
    'node-redis': async () => {
      const rootNodes = cluster.nodes.map(({ host, port }) => ({ url: `redis://${host}:${port}` }));
      const client = createCluster({ rootNodes });
      await client.connect();
      return { client, close: () => client.destroy() };
    },
  };

  test.each(Object.entries(clients))(
    'meets the contract with %s, on every node',
    async (name, create) => {
      const { client, close } = await create();
      await holdsTheContract(client, `${name} `);
      const ledger = redisLedger(client, { prefix: `${name}:` });
      const begun = await Promise.all(Array.from({ length: 100 }, async (_, i) => ledger.begin(String(i))));
      expect(new Set(begun.map(({ state }) => state))).toEqual(new Set(['new']));
      close();
    },
    60_000,
  );
});
