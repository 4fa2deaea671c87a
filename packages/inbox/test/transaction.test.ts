import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { createReceiver } from '@blue-webhooks/core';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  createInbox,
  type Inbox,
  type InboxEvent,
  type InboxStore,
  type InboxTracing,
  memoryStore,
  type SqliteTransaction,
  sqliteStore,
} from '../src/index';
import { type PostgresPool, type PostgresTransaction, postgresStore } from '../src/postgres';
import { openSqlite } from '../src/sqlite/driver';
import { requireNoControl } from '../src/transaction';
import { drivers } from './drivers';
import { eventually, type Sent, secret, signed } from './endpoint';
import { scratchFile } from './scratch';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';

/** A database that has an inbox and a table of effects, which would keep any number of rows of a delivery. */
interface Effects<Tx> {
  readonly store: () => InboxStore<Tx>;
  readonly insert: (tx: Tx, id: string) => unknown;
  /** The ids for which there is an effect. */
  readonly all: () => Promise<string[]>;
}

const password = 'the password of the database';
const retry = { maxAttempts: 4, firstDelayMs: 10, maxDelayMs: 20, jitter: 0 };

/** An inbox that is stopped after the test. */
function inboxOn<Tx>(
  store: InboxStore<Tx>,
  options: { timeoutMs?: number; leaseMs?: number; tracing?: InboxTracing } = {},
) {
  const events: InboxEvent[] = [];
  const receiver = createReceiver({ secret });
  const inbox = createInbox({ receiver, store, retry, pollMs: 20, onEvent: (event) => events.push(event), ...options });
  onTestFinished(() => inbox.stop({ timeoutMs: 0 }));
  return { inbox, receiver, events };
}

async function deliver(inbox: Inbox, delivery: Sent): Promise<void> {
  const request = new Request('http://localhost/', { ...delivery, method: 'POST' });
  expect((await inbox.fetch(request)).status).toBe(204);
}

function filled(bytes: Uint8Array): Uint8Array {
  bytes.set([1, 2, 3]);
  return bytes;
}

function detached(): Uint8Array {
  const bytes = new Uint8Array(3);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return bytes;
}

const until = (inbox: Inbox, id: string, state: string) =>
  eventually(async () => (await inbox.get(id))?.state === state);

/** What holds on every database. */
function exactlyOnce<Tx>(effects: () => Promise<Effects<Tx>>): void {
  test('commits the writes of a handler and its success together', async () => {
    const { store, insert, all } = await effects();
    const { inbox, events } = inboxOn(store());
    inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx, { id }) => insert(tx, id));
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await deliver(inbox, delivery);
    await until(inbox, delivery.id, 'done');
    expect(await all()).toEqual([delivery.id]);
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['stored', 'started', 'succeeded']));
  });

  test('rolls back what a handler wrote before it failed, and retries', async () => {
    const { store, insert, all } = await effects();
    const { inbox, events } = inboxOn(store());
    let failures = 0;
    inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx, { id }) => {
      const inserted = insert(tx, id);
      if (failures === 2) return inserted;
      failures += 1;
      throw new Error('after the write');
    });
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await until(inbox, delivery.id, 'done');
    expect(await all()).toEqual([delivery.id]);
    expect(events.filter(({ type }) => type === 'retried')).toMatchObject([
      { error: { message: 'after the write' } },
      { error: { message: 'after the write' } },
    ]);
  });

  test('has each effect once when other handlers of the event fail, in whatever order they run', async () => {
    const { store, insert, all } = await effects();
    const { inbox, receiver } = inboxOn(store());
    const ran: string[] = [];
    let broken = 3;
    receiver.on('TODO_MOVED', { name: 'mail' }, () => void ran.push('mail'));
    inbox.transaction('TODO_MOVED', { name: 'first' }, (_event, tx, { id }) => insert(tx, `first ${id}`));
    receiver.on('TODO_MOVED', { name: 'crm' }, () => {
      ran.push('crm');
      broken -= 1;
      if (broken > 0) throw new Error('the CRM is down');
    });
    inbox.transaction('TODO_MOVED', { name: 'last' }, (_event, tx, { id }) => insert(tx, `last ${id}`));
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await until(inbox, delivery.id, 'done');
    expect((await all()).sort()).toEqual([`first ${delivery.id}`, `last ${delivery.id}`]);
    expect(ran).toEqual(['mail', 'crm', 'crm', 'crm']);
  });

  test('commits nothing once another process has taken the lease', async () => {
    const { store, insert, all } = await effects();
    const { inbox } = inboxOn(store());
    const delivery = await signed();
    await deliver(inbox, delivery);
    const first = store();
    const [lapsed] = await first.lease({ limit: 1, leaseMs: 1, findStale: false });
    const second = store();
    const taken = await eventually(
      async () => (await second.lease({ limit: 1, leaseMs: 60_000, findStale: false }))[0],
    );
    const { signal } = new AbortController();
    const commit = (lease = lapsed, on = first) =>
      lease && on.transaction?.({ lease, handled: ['effect'], work: (tx) => insert(tx, delivery.id), signal });
    expect(await commit()).toBe(false);
    expect(await all()).toEqual([]);
    expect(await commit(taken, second)).toBe(true);
    expect(await commit(taken, second)).toBe(true); // the store forbids nothing twice, the worker does
    expect((await second.get(delivery.id))?.handled).toEqual(['effect']);
  });

  test('a transaction that is used after its end, and one outside of an inbox, is refused', async () => {
    const { store, insert, all } = await effects();
    const { inbox, receiver } = inboxOn(store());
    let kept: Tx | undefined;
    inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx) => {
      kept = tx;
    });
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await until(inbox, delivery.id, 'done');
    await expect((async () => insert(kept as Tx, 'late'))()).rejects.toThrow('The transaction has ended');
    const request = new Request('http://localhost/', { ...(await signed()), method: 'POST' });
    expect((await receiver.fetch(request)).status).toBe(500);
    expect(await all()).toEqual([]);
  });

  test('a handler runs in the async context of its attempt, not in that of a request that arrives meanwhile', async () => {
    const { store, insert } = await effects();
    const storage = new AsyncLocalStorage<string>();
    const tracing = { capture: () => undefined, attempt: <T>(_: object, run: () => T) => storage.run('attempt', run) };
    const { inbox } = inboxOn(store(), { tracing });
    const seen: unknown[] = [];
    inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx, { id }) => {
      seen.push(storage.getStore());
      return insert(tx, id);
    });
    await inbox.start();
    const deliveries = await Promise.all(Array.from({ length: 60 }, () => signed()));
    for (const [place, delivery] of deliveries.entries()) {
      await storage.run(`request ${place}`, () => deliver(inbox, delivery));
    }
    for (const { id } of deliveries) await until(inbox, id, 'done');
    expect(seen).toEqual(Array(60).fill('attempt'));
  });

  test('receipts are answered, and other deliveries stored, while many handlers write and fail', async () => {
    const { store, insert, all } = await effects();
    const { inbox } = inboxOn(store());
    const failed = new Set<string>();
    inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx, { id }) => {
      const inserted = insert(tx, id);
      if (failed.has(id)) return inserted;
      failed.add(id);
      throw new Error('the first time');
    });
    await inbox.start();
    const deliveries = await Promise.all(Array.from({ length: 60 }, () => signed()));
    await Promise.all(deliveries.map((delivery) => deliver(inbox, delivery)));
    for (const { id } of deliveries) await until(inbox, id, 'done');
    expect((await all()).sort()).toEqual(deliveries.map(({ id }) => id).sort());
  });
}

describe('registering', () => {
  test.each<[string, () => Inbox]>([
    ['memoryStore', () => inboxOn(memoryStore()).inbox],
    ['a pool that only runs statements', () => inboxOn(postgresStore({ query: async () => ({ rows: [] }) })).inbox],
  ])('on %s names the stores that have transactions', (_, inbox) => {
    expect(() => inbox().transaction('TODO_MOVED', { name: 'effect' }, () => {})).toThrow(
      'This store has no transactions: use sqliteStore(path), or postgresStore with a Pool of pg',
    );
  });

  test('needs a name, a handler and a known event, and refuses a second handler of the name', () => {
    const { inbox } = inboxOn(sqliteStore(scratchFile()));
    expect(() => inbox.transaction('TODO_MOVED', {} as never, () => {})).toThrow("{ name: 'orders' }");
    expect(() => inbox.transaction('TODO_MOVED', { name: '' }, () => {})).toThrow('1 to 100 characters');
    expect(() => inbox.transaction('TODO_MOVED', { name: 'effect' }, undefined as never)).toThrow(TypeError);
    expect(() => inbox.transaction('TODO_GONE' as never, { name: 'effect' }, () => {})).toThrow('not a Blue event');
    inbox.transaction(['TODO_MOVED', 'TODO_CREATED'], { name: 'effect' }, () => {});
    expect(() => inbox.transaction('TODO_MOVED', { name: 'effect' }, () => {})).toThrow("named 'effect' already");
  });
});

describe.each(drivers)('SQLite through $name', ({ create }) => {
  async function effects(): Promise<Effects<SqliteTransaction>> {
    const path = scratchFile();
    const store = () => sqliteStore(create(path));
    await store().open();
    const database = await openSqlite(path);
    onTestFinished(() => void database.close());
    database.exec('CREATE TABLE effects (delivery_id TEXT)');
    return {
      store,
      insert: (tx, id) => tx.run('INSERT INTO effects VALUES (?)', id),
      all: async () => {
        const rows = database.prepare('SELECT delivery_id AS id FROM effects').all();
        return (rows as { id: string }[]).map(({ id }) => id);
      },
    };
  }
  exactlyOnce(effects);

  test('a handler reads what it has written', async () => {
    const { store, insert } = await effects();
    const { inbox } = inboxOn(store());
    const read: unknown[] = [];
    inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx, { id }) => {
      insert(tx, id);
      read.push(
        ...tx.all('SELECT delivery_id FROM effects WHERE delivery_id = ? AND ? IS NULL AND ? = 1', id, null, 1),
      );
    });
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await until(inbox, delivery.id, 'done');
    expect(read).toMatchObject([{ delivery_id: delivery.id }]);
  });

  test.each<[string, () => unknown]>([
    ['a Buffer', () => Buffer.from([1, 2, 3])],
    ['another realm', () => runInNewContext('new Uint8Array([1, 2, 3])')],
    ['a part of a buffer', () => new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 4)],
    ['a resizable buffer', () => filled(new Uint8Array(Reflect.construct(ArrayBuffer, [3, { maxByteLength: 9 }])))],
    ['shared memory', () => filled(new Uint8Array(new SharedArrayBuffer(3)))],
    ['a DataView', () => new DataView(new Uint8Array([1, 2, 3]).buffer)],
  ])('a handler writes bytes of %s', async (_, bytes) => {
    const { store } = await effects();
    const { inbox } = inboxOn(store());
    const read: unknown[] = [];
    inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx) => {
      tx.run('INSERT INTO effects VALUES (?)', bytes() as Uint8Array);
      tx.run('INSERT INTO effects VALUES (?)', null);
      read.push(...tx.all('SELECT hex(delivery_id) AS hex, typeof(delivery_id) AS type FROM effects'));
      read.push(...tx.all('SELECT hex(?) AS hex', bytes() as Uint8Array), ...tx.all('SELECT ? IS NULL AS empty', null));
    });
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await until(inbox, delivery.id, 'done');
    expect(read).toMatchObject([
      { hex: '010203', type: 'blob' },
      { hex: '', type: 'null' },
      { hex: '010203' },
      { empty: 1 },
    ]);
  });

  test.each<[string, (tx: SqliteTransaction, id: string) => unknown, string]>([
    [
      'is async',
      async (tx, id) => {
        tx.run('INSERT INTO effects VALUES (?)', id);
        await sleep(1);
        tx.run('INSERT INTO effects VALUES (?)', id);
      },
      'must not be async',
    ],
    ['passes an object', (tx) => tx.run('INSERT INTO effects VALUES (?)', { a: 1 } as never), 'got an object'],
    ['passes a detached buffer', (tx) => tx.run('INSERT INTO effects VALUES (?)', detached()), 'got a detached buffer'],
    ['passes undefined', (tx) => tx.run('INSERT INTO effects VALUES (?)', undefined as never), 'got undefined'],
    ['passes no statement', (tx) => tx.all([] as never), 'must be a string, got an array'],
    [
      'commits by itself',
      (tx, id) => {
        tx.run('INSERT INTO effects VALUES (?)', id);
        tx.run(' commit');
      },
      'Leave BEGIN, COMMIT and ROLLBACK to @blue-webhooks/inbox',
    ],
    [
      'writes, and breaks the SQL',
      (tx, id) => {
        tx.run('INSERT INTO effects VALUES (?)', id);
        tx.run('INSERT INTO nowhere VALUES (?)', id);
      },
      'nowhere',
    ],
  ])('a handler that %s leaves no effect, and the delivery becomes a dead letter', async (_, handler, message) => {
    const { store, all } = await effects();
    const { inbox, events } = inboxOn(store());
    inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx, { id }) => handler(tx, id));
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await until(inbox, delivery.id, 'dead');
    expect(await all()).toEqual([]);
    expect(events.filter(({ type }) => type === 'dead-letter')).toMatchObject([
      { error: { message: expect.stringContaining(message) } },
    ]);
  });
});

describe('the statements of a handler', () => {
  test.each([
    'BEGIN',
    '  commit;',
    'END',
    'Rollback',
    'ROLLBACK TRANSACTION',
    'start transaction',
    "PREPARE TRANSACTION 'a'",
    '-- name: finish\nCOMMIT',
    '/* finish; */COMMIT',
    ' ;/**/ -- a\n/* b */\t;ROLLBACK',
    '\ufeffEND',
  ])('%s is refused', (sql) => {
    expect(() => requireNoControl(sql)).toThrow('Leave BEGIN, COMMIT and ROLLBACK to @blue-webhooks/inbox');
  });

  test.each([
    'SAVEPOINT a',
    'ROLLBACK TO a',
    'ROLLBACK WORK TO SAVEPOINT a',
    'SELECT 1',
    'INSERT INTO ends VALUES (1)',
    'PREPARE a AS SELECT 1',
    '-- COMMIT',
    '/* COMMIT',
    '/* */ SELECT 1 -- COMMIT',
    '',
  ])('%s is not', (sql) => {
    expect(() => requireNoControl(sql)).not.toThrow();
  });
});

describe.skipIf(!hasPostgres)(`PostgreSQL${postgresMissing}`, () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  let schemas = 0;
  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url, max: 10 });
    pool.on('error', () => {});
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  async function effects(from: PostgresPool = pool): Promise<Effects<PostgresTransaction>> {
    const schema = `tx_${schemas++}`;
    const table = `effects_${schema}`;
    await pool.query(`CREATE TABLE ${table} (delivery_id text)`);
    return {
      store: () => postgresStore(from, { schema }),
      insert: (tx, id) => tx.query(`INSERT INTO ${table} VALUES ($1)`, [id]),
      all: async () => (await pool.query(`SELECT delivery_id AS id FROM ${table}`)).rows.map(({ id }) => id),
    };
  }
  exactlyOnce(() => effects());

  test('the time limit of the handler rolls back, and frees the connection', async () => {
    const { store, insert, all } = await effects();
    const { inbox, events } = inboxOn(store(), { timeoutMs: 300 });
    let slow = true;
    inbox.transaction('TODO_MOVED', { name: 'effect' }, async (_event, tx, { id }) => {
      await insert(tx, id);
      if (slow) await tx.query('SELECT pg_sleep(5)');
    });
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await eventually(() => events.some(({ type }) => type === 'retried'));
    slow = false;
    await until(inbox, delivery.id, 'done');
    expect(await all()).toEqual([delivery.id]);
    expect(pool.totalCount - pool.idleCount).toBeLessThanOrEqual(1);
  });

  test('a connection that the server ends under a handler costs an attempt, and no process', async () => {
    const { store, insert, all } = await effects();
    const { inbox, events } = inboxOn(store());
    let attempts = 0;
    inbox.transaction('TODO_MOVED', { name: 'effect' }, async (_event, tx, { id }) => {
      await insert(tx, id);
      attempts += 1;
      if (attempts > 1) return;
      const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await pool.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await sleep(100);
    });
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await until(inbox, delivery.id, 'done');
    expect(await all()).toEqual([delivery.id]);
    expect(events.filter(({ type }) => type === 'retried')).toHaveLength(1);
  });

  test('a handler that commits by itself is refused, and commits nothing', async () => {
    const { store, insert, all } = await effects();
    const { inbox } = inboxOn(store());
    inbox.transaction('TODO_MOVED', { name: 'effect' }, async (_event, tx, { id }) => {
      await insert(tx, id);
      await tx.query('COMMIT');
    });
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await until(inbox, delivery.id, 'dead');
    expect(await all()).toEqual([]);
    expect((await inbox.get(delivery.id))?.lastError).toContain(
      'Leave BEGIN, COMMIT and ROLLBACK to @blue-webhooks/inbox',
    );
  });

  test.each<[string, () => never]>([
    [
      'fails with its URL',
      () => {
        throw Object.assign(new Error(`connect ECONNREFUSED postgres://blue:${password}@db`), { config: { password } });
      },
    ],
    ['rejects with its URL', () => Promise.reject(new Error(`password=${password} is wrong`)) as never],
  ])('a pool that %s says nothing of it', async (_, connect) => {
    const { store, insert } = await effects({ query: (text, values) => pool.query(text, values), connect });
    const { inbox, events } = inboxOn(store());
    inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx, { id }) => insert(tx, id));
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await until(inbox, delivery.id, 'dead');
    const printed = inspect([events, await inbox.get(delivery.id)], { depth: Infinity, showHidden: true });
    expect(printed).toContain('dead-letter');
    expect(printed).not.toContain(password);
  });

  test('a pool without a free connection costs the time limit, and a connection that comes late is given back', async () => {
    let released = 0;
    let open: () => void = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const connect = async () => {
      await opened;
      const release = () => {
        released += 1;
      };
      return { query: async () => ({ rows: [] }), release };
    };
    const { store, insert } = await effects({ query: (text, values) => pool.query(text, values), connect });
    const { inbox, events } = inboxOn(store(), { timeoutMs: 100 });
    inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx, { id }) => insert(tx, id));
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await eventually(() => events.some(({ type }) => type === 'retried'));
    await until(inbox, delivery.id, 'dead');
    open();
    await eventually(() => released === retry.maxAttempts);
  });

  test('a query whose failure a handler hides commits nothing', async () => {
    const { store, insert, all } = await effects();
    const { inbox } = inboxOn(store());
    let hidden = true;
    inbox.transaction('TODO_MOVED', { name: 'effect' }, async (_event, tx, { id }) => {
      await insert(tx, id);
      if (hidden) await tx.query('SELECT * FROM nowhere').catch(() => {});
      hidden = false;
    });
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await until(inbox, delivery.id, 'done');
    expect(await all()).toEqual([delivery.id]);
  });

  test('two handlers that deadlock both have their effect, without a failed attempt', async () => {
    const { store, insert, all } = await effects();
    const { inbox, events } = inboxOn(store());
    const table = `rows_${randomUUID().replaceAll('-', '')}`;
    await pool.query(`CREATE TABLE ${table} AS SELECT 1 AS id, 0 AS n UNION SELECT 2, 0`);
    let first = true;
    inbox.transaction('TODO_MOVED', { name: 'effect' }, async (_event, tx, { id }) => {
      const order = first ? [1, 2] : [2, 1];
      first = false;
      for (const row of order) {
        await tx.query(`UPDATE ${table} SET n = n + 1 WHERE id = $1`, [row]);
        await sleep(200);
      }
      await insert(tx, id);
    });
    await inbox.start();
    const deliveries = [await signed(), await signed()];
    await Promise.all(deliveries.map((delivery) => deliver(inbox, delivery)));
    for (const { id } of deliveries) await until(inbox, id, 'done');
    expect((await all()).sort()).toEqual(deliveries.map(({ id }) => id).sort());
    expect(events.filter(({ type }) => type === 'retried')).toEqual([]);
  });

  test('a commit whose confirmation is lost is found out by the next attempt', async () => {
    const broken = new pg.Pool({ connectionString: server.url, max: 10 });
    broken.on('error', () => {});
    onTestFinished(() => broken.end());
    let lose = true;
    /** Ends the connection after the server has committed. */
    const connect = async () => {
      const client = await broken.connect();
      const query = async (text: string, values?: unknown[]) => {
        const result = await client.query(text, values);
        if (text !== 'COMMIT' || !lose) return result;
        lose = false;
        throw new Error('Connection terminated unexpectedly');
      };
      return { query, release: (close?: boolean) => client.release(close) };
    };
    const { store, insert, all } = await effects({ query: (text, values) => broken.query(text, values), connect });
    const { inbox, receiver, events } = inboxOn(store());
    inbox.transaction('TODO_MOVED', { name: 'effect' }, (_event, tx, { id }) => insert(tx, id));
    const ran: string[] = [];
    receiver.on('TODO_MOVED', { name: 'mail' }, () => void ran.push('mail'));
    await inbox.start();
    const delivery = await signed();
    await deliver(inbox, delivery);
    await until(inbox, delivery.id, 'done');
    expect(await all()).toEqual([delivery.id]);
    const [retried] = events.filter(({ type }) => type === 'retried');
    expect(retried).toMatchObject({ error: { code: 'COMMIT_UNKNOWN' } });
    expect(inspect(retried, { depth: 9 })).not.toContain(secret);
    expect(ran.length).toBeGreaterThan(0);
  });
});
