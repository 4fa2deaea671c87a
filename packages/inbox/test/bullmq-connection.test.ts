import { inspect } from 'node:util';
import { RedisQueueBackend } from 'bullmq';
import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster, createSentinel } from 'redis';
import { afterAll, test as base, beforeAll, describe, expect, vi } from 'vitest';
import { type BullmqInboxOptions, bullmqInbox } from '../src/bullmq/index';
import type { Inbox, InboxEvent } from '../src/index';
import { anyReceiver, eventually, healthCheck, newDelivery } from './bullmq/deliveries';
import { hasPostgres, postgresMissing, startPostgres } from './services/postgres';
import { hasRedis, type RedisServer, redisMissing, startRedis } from './services/redis';
import { hasRedisCli, type RedisCluster, startRedisCluster } from './services/redis-cluster';
import { startTcpProxy } from './services/tcp-proxy';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 }); // servers are started and fail over here, on a machine that may be busy

const password = 'pa55w0rd';
let queues = 0;
interface Observed {
  readonly inbox: Inbox;
  readonly events: InboxEvent[];
  readonly handled: string[];
}

function observe(name: string, backend: object): Observed {
  const events: InboxEvent[] = [];
  const handled: string[] = [];
  const base = {
    receiver: anyReceiver(({ id }) => void handled.push(id)),
    name,
    onEvent: (event: InboxEvent) => void events.push(event),
  };
  return { inbox: bullmqInbox({ ...base, ...backend } as unknown as BullmqInboxOptions), events, handled };
}

/** The tests run concurrently, since most of them wait for servers, so each has a queue of its own. */
const test = base.extend<{ queue: string; createInbox: (backend: object) => Observed }>({
  async queue({ task: _ }, use) {
    queues += 1;
    await use(`queue-${String(queues).padStart(3, '0')}`); // none begins with another
  },
  /** Creates an inbox on the test's queue, and stops it after the test. */
  async createInbox({ queue, onTestFinished }, use) {
    await use((backend) => {
      const observed = observe(queue, backend);
      onTestFinished(() => observed.inbox.stop({ timeoutMs: 0 }));
      return observed;
    });
  },
});

const statusOf = async ({ inbox }: Observed, sent = newDelivery()) => (await inbox.handle(await sent)).status;

/** Sends a delivery, and waits until it is done. Returns how often it was handled. */
async function runsOfOne(observed: Observed): Promise<number> {
  const sent = await newDelivery();
  expect((await observed.inbox.handle(sent)).status).toBe(204);
  await eventually(async () => (await observed.inbox.get(sent.id))?.state === 'done');
  return observed.handled.filter((id) => id === sent.id).length;
}

const clients: { disconnect(): void }[] = [];
afterAll(() => {
  for (const client of clients) client.disconnect();
});

/** Disconnects the client after the tests. */
function unconnected<T extends { disconnect(): void }>(client: T): T {
  clients.push(client);
  return client;
}

describe('a connection that cannot work', () => {
  const node = { host: '127.0.0.1', port: 1 };
  const lazy = { lazyConnect: true };
  test.each<[string, () => object, string]>([
    ['keyPrefix in the options', () => ({ connection: { ...node, keyPrefix: 'app:' } }), 'set prefix of bullmqInbox'],
    ['keyPrefix in the URL', () => ({ connection: 'redis://h/0?keyPrefix=app:' }), 'set prefix of bullmqInbox'],
    ['keyPrefix in options.url', () => ({ connection: { url: 'redis://h?keyPrefix=a' } }), 'set prefix of bullmqInbox'],
    [
      'a client with keyPrefix',
      () => ({ connection: unconnected(new Redis({ ...node, ...lazy, keyPrefix: 'app:' })) }),
      'set prefix of bullmqInbox',
    ],
    [
      'a cluster with keyPrefix',
      () => ({ connection: unconnected(new Cluster([node], { ...lazy, keyPrefix: '{app}:' })) }),
      'set prefix of bullmqInbox',
    ],
    [
      'a cluster whose nodes have keyPrefix',
      () => ({ connection: unconnected(new Cluster([node], { ...lazy, redisOptions: { keyPrefix: 'app:' } })) }),
      'set prefix of bullmqInbox',
    ],
    [
      'a cluster and a prefix without braces',
      () => ({ connection: unconnected(new Cluster([node], lazy)), prefix: 'bull' }),
      "such as '{bull}'",
    ],
    [
      'a cluster and empty braces',
      () => ({ connection: unconnected(new Cluster([node], lazy)), prefix: '{}bull' }),
      "such as '{bull}'",
    ],
    [
      'a Sentinel of node-redis',
      () => ({ connection: createSentinel({ name: 'primary', sentinelRootNodes: [node] }) }),
      '{ sentinels, name }',
    ],
    ['a cluster of node-redis', () => ({ connection: createCluster({ rootNodes: [] }) }), 'use Cluster of ioredis'],
    [
      'a promise of a client',
      () => ({ connection: Promise.resolve(createClient({ url: `redis://:${password}@127.0.0.1:1` })) }),
      'pass what it resolves to',
    ],
    ['the nodes of a cluster', () => ({ connection: [{ ...node, password }] }), 'new Cluster(nodes)'],
    [
      'a replica that Sentinel names',
      () => ({ connection: { sentinels: [node], name: 'primary', role: 'slave', password } }),
      'leave role out',
    ],
    [
      'a client for such a replica',
      () => ({ connection: unconnected(new Redis({ sentinels: [node], name: 'primary', role: 'slave', ...lazy })) }),
      'leave role out',
    ],
    ['a database that is not a number', () => ({ connection: `redis://:${password}@host/blue` }), 'must be a number'],
    ['a database of text', () => ({ connection: { ...node, db: 'blue' } }), 'must be a number'],
    [
      'a client whose database is NaN',
      () => ({ connection: unconnected(new Redis({ ...node, ...lazy, db: Number.NaN })) }),
      'must be a number',
    ],
    ['options of node-redis', () => ({ connection: { socket: node, password } }), 'connection.socket is not an option'],
    ['options in options', () => ({ connection: { connection: node } }), 'connection.connection is not an option'],
    ['a host with its port', () => ({ connection: { host: '127.0.0.1:6379', password } }), 'as connection.port'],
    ['a URL in place of a host', () => ({ connection: { host: `redis://:${password}@host` } }), 'name of a host'],
    ['an empty prefix', () => ({ connection: node, prefix: '' }), 'prefix must be a string'],
    ['a URL that is not one', () => ({ connection: `redis://user:${password}@host:port` }), 'not a valid URL'],
    ['an unescaped password', () => ({ connection: `redis://user:${password}/#@host:1` }), 'not a valid URL'],
    ['a URL of PostgreSQL', () => ({ connection: `postgres://user:${password}@host/db` }), 'use postgres instead'],
    ['a host and a port', () => ({ connection: `${password}:6379` }), 'redis:// or rediss:// URL'],
    ['text', () => ({ connection: `${password} redis` }), 'not a valid URL'],
    ['options with such a URL', () => ({ connection: { url: `redis://:${password}@ho st` } }), 'not a valid URL'],
    ['an undefined URL', () => ({ connection: { url: undefined } }), 'environment variable'],
    ['a number', () => ({ connection: 6379 }), 'must be a redis:// or rediss:// URL'],
    ['null', () => ({ connection: null }), 'must be a redis:// or rediss:// URL'],
    ['a URL of Redis for PostgreSQL', () => ({ postgres: `redis://:${password}@host` }), 'not a valid postgres:// URL'],
    ['an unescaped one', () => ({ postgres: `postgres://user:${password}/#@host/db` }), 'not a valid postgres:// URL'],
    [
      'one in the options',
      () => ({ postgres: { connectionString: `postgres://u:${password}@:x/db` } }),
      'not a valid postgres:// URL',
    ],
    ['false for PostgreSQL', () => ({ postgres: false }), 'must be a postgres:// URL'],
  ])('such as %s is a TypeError that names the cure and quotes nothing', (_what, options, cure) => {
    const backend = options();
    let thrown: unknown;
    try {
      bullmqInbox({ receiver: anyReceiver(), ...backend } as unknown as BullmqInboxOptions);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(TypeError);
    expect((thrown as Error).message).toContain(cure);
    expect(inspect(thrown, { depth: 10, showHidden: true })).not.toContain(password);
  });
});

describe.skipIf(!hasRedis)(`a connection to Redis${redisMissing}`, { concurrent: true }, () => {
  let redis: RedisServer;
  const port = () => Number(new URL(redis.url).port);
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  // Sequential, since they read what is printed.
  test.sequential.for<[string, () => object]>([
    ['a URL', () => ({ connection: redis.url })],
    ['a URL object', () => ({ connection: new URL(redis.url) })],
    ['options with a URL object', () => ({ connection: { url: new URL(redis.url) } })],
    [
      'a URL whose query sets ioredis up otherwise',
      () => ({ connection: `${redis.url}?maxRetriesPerRequest=1&lazyConnect=1` }),
    ],
    [
      'lazyConnect and no offline queue',
      () => ({ connection: { port: port(), lazyConnect: true, enableOfflineQueue: false } }),
    ],
    ['a maximum of retries', () => ({ connection: { port: port(), maxRetriesPerRequest: 3 } })],
    [
      'a command time-out shorter than a blocking command',
      () => ({ connection: { port: port(), commandTimeout: 1_000 } }),
    ],
    [
      'a client that returns numbers as strings',
      () => ({ connection: unconnected(new Redis(port(), { stringNumbers: true })) }),
    ],
    ['a prefix with a colon', () => ({ connection: { port: port() }, prefix: 'app:bull' })],
    ['undefined beside it', () => ({ connection: redis.url, prefix: undefined, postgres: undefined })],
    ['a client of ioredis as it is', () => ({ connection: unconnected(new Redis(redis.url)) })],
    [
      'a client that is not connected',
      () => ({ connection: unconnected(new Redis(redis.url, { lazyConnect: true })) }),
    ],
    [
      'a client without an offline queue',
      () => ({ connection: unconnected(new Redis(redis.url, { enableOfflineQueue: false })) }),
    ],
  ])('as %s takes deliveries in and handles each once', async ([, backend], { createInbox, onTestFinished }) => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => printed.mockRestore());
    const observed = createInbox(backend());
    await observed.inbox.start();
    expect(await statusOf(observed, healthCheck())).toBe(204);
    expect(await runsOfOne(observed)).toBe(1);
    expect(observed.events.filter(({ type }) => type === 'store-failed')).toEqual([]);
    expect(printed.mock.calls).toEqual([]);
  });

  test('as a client of node-redis takes deliveries in, and leaves the client open', async ({
    createInbox,
    onTestFinished,
  }) => {
    const client = createClient({ url: redis.url });
    onTestFinished(() => client.destroy());
    await client.connect();
    const observed = createInbox({ connection: client });
    await observed.inbox.start();
    expect(await runsOfOne(observed)).toBe(1);
    await observed.inbox.stop();
    expect(await client.ping()).toBe('PONG');
  });

  test('of a client that stops reconnecting recovers when Redis does', async ({ createInbox, onTestFinished }) => {
    const own = await startRedis();
    onTestFinished(() => own.stop());
    const client = unconnected(new Redis(own.url, { retryStrategy: () => null }));
    client.on('error', () => {});
    const observed = createInbox({ connection: client });
    await observed.inbox.start();
    expect(await runsOfOne(observed)).toBe(1);
    await own.kill();
    await own.start();
    await eventually(async () => (await statusOf(observed)) === 204);
    expect(await runsOfOne(observed)).toBe(1);
  });

  test.for<[string, (port: number) => object]>([
    ['a URL', (port) => ({ connection: `redis://127.0.0.1:${port}` })],
    [
      'options with a reconnectOnError of their own',
      (port) => ({ connection: { port, reconnectOnError: () => false } }),
    ],
    ['a client of ioredis', (port) => ({ connection: unconnected(new Redis(port)) })],
    ['a client of node-redis', (port) => ({ connection: createClient({ url: `redis://127.0.0.1:${port}` }) })],
  ])(
    'as %s leads to the new primary after a fail-over, and costs no delivery an attempt',
    async ([, backend], { createInbox, queue, onTestFinished }) => {
      const [first, second] = await Promise.all([startRedis(), startRedis()]);
      onTestFinished(async () => void (await Promise.all([first.stop(), second.stop()])));
      const portOf = (server: RedisServer) => Number(new URL(server.url).port);
      await second.client.replicaof('127.0.0.1', portOf(first));
      await eventually(async () => (await second.client.info('replication')).includes('master_link_status:up'));
      const proxy = await startTcpProxy(portOf(first));
      onTestFinished(() => proxy.stop());
      const observed = createInbox(backend(proxy.port));
      await observed.inbox.start();
      expect(await runsOfOne(observed)).toBe(1);

      proxy.switchTo(portOf(second));
      await second.client.replicaof('NO', 'ONE');
      await first.client.replicaof('127.0.0.1', portOf(second));
      expect(await statusOf(observed, healthCheck())).toBe(204);
      expect(await runsOfOne(observed)).toBe(1);
      expect(await second.client.exists(`bull:${queue}:${observed.handled.at(-1)}`)).toBe(1);
    },
  );

  test('that leads to a machine that is gone is replaced', async ({ createInbox, onTestFinished }) => {
    const [first, second] = await Promise.all([startRedis(), startRedis()]);
    onTestFinished(async () => void (await Promise.all([first.stop(), second.stop()])));
    const proxy = await startTcpProxy(Number(new URL(first.url).port));
    onTestFinished(() => proxy.stop());
    const observed = createInbox({ connection: `redis://127.0.0.1:${proxy.port}` });
    expect(await statusOf(observed)).toBe(204);
    first.pause();
    onTestFinished(() => first.resume());
    proxy.switchTo(Number(new URL(second.url).port));
    expect(await statusOf(observed)).toBe(503); // nobody knew
    await eventually(async () => (await statusOf(observed)) === 204);
  });

  test.for<[string, string[]]>([
    ['may not add jobs', ['-evalsha', '-eval']],
    ['may not run a command in a script', ['-zadd', '-lpush']],
    ['may not write the keys of the queue', ['resetkeys', '%R~*', '~bull:*-seen:*']],
    ['may not write the remembered ids', ['resetkeys', '%R~*', '~bull:NAME:*']],
  ])(
    'of a user who %s is answered 503 to a health check as to a delivery',
    async ([, rules], { createInbox, queue }) => {
      await redis.client.acl(
        'SETUSER',
        queue,
        'reset',
        'on',
        'nopass',
        '~*',
        '+@all',
        ...rules.map((rule) => rule.replace('NAME', queue)),
      );
      const observed = createInbox({ connection: redis.url.replace('redis://', `redis://${queue}:x@`) });
      expect(await statusOf(observed)).toBe(503);
      expect(await statusOf(observed, healthCheck())).toBe(503);
      await expect(observed.inbox.start()).rejects.toMatchObject({ code: 'REFUSED' });
    },
  );

  test('of a user who may not wait for jobs makes start reject, and deliveries are stored', async ({
    createInbox,
    queue,
  }) => {
    await redis.client.acl('SETUSER', queue, 'reset', 'on', 'nopass', '~*', '+@all', '-@blocking');
    const observed = createInbox({ connection: redis.url.replace('redis://', `redis://${queue}:x@`) });
    await expect(observed.inbox.start()).rejects.toMatchObject({ code: 'REFUSED' });
    expect(await statusOf(observed)).toBe(204);
  });

  test('to a database that Redis does not have makes start reject, and stores nothing in another one', async ({
    createInbox,
    queue,
  }) => {
    const observed = createInbox({ connection: { port: port(), db: 99 } });
    await expect(observed.inbox.start()).rejects.toMatchObject({ code: 'MISCONFIGURED' });
    expect([await statusOf(observed), await statusOf(observed, healthCheck())]).toEqual([503, 503]);
    expect(await redis.client.keys(`bull:${queue}:[0-9a-f]*`)).toEqual([]);
  });

  test('to a writable replica is refused, since its primary overwrites what it has stored', async ({
    createInbox,
    onTestFinished,
  }) => {
    const replica = await startRedis('--replicaof', '127.0.0.1', `${port()}`, '--replica-read-only', 'no');
    onTestFinished(() => replica.stop());
    const observed = createInbox({ connection: replica.url });
    await expect(observed.inbox.start()).rejects.toMatchObject({ code: 'NOT_DURABLE' });
    expect([await statusOf(observed), await statusOf(observed, healthCheck())]).toEqual([503, 503]);
  });

  test('whose queue has a key of another kind is answered 503 to a health check as to a delivery', async ({
    createInbox,
    queue,
  }) => {
    await redis.client.set(`bull:${queue}:wait`, 'no list');
    const observed = createInbox({ connection: redis.url });
    expect(await statusOf(observed)).toBe(503);
    expect(await statusOf(observed, healthCheck())).toBe(503);
  });

  test('on which BullMQ waits for a job forever does not stop the worker from polling for jobs', async ({
    createInbox,
    onTestFinished,
    queue,
  }) => {
    const { waitForJob } = RedisQueueBackend.prototype;
    let hangs = false;
    const hang = function (this: RedisQueueBackend, ...args: Parameters<typeof waitForJob>) {
      const { marker } = (Reflect.get(this, 'queue') as { keys: { marker: string } }).keys;
      if (!marker.includes(queue)) return waitForJob.apply(this, args); // a test that runs at the same time
      hangs = true;
      return new Promise<never>(() => {});
    };
    const waits = vi.spyOn(RedisQueueBackend.prototype, 'waitForJob').mockImplementation(hang);
    onTestFinished(() => waits.mockRestore());
    const observed = createInbox({ connection: redis.url });
    await observed.inbox.start();
    expect(await statusOf(observed)).toBe(204);
    await eventually(() => observed.handled.length === 1);
    expect(hangs).toBe(true);
  });

  test('holds nothing of a health check afterwards', async ({ createInbox, queue }) => {
    const observed = createInbox({ connection: redis.url });
    expect(await statusOf(observed, healthCheck())).toBe(204);
    const keys = await redis.client.keys(`bull:${queue}*`);
    expect(keys.filter((key) => /probe|:wait$/.test(key))).toEqual([]);
    expect(await observed.inbox.list()).toEqual({ deliveries: [], cursor: undefined });
    await observed.inbox.start();
    for (let i = 0; i < 20; i++) expect(await statusOf(observed, healthCheck())).toBe(204);
    await eventually(async () => (await redis.client.keys(`bull:${queue}*probe*`)).length === 0);
    expect(observed.events.filter(({ type }) => type !== 'not-durable')).toEqual([]);
    expect(observed.handled).toEqual([]);
  });
});

describe.skipIf(!hasRedis || !hasRedisCli)(
  `a connection to a Redis Cluster${redisMissing}`,
  { concurrent: true },
  () => {
    let cluster: RedisCluster;
    beforeAll(async () => {
      cluster = await startRedisCluster();
    });
    afterAll(() => cluster.stop());
    const client = () => unconnected(new Cluster([...cluster.addresses]));

    test.for<[string, () => object]>([
      ['no prefix', () => ({ connection: client() })],
      ['a prefix in braces', () => ({ connection: client(), prefix: '{app}:bull' })],
      ['a name in braces', () => ({ connection: client(), prefix: 'app', name: '{queue}' })],
      [
        'a client that is not connected',
        () => ({ connection: unconnected(new Cluster([...cluster.addresses], { lazyConnect: true })) }),
      ],
    ])('with %s takes deliveries in and handles each once', async ([, backend], { createInbox }) => {
      const observed = createInbox(backend());
      await observed.inbox.start();
      expect(await statusOf(observed, healthCheck())).toBe(204);
      for (let i = 0; i < 5; i++) expect(await runsOfOne(observed)).toBe(1);
      expect(observed.events.filter(({ type }) => type === 'store-failed')).toEqual([]);
    });

    test('to one of its nodes is answered 503 to health checks as to deliveries, and start names the cure', async ({
      createInbox,
    }) => {
      for (const [i, { url }] of cluster.nodes.entries()) {
        const observed = createInbox({ connection: url, name: `single-${i}` });
        expect(await statusOf(observed, healthCheck())).toBe(503);
        expect(await statusOf(observed)).toBe(503);
        await expect(observed.inbox.start()).rejects.toThrow("'{bull}'");
      }
    });

    test.sequential.for([0, 1, 2])('of which node %i evicts is refused', async (i, { createInbox, onTestFinished }) => {
      const node = cluster.nodes[i] as RedisServer;
      await node.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
      onTestFinished(async () => void (await node.client.config('SET', 'maxmemory-policy', 'noeviction')));
      const observed = createInbox({ connection: client() });
      await expect(observed.inbox.start()).rejects.toThrow('maxmemory-policy is allkeys-lru');
      expect(await statusOf(observed)).toBe(503);
      expect(await statusOf(observed, healthCheck())).toBe(503);
    });

    test.sequential('whose nodes are gone is answered 503 until they are back', async ({ createInbox }) => {
      const observed = createInbox({ connection: client() });
      await observed.inbox.start();
      expect(await runsOfOne(observed)).toBe(1);
      for (const node of cluster.nodes) await node.kill();
      expect(await Promise.all([statusOf(observed), statusOf(observed, healthCheck())])).toEqual([503, 503]);
      for (const node of cluster.nodes) await node.start();
      await eventually(async () => (await statusOf(observed)) === 204);
      expect(await runsOfOne(observed)).toBe(1);
    });
  },
);

describe.skipIf(!hasPostgres)(`a connection to PostgreSQL${postgresMissing}`, { concurrent: true }, () => {
  test('leads to the new primary after a fail-over, and costs no delivery an attempt', async ({
    createInbox,
    onTestFinished,
  }) => {
    const [first, second] = await Promise.all([startPostgres(), startPostgres()]);
    onTestFinished(async () => void (await Promise.all([first.stop(), second.stop()])));
    const portOf = ({ url }: { url: string }) => Number(new URL(url).port);
    for (const server of [second, first]) {
      const { inbox } = createInbox({ postgres: server.url });
      await inbox.stats(); // creates the tables on both, as a replica has them
      await inbox.stop();
    }
    const proxy = await startTcpProxy(portOf(first));
    onTestFinished(() => proxy.stop());
    const observed = createInbox({ postgres: `postgres://blue@127.0.0.1:${proxy.port}/postgres` });
    await observed.inbox.start();
    expect(await runsOfOne(observed)).toBe(1);
    proxy.switchTo(portOf(second));
    await first.query("ALTER SYSTEM SET default_transaction_read_only = 'on'", 'SELECT pg_reload_conf()');
    await eventually(async () => (await first.query('SHOW default_transaction_read_only')).includes('on'));
    expect(await statusOf(observed, healthCheck())).toBe(204);
    expect(await runsOfOne(observed)).toBe(1);
  });

  test('of which a delivery cannot be remembered is answered 503 to a health check as to a delivery', async ({
    createInbox,
    onTestFinished,
  }) => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.stop());
    const observed = createInbox({ postgres: postgres.url });
    expect(await statusOf(observed, healthCheck())).toBe(204);
    await postgres.query(
      "CREATE FUNCTION bullmq.no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$",
      'CREATE TRIGGER no BEFORE INSERT ON bullmq.job FOR EACH ROW EXECUTE FUNCTION bullmq.no()',
    );
    expect(await Promise.all([statusOf(observed), statusOf(observed, healthCheck())])).toEqual([503, 503]);
  });
});
