import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { delivery } from '../src/contract/new-deliveries';
import { createInbox, type InboxEvent } from '../src/index';
import { type PostgresPool, postgresStore } from '../src/postgres';
import { anyReceiver, eventually, healthCheck, newDelivery } from './bullmq/deliveries';
import { expectClean } from './bullmq/leaks';
import { freePort } from './services/free-port';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 }); // servers are started and killed here, on a machine that may be busy

const password = 'pa55w0rd-of-the-server';
const bodyText = 'what-the-comment-says';
const request = { limit: 10, leaseMs: 30_000, findStale: false };
let server: PostgresServer;
let schemas = 0;

function poolAt(url = server.url): pg.Pool {
  const pool = new pg.Pool({ connectionString: url });
  pool.on('error', () => {});
  onTestFinished(() => pool.end());
  return pool;
}

const newSchema = () => `attack_${schemas++}`;

/** As a pooler in transaction mode: no statement meets the session of the one before. */
const sessionPerStatement = (): PostgresPool => ({
  async query(text, values) {
    const client = new pg.Client(server.url);
    await client.connect();
    return client.query(text, values).finally(() => client.end());
  },
});

describe.skipIf(!hasPostgres)(`postgresStore${postgresMissing}`, () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  test.each([
    ['the role', 'ROLE blue'],
    ['the database', 'DATABASE postgres'],
  ])('refuses synchronous_commit = off of %s, and names the cure', async (_of, target) => {
    await server.query(`ALTER ${target} SET synchronous_commit = off`);
    onTestFinished(async () => void (await server.query(`ALTER ${target} RESET synchronous_commit`)));
    const store = postgresStore(poolAt(), { schema: newSchema() });
    await expect(store.open()).rejects.toMatchObject({
      name: 'StoreError',
      code: 'NOT_DURABLE',
      message: expect.stringContaining('SET synchronous_commit = on'),
    });
    await expect(store.put(delivery())).rejects.toMatchObject({ code: 'NOT_DURABLE' });
  });

  test('flushes what it acknowledges on a connection whose synchronous_commit was turned off later', async () => {
    const pool = new pg.Pool({ connectionString: server.url, max: 1 });
    onTestFinished(() => pool.end());
    const schema = newSchema();
    await postgresStore(pool, { schema }).open();
    await pool.query('SET synchronous_commit = off');
    await pool.query('BEGIN');
    await pool.query(`SELECT ${schema}.put('[]')`);
    const { rows } = await pool.query("SELECT current_setting('synchronous_commit') AS setting");
    await pool.query('COMMIT');
    expect(rows).toEqual([{ setting: 'on' }]);
  });

  test.each(['deliveries', 'bodies'])(
    'answers 503 to a health check as to a delivery where %s cannot be written',
    async (table) => {
      const schema = newSchema();
      const pool = poolAt();
      const store = postgresStore(pool, { schema });
      const inbox = createInbox({ receiver: anyReceiver(), store });
      expect((await inbox.handle(await healthCheck())).status).toBe(204);
      expect(await store.stats()).toMatchObject({ waiting: 0 });
      expect((await pool.query(`SELECT * FROM ${schema}.bodies`)).rows).toEqual([]);
      await server.query(`ALTER TABLE ${schema}.${table} ADD CONSTRAINT refused CHECK (seq < 0)`);
      expect((await inbox.handle(await newDelivery())).status).toBe(503);
      expect((await inbox.handle(await healthCheck())).status).toBe(503);
    },
  );

  test('works on a pool that runs each statement on another connection', async () => {
    const store = postgresStore(sessionPerStatement(), { schema: newSchema() });
    const { id } = delivery();
    expect(await store.put(delivery({ id }))).toBe('stored');
    expect(await store.put(delivery({ id }))).toBe('duplicate');
    const [lease] = await store.lease(request);
    if (!lease) throw new Error('Nothing was due.');
    expect(await store.renew([lease])).toEqual([]);
    expect(await store.recordHandled(lease, ['crm'])).toBe(true);
    expect(await store.settle(lease, { type: 'done' })).toBe(true);
    expect(await store.stats()).toMatchObject({ active: 0, done: 1 });
  });

  test('is opened by ten pools concurrently', async () => {
    const schema = newSchema();
    const stores = Array.from({ length: 10 }, () => postgresStore(poolAt(), { schema }));
    await Promise.all(stores.map((store) => store.open()));
    const results = await Promise.all(stores.map((store) => store.put(delivery({ id: 'the same' }))));
    expect(results.filter((result) => result === 'stored')).toHaveLength(1);
    const [versions] = JSON.parse(
      await server.query(`SELECT count(*)::integer AS applied, max(version) AS newest FROM ${schema}.version`),
    );
    expect(versions.applied).toBe(versions.newest);
  });

  test('refuses a schema of a newer version', async () => {
    const schema = newSchema();
    await postgresStore(poolAt(), { schema }).open();
    await server.query(`INSERT INTO ${schema}.version VALUES (99)`);
    await expect(postgresStore(poolAt(), { schema }).open()).rejects.toMatchObject({ code: 'NEWER_INBOX' });
  });

  test.each(['Blue-Webhooks', 'select', 'a'.repeat(63)])('keeps its tables in the schema %s', async (schema) => {
    const store = postgresStore(poolAt(), { schema });
    await store.put(delivery());
    expect(await store.stats()).toMatchObject({ waiting: 1 });
    expect(await server.query(`SELECT nspname FROM pg_namespace WHERE nspname = '${schema}'`)).toContain(schema);
  });

  test.each(['', '1st', 'a"; DROP SCHEMA public; --', "a'b", '$body$', 'a b', 'ä', 'a\0', 'a'.repeat(64), 7, null, {}])(
    'throws a TypeError for the schema %j',
    (schema) => {
      expect(() => postgresStore(sessionPerStatement(), { schema: schema as string })).toThrow(TypeError);
    },
  );

  test.each([undefined, null, 'postgres://blue@localhost', {}, { query: 1 }])(
    'throws a TypeError for the pool %j',
    (pool) => {
      expect(() => postgresStore(pool as unknown as PostgresPool)).toThrow(TypeError);
    },
  );

  test('returns bodies with NUL bytes, byte order marks and escaped lone surrogates as they were', async () => {
    const store = postgresStore(poolAt(), { schema: newSchema() });
    const rawBody = '\ufeff{"event":"TODO_MOVED","nul":"\\u0000","lone":"\\ud800","raw":"\0 \u{1f600}"}\r\n';
    const odd = delivery({ rawBody, entityId: 'a\0b\ud800', lane: 'a\0b\ud800', event: 'X\0' });
    expect(await store.put(odd)).toBe('stored');
    expect((await store.get(odd.id))?.rawBody).toBe(rawBody);
    const { deliveries } = await store.list({ entityId: 'a\0b\ud800' });
    expect(deliveries.map(({ id }) => id)).toEqual([odd.id]);
  });

  test('never shows a body, a parameter or a password in an error', async () => {
    const schema = newSchema();
    const store = postgresStore(poolAt(), { schema });
    await store.open();
    // The server's error holds the failing row, with the body in hexadecimal digits, and the entity.
    await server.query(`ALTER TABLE ${schema}.deliveries ADD CHECK (entity_id <> '${bodyText}')`);
    const error = await store.put(delivery({ entityId: bodyText, rawBody: bodyText })).catch((thrown) => thrown);
    expectClean(error, [bodyText, Buffer.from(bodyText).toString('hex'), Buffer.from(bodyText).toString('base64')]);

    const url = `postgres://blue:${password}@127.0.0.1:${await freePort()}/postgres`;
    const events: InboxEvent[] = [];
    const onEvent = (event: InboxEvent) => void events.push(event);
    const inbox = createInbox({ receiver: anyReceiver(), store: postgresStore(poolAt(url)), onEvent });
    expect((await inbox.handle(await newDelivery({ html: bodyText }))).status).toBe(503);
    expectClean(await inbox.stats().catch((thrown) => thrown), [password, bodyText]);
    const failed = events.find(({ type }) => type === 'store-failed');
    expectClean(failed && 'error' in failed && failed.error, [password, bodyText]);
  });

  test('returns 503 while a table is locked, and 204 afterwards', async () => {
    const schema = newSchema();
    const store = postgresStore(poolAt(), { schema });
    await store.open();
    const inbox = createInbox({ receiver: anyReceiver(), store });
    const locker = new pg.Client(server.url);
    await locker.connect();
    onTestFinished(() => locker.end());
    await locker.query('BEGIN');
    await locker.query(`LOCK TABLE ${schema}.deliveries`);
    const sent = await newDelivery();
    const [handled, listed] = await Promise.all([
      inbox.handle(sent),
      store.list({}).catch((error: unknown) => error), // bounded, too
    ]);
    expect(handled.status).toBe(503);
    expect(listed).toMatchObject({ code: 'TIMEOUT' });
    await locker.query('ROLLBACK');
    expect((await inbox.handle(sent)).status).toBe(204);
  });

  test('makes a retry due by the clock of the database, whatever the clock of the process shows', async () => {
    const store = postgresStore(poolAt(), { schema: newSchema() });
    await store.put(delivery());
    const [lease] = await store.lease(request);
    if (!lease) throw new Error('Nothing was due.');
    const ahead = Date.now() + 3_600_000;
    const clock = vi.spyOn(Date, 'now').mockReturnValue(ahead);
    await store.settle(lease, { type: 'retry', error: 'Error', retryAt: new Date(ahead + 50) });
    clock.mockRestore();
    const [again] = await eventually(async () => {
      const leases = await store.lease(request);
      return leases.length > 0 && leases;
    });
    expect(again?.delivery.attempts).toBe(2);
  });

  test('returns 503 while PostgreSQL restarts under load, and keeps what it acknowledged', async () => {
    const schema = newSchema();
    const inbox = createInbox({ receiver: anyReceiver(), store: postgresStore(poolAt(), { schema }), pollMs: 50 });
    await inbox.start();
    onTestFinished(() => inbox.stop({ timeoutMs: 0 }));
    const statuses: number[] = [];
    const acknowledged: string[] = [];
    let ended = false;
    const senders = Array.from({ length: 8 }, async () => {
      while (!ended) {
        const sent = await newDelivery();
        const { status } = await inbox.handle(sent);
        statuses.push(status);
        if (status === 204) acknowledged.push(sent.id);
      }
    });
    await eventually(() => acknowledged.length > 50);
    await server.kill();
    await eventually(() => statuses.includes(503));
    await server.start();
    const before = acknowledged.length;
    await eventually(() => acknowledged.length > before + 50);
    ended = true;
    await Promise.all(senders);
    // A delivery whose commit succeeded while its answer was lost is stored too, so more can be done than were acknowledged.
    await eventually(async () => {
      const { waiting, active, done } = (await inbox.stats().catch(() => undefined)) ?? {
        waiting: 1,
        active: 1,
        done: 0,
      };
      return waiting + active === 0 && done >= acknowledged.length;
    });
    for (const id of acknowledged) expect((await inbox.get(id))?.state).toBe('done');
    expect(new Set(statuses)).toEqual(new Set([204, 503]));
  });
});
