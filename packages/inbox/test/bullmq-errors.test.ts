import { rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, test as base, beforeAll, describe, expect, vi } from 'vitest';
import { type BullmqInboxOptions, bullmqInbox } from '../src/bullmq/index';
import type { Inbox, InboxEvent } from '../src/index';
import { anyReceiver, eventually, healthCheck, newDelivery, type Sent, secret } from './bullmq/deliveries';
import { capturePrinted, expectClean } from './bullmq/leaks';
import { freePort } from './services/free-port';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';
import { hasRedis, type RedisServer, redisMissing, startRedis } from './services/redis';
import { hasRedisCli, startRedisCluster } from './services/redis-cluster';
import { startTcpProxy } from './services/tcp-proxy';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 }); // servers are started and hung here, on a machine that may be busy

const password = 'pa55w0rd-of-the-server';
const bodyText = 'what-the-comment-says';
let queues = 0;
let printed: () => string;
/** Of all deliveries that the tests have sent: the tests run concurrently, since most of them wait for time limits. */
const signatures: string[] = [];

beforeAll(() => {
  printed = capturePrinted();
});

afterEach(() => {
  const output = printed();
  for (const forbidden of [...secretsOf(), '[ioredis] Unhandled error event']) expect(output).not.toContain(forbidden);
});

afterAll(() => void vi.restoreAllMocks());

const secretsOf = () => [password, bodyText, secret, ...signatures];

interface Probed {
  readonly inbox: Inbox;
  readonly errors: unknown[];
  readonly events: InboxEvent[];
}

function probe(name: string, backend: object, options: object): Probed {
  const errors: unknown[] = [];
  const events: InboxEvent[] = [];
  const onEvent = (event: InboxEvent) => {
    events.push(event);
    if ('error' in event) errors.push(event.error);
  };
  const base = { receiver: anyReceiver(), name, onEvent };
  return { inbox: bullmqInbox({ ...base, ...backend, ...options } as unknown as BullmqInboxOptions), errors, events };
}

const test = base.extend<{ createInbox: (backend: object, options?: object) => Probed }>({
  /** Creates an inbox on the test's own queue, and stops it after the test. */
  async createInbox({ onTestFinished }, use) {
    queues += 1;
    const name = `queue-${queues}`;
    await use((backend, options = {}) => {
      const probed = probe(name, backend, options);
      onTestFinished(() => probed.inbox.stop({ timeoutMs: 0 }));
      return probed;
    });
  },
});

async function delivery(): Promise<Sent> {
  const sent = await newDelivery({ currentValue: { id: 'record', title: 'T', html: bodyText } });
  signatures.push(sent.signature);
  return sent;
}

/** Sends a delivery and a health check, calls every public function, and returns how both were answered. */
async function useAll({ inbox, errors }: Probed, start = true): Promise<number[]> {
  const { id, ...sent } = await delivery();
  const statuses = await Promise.all([inbox.handle(sent), inbox.handle(await healthCheck())]);
  const calls = [
    () => inbox.stats(),
    () => inbox.list(),
    () => inbox.get(id),
    () => inbox.replay(id),
    () => inbox.replay({ event: 'TODO_MOVED' }),
    () => inbox.markDead(id),
    () => inbox.prune({ deadLetters: true }),
    ...(start ? [() => inbox.start()] : []),
  ];
  const within = (call: () => Promise<unknown>) =>
    Promise.race([call(), new Promise((resolve) => setTimeout(resolve, 500))]).catch((error) => errors.push(error));
  for (const call of calls) await within(call);
  return statuses.map(({ status }) => status);
}

/** Fails unless there were errors, and all are ours and without secrets. */
function expectAllClean({ errors, events }: Probed): void {
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) expectClean(error, secretsOf());
  for (const event of events)
    for (const forbidden of secretsOf()) expect(JSON.stringify(event)).not.toContain(forbidden);
}

const messagesOf = ({ errors }: Probed) => errors.map((error) => (error as Error).message).join('\n');

describe.skipIf(!hasRedis)(`errors of an inbox on BullMQ with Redis${redisMissing}`, { concurrent: true }, () => {
  let redis: RedisServer;
  const url = (server = redis) => server.url.replace('redis://', `redis://default:${password}@`);
  const startWithPassword = async () => {
    const server = await startRedis();
    await server.client.acl('SETUSER', 'default', `>${password}`);
    return server;
  };
  beforeAll(async () => {
    redis = await startWithPassword();
  });
  afterAll(() => redis.stop());

  test('on a replica hold no body and say what is wrong', async ({ createInbox, onTestFinished }) => {
    const replica = await startWithPassword();
    onTestFinished(() => replica.stop());
    await replica.client.replicaof('127.0.0.1', await freePort());
    const probed = createInbox({ connection: { url: url(replica) } });
    expect(await useAll(probed)).toEqual([503, 503]);
    expectAllClean(probed);
    expect(messagesOf(probed)).toContain('read-only, as a replica is');
    await expect(probed.inbox.start()).rejects.toMatchObject({ code: 'READ_ONLY' });
  });

  test('of a full Redis hold no body', async ({ createInbox, onTestFinished }) => {
    const full = await startWithPassword();
    onTestFinished(() => full.stop());
    const probed = createInbox({ connection: { url: url(full) } });
    expect((await probed.inbox.handle(await delivery())).status).toBe(204);
    await full.client.config('SET', 'maxmemory', '1');
    expect(await useAll(probed)).toEqual([503, 503]);
    expectAllClean(probed);
    expect(messagesOf(probed)).toContain('OOM command not allowed');
  });

  test.for([
    ['a wrong password', 'default:wrong-pa55w0rd@', 'wrong-pa55w0rd', 'refuses the user name or the password'],
    ['no password', '', password, 'requires a password'],
    ['an unknown user', 'nobody:another-pa55w0rd@', 'another-pa55w0rd', 'refuses the user name or the password'],
  ] as const)(
    'with %s hold no password, and start rejects',
    async ([_what, credentials, wrong, message], { createInbox, onTestFinished }) => {
      const without = await startRedis('--requirepass', password); // only connections made before stay logged in
      onTestFinished(() => without.stop());
      const probed = createInbox({ connection: { url: without.url.replace('redis://', `redis://${credentials}`) } });
      await expect(probed.inbox.start()).rejects.toMatchObject({
        code: 'REFUSED',
        message: expect.stringContaining(message),
      });
      expect(await useAll(probed)).toEqual([503, 503]);
      expectAllClean(probed);
      for (const error of probed.errors) expectClean(error, [wrong]);
    },
  );

  test('of a user without rights hold no password, and start rejects', async ({ createInbox }) => {
    await redis.client.acl('SETUSER', 'guest', 'on', `>${password}`, '~*', '+@read', '+info', '+ping', '+client');
    const probed = createInbox({ connection: { url: redis.url.replace('redis://', `redis://guest:${password}@`) } });
    await expect(probed.inbox.start()).rejects.toMatchObject({ code: 'REFUSED' });
    expect(await useAll(probed)).toEqual([503, 503]);
    expectAllClean(probed);
  });

  test('where nobody listens, or a name is not found, hold no password', async ({ createInbox }) => {
    const hosts = [`127.0.0.1:${await freePort()}`, 'no-such-host.invalid:6379'];
    const use = async (host: string, name: string) => {
      const connection = { url: `redis://default:${password}@${host}`, maxRetriesPerRequest: 0 };
      const probed = createInbox({ connection }, { name });
      expect(await useAll(probed)).toEqual([503, 503]);
      expectAllClean(probed);
    };
    await Promise.all(hosts.map((host, i) => use(host, `absent-${i}`)));
  });

  test('of a connection that is lost in the middle of a command hold no body', async ({
    createInbox,
    onTestFinished,
  }) => {
    const proxy = await startTcpProxy(Number(new URL(redis.url).port));
    onTestFinished(() => proxy.stop());
    const connection = { url: `redis://default:${password}@127.0.0.1:${proxy.port}`, maxRetriesPerRequest: 0 };
    const probed = createInbox({ connection });
    await probed.inbox.stats();
    proxy.onData = (chunk) =>
      !/addStandardJob|what-the-comment-says|WEBHOOK_HEALTH_CHECK/.test(chunk.toString('latin1'));
    expect(await useAll(probed)).toEqual([503, 503]);
    expectAllClean(probed);
  });

  test('of TLS that only one side speaks hold no password', async ({ createInbox }) => {
    const probed = createInbox({ connection: { url: url().replace('redis:', 'rediss:') } });
    expect(await useAll(probed)).toEqual([503, 503]);
    expectAllClean(probed);
  });

  test('of a Redis that hangs hold no body, and the answer comes in time', async ({ createInbox, onTestFinished }) => {
    const hung = await startRedis();
    onTestFinished(() => hung.stop());
    const probed = createInbox({ connection: { url: hung.url } });
    expect((await probed.inbox.handle(await delivery())).status).toBe(204);
    hung.pause();
    const startedAt = performance.now();
    expect(await useAll(probed, false)).toEqual([503, 503]);
    expect(performance.now() - startedAt).toBeLessThan(60_000); // it does not hang as long as Redis does
    expectAllClean(probed);
    expect(messagesOf(probed)).toContain('did not respond within');
    hung.resume();
    expect((await probed.inbox.handle(await delivery())).status).toBe(204);
  });

  test('of a Redis that cannot write its snapshot hold no body', async ({ createInbox, onTestFinished }) => {
    const broken = await startRedis();
    onTestFinished(() => broken.stop());
    await broken.client.config('SET', 'save', '3600 1');
    rmSync(broken.folder, { recursive: true });
    await broken.client.bgsave();
    await eventually(async () => (await broken.client.info()).includes('rdb_last_bgsave_status:err'));
    const probed = createInbox({ connection: { url: broken.url } });
    expect(await useAll(probed)).toEqual([503, 503]);
    expectAllClean(probed);
    expect(messagesOf(probed)).toContain('MISCONF');
  });

  test('do not arise when Redis has forgotten its scripts', async ({ createInbox, onTestFinished }) => {
    const forgetful = await startWithPassword();
    onTestFinished(() => forgetful.stop());
    const probed = createInbox({ connection: { url: url(forgetful) } });
    expect((await probed.inbox.handle(await delivery())).status).toBe(204);
    await forgetful.client.script('FLUSH');
    expect(await useAll(probed)).toEqual([204, 204]);
    expect(probed.errors).toEqual([]);
  });

  test.for([
    ['LOADING Redis is loading the dataset in memory'],
    ['NOSCRIPT No matching script.'],
    ['CLUSTERDOWN The cluster is down'],
    ['MASTERDOWN Link with MASTER is down'],
    ['NOREPLICAS Not enough good replicas to write.'],
    [`ERR unknown command 'evalsha', with args beginning with: '${bodyText}' '${password}'`],
    [`ERR invalid argument redis://default:${password}@10.0.0.1`],
    [`WRONGTYPE Operation against a key holding ${JSON.stringify({ html: bodyText })}`],
  ])('hold nothing of it when every command is answered %s', async ([answer], { createInbox, onTestFinished }) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        for (const _ of chunk.toString('latin1').match(/^\*\d+\r$/gm) ?? []) socket.write(`-${answer}\r\n`);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const connection = { host: '127.0.0.1', port, password, enableReadyCheck: false, maxRetriesPerRequest: 0 };
    const probed = createInbox({ connection });
    expect(await useAll(probed)).toEqual([503, 503]);
    expectAllClean(probed);
  });
});

describe.skipIf(!hasRedis || !hasRedisCli)(
  `errors of an inbox on a Redis Cluster${redisMissing}`,
  { concurrent: true },
  () => {
    test('name the cure where one node is used as if it were a whole Redis, and hold no body when a node is gone', async ({
      createInbox,
      onTestFinished,
    }) => {
      const cluster = await startRedisCluster();
      onTestFinished(() => cluster.stop());
      const single = createInbox({ connection: cluster.nodes[0]?.url });
      await expect(single.inbox.start()).rejects.toMatchObject({ code: 'MISCONFIGURED' });
      expect(await useAll(single)).toEqual([503, 503]);
      expectAllClean(single);
      await cluster.nodes[2]?.kill();
      await eventually(async () => (await cluster.nodes[0]?.client.cluster('INFO'))?.includes('cluster_state:fail'));
      const probed = createInbox({ connection: cluster.nodes[0]?.url, prefix: '{bull}' });
      expect(await useAll(probed)).toEqual([503, 503]);
      expectAllClean(probed);
      expect(messagesOf(probed)).toContain('CLUSTERDOWN');
    });
  },
);

describe.skipIf(!hasPostgres)(
  `errors of an inbox on BullMQ with PostgreSQL${postgresMissing}`,
  { concurrent: true },
  () => {
    let postgres: PostgresServer;
    let admin: pg.Client;
    beforeAll(async () => {
      postgres = await startPostgres();
      admin = new pg.Client(postgres.url);
      await admin.connect();
    });
    afterAll(async () => {
      await admin.end();
      await postgres.stop();
    });

    test('of a read-only database hold no body', async ({ createInbox }) => {
      await expect(createInbox({ postgres: postgres.url }).inbox.stats()).resolves.toBeDefined();
      const options = '-c default_transaction_read_only=on';
      const probed = createInbox({ postgres: { connectionString: postgres.url, options, migrate: false } });
      expect(await useAll(probed)).toEqual([503, 503]);
      expectAllClean(probed);
      expect(messagesOf(probed)).toContain('read-only, as a replica is');
    });

    test('of a PostgreSQL that hangs hold no body, and the answer comes in time', async ({
      createInbox,
      onTestFinished,
    }) => {
      const hung = await startPostgres();
      onTestFinished(() => hung.stop());
      const probed = createInbox({ postgres: hung.url });
      expect((await probed.inbox.handle(await delivery())).status).toBe(204);
      const stopped = await hung.pause();
      expect(await useAll(probed, false)).toEqual([503, 503]);
      stopped();
      expectAllClean(probed);
    });

    test('where nobody listens hold no password', async ({ createInbox }) => {
      const probed = createInbox({ postgres: `postgres://blue:${password}@127.0.0.1:${await freePort()}/postgres` });
      expect(await useAll(probed)).toEqual([503, 503]);
      expectAllClean(probed);
    });

    test('of a database that does not exist hold no password, and start rejects', async ({ createInbox }) => {
      const probed = createInbox({
        postgres: postgres.url.replace('blue@', `blue:${password}@`).replace(/postgres$/, 'gone'),
      });
      await expect(probed.inbox.start()).rejects.toMatchObject({ code: 'MISCONFIGURED' });
      expect(await useAll(probed)).toEqual([503, 503]);
      expectAllClean(probed);
    });

    test.sequential('of a user who may not create tables hold no password, and start rejects', async ({
      createInbox,
    }) => {
      await admin.query(`CREATE ROLE guest LOGIN PASSWORD '${password}'`);
      const probed = createInbox({ postgres: postgres.url.replace('blue@', `guest:${password}@`) });
      await expect(probed.inbox.start()).rejects.toMatchObject({ code: 'REFUSED' });
      expect(await useAll(probed)).toEqual([503, 503]);
      expectAllClean(probed);
    });

    test.sequential('of a full disk, or of any failure that PostgreSQL explains with the row, hold no body', async ({
      createInbox,
      onTestFinished,
    }) => {
      const probed = createInbox({ postgres: postgres.url });
      expect((await probed.inbox.handle(await delivery())).status).toBe(204);
      await admin.query(`
      CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'could not extend file "base/5/%"', NEW.data
          USING ERRCODE = '53100', DETAIL = NEW::text, HINT = NEW.data::text;
      END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON bullmq.job FOR EACH ROW EXECUTE FUNCTION full_disk()`);
      onTestFinished(async () => void (await admin.query('DROP FUNCTION full_disk CASCADE')));
      expect(await useAll(probed)).toEqual([503, 503]);
      expectAllClean(probed);
      expect(probed.errors).toContainEqual(expect.objectContaining({ code: '53100' }));
    });

    test.sequential('that keep a success from being written down are stored without the body', async ({
      createInbox,
      onTestFinished,
    }) => {
      await admin.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'cannot complete %', NEW.data USING DETAIL = NEW::text;
      END $$;
      CREATE TRIGGER refuse BEFORE UPDATE ON bullmq.job FOR EACH ROW WHEN (NEW.state = 'completed') EXECUTE FUNCTION refuse()`);
      onTestFinished(async () => void (await admin.query('DROP FUNCTION refuse CASCADE')));
      const probed = createInbox({ postgres: postgres.url }, { retry: { firstDelayMs: 3_600_000 } });
      await probed.inbox.start();
      const sent = await delivery();
      expect((await probed.inbox.handle(sent)).status).toBe(204);
      await eventually(() => probed.events.some(({ type }) => type === 'retried' || type === 'dead-letter'));
      await probed.inbox.stop({ timeoutMs: 0 });
      const stored = await probed.inbox.get(sent.id);
      expect(stored?.lastError).toContain('cannot complete');
      expect(stored?.lastError).not.toContain(bodyText);
      const { rows } = await admin.query('SELECT failed_reason, stacktrace FROM bullmq.job WHERE id = $1', [sent.id]);
      expect(JSON.stringify(rows)).not.toContain(bodyText);
      expectAllClean(probed);
    });

    test.sequential('of a wrong password hold neither password, and start rejects', async ({ createInbox }) => {
      await admin.query(`CREATE ROLE other LOGIN PASSWORD '${password}'`);
      const { rows } = await admin.query('SHOW hba_file');
      await admin.query(`COPY (SELECT 'host all other all scram-sha-256') TO '${rows[0].hba_file}'`);
      await admin.query('SELECT pg_reload_conf()');
      for (const wrong of ['wrong-pa55w0rd', '']) {
        const probed = createInbox({ postgres: postgres.url.replace('blue@', `other:${wrong}@`) });
        expect(await useAll(probed)).toEqual([503, 503]);
        expectAllClean(probed);
        if (wrong === '') continue;
        for (const error of probed.errors) expectClean(error, [wrong]);
        await expect(probed.inbox.start()).rejects.toMatchObject({ code: 'REFUSED' });
      }
    });
  },
);
