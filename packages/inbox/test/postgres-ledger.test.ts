import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { LedgerOptions } from '@blue-webhooks/core';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type PostgresPool, postgresLedger } from '../src/postgres';
import { eventually, post, secret, signed } from './endpoint';
import { exactlyOnce, receiverWith, tokenOf } from './ledger/exactly-once';
import { freePort } from './services/free-port';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';

const password = 'the password of the database';

describe.skipIf(!hasPostgres)(`postgresLedger${postgresMissing}`, () => {
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

  async function effects(from: PostgresPool = pool) {
    const schema = `sql_${schemas++}`;
    const table = `effects_${schema}`;
    await pool.query(`CREATE TABLE ${table} (delivery_id text)`);
    return {
      schema,
      ledger: (options: LedgerOptions = {}) => postgresLedger(from, { ...options, schema }),
      insert: (tx: { query(text: string, values: unknown[]): unknown }, id: string) =>
        tx.query(`INSERT INTO ${table} VALUES ($1)`, [id]),
      all: async () => (await pool.query(`SELECT delivery_id AS id FROM ${table}`)).rows.map(({ id }): string => id),
      rows: async (): Promise<number> =>
        (await pool.query(`SELECT count(*)::integer AS rows FROM ${schema}.ledger`)).rows[0].rows,
      async finish(id: string, token: string | undefined, { hide, rollBack }: { hide?: true; rollBack?: true } = {}) {
        const ledger = postgresLedger(pool, { schema });
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          await client.query(`INSERT INTO ${table} VALUES ($1)`, [id]);
          const finished = ledger.finish(id, token, { tx: client });
          if (hide) await finished.catch(() => {});
          else expect(await finished).toBe('finished');
          await client.query(rollBack ? 'ROLLBACK' : 'COMMIT');
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      },
      setVersion: async (version: number) =>
        void (await pool.query(`INSERT INTO ${schema}.ledger_version VALUES (${version})`)),
    };
  }
  exactlyOnce(() => effects());

  test('a handler that hides the error of a stale token cannot commit', async () => {
    const { ledger, finish, all } = await effects();
    await ledger().open();
    await finish('a', 'a stale token', { hide: true });
    expect(await all()).toEqual([]);
  });

  test('a delivery that another process is about to commit is in progress, and its connection waits for no longer', async () => {
    const { ledger } = await effects();
    const [first, second] = [ledger({ leaseMs: 50 }), ledger()];
    const token = await tokenOf(first, 'a');
    await sleep(100);
    const client = await pool.connect();
    await client.query('BEGIN');
    await first.finish('a', token, { tx: client });
    const startedAt = performance.now();
    expect(await second.begin('a')).toEqual({ state: 'in-progress' });
    expect(performance.now() - startedAt).toBeLessThan(900);
    expect(await second.begin('b')).toMatchObject({ state: 'new' });
    await client.query('COMMIT');
    client.release();
    expect(await second.begin('a')).toEqual({ state: 'done' });
    expect((await pool.query('SHOW lock_timeout')).rows).toEqual([{ lock_timeout: '0' }]);
  });

  test('the deadline rolls back, and frees the connection; the next attempt commits', async () => {
    const { ledger, insert, all } = await effects();
    const shared = ledger();
    const { receiver, codes } = receiverWith(shared, { deadlineMs: 300 });
    let slow = true;
    receiver.on(
      'TODO_MOVED',
      shared.transaction(async (_event, tx, { id }) => {
        await insert(tx, id);
        if (slow) await tx.query('SELECT pg_sleep(5)');
      }),
    );
    await shared.open();
    const delivery = await signed();
    expect(await post(receiver, delivery)).toBe(503);
    slow = false;
    await eventually(async () => (await post(receiver, delivery)) === 204);
    expect(await all()).toEqual([delivery.id]);
    expect(codes()).toContain('DEADLINE_EXCEEDED');
    await eventually(() => pool.totalCount - pool.idleCount === 0);
  });

  test('a commit whose confirmation is lost is found out: the delivery is acknowledged, with one effect', async () => {
    let lose = true;
    const connect = async () => {
      const client = await pool.connect();
      const query = async (text: string, values?: unknown[]) => {
        const result = await client.query(text, values);
        if (text !== 'COMMIT' || !lose) return result;
        lose = false;
        throw new Error('Connection terminated unexpectedly');
      };
      return { query, release: (close?: boolean) => client.release(close) };
    };
    const { ledger, insert, all } = await effects({ query: (text, values) => pool.query(text, values), connect });
    const shared = ledger();
    const { receiver, failures } = receiverWith(shared);
    receiver.on(
      'TODO_MOVED',
      shared.transaction((_event, tx, { id }) => insert(tx, id)),
    );
    const delivery = await signed();
    expect(await post(receiver, delivery)).toBe(204);
    expect(failures).toMatchObject([{ code: 'HANDLER_FAILED', cause: { code: 'COMMIT_UNKNOWN' } }]);
    expect(await post(receiver, delivery)).toBe(204);
    expect(await all()).toEqual([delivery.id]);
  });

  test('two handlers that deadlock both have their effect, without a failed attempt', async () => {
    const { ledger, insert, all } = await effects();
    const shared = ledger();
    const { receiver, codes } = receiverWith(shared);
    await pool.query('CREATE TABLE deadlock AS SELECT 1 AS id, 0 AS n UNION SELECT 2, 0');
    let first = true;
    receiver.on(
      'TODO_MOVED',
      shared.transaction(async (_event, tx, { id }) => {
        const order = first ? [1, 2] : [2, 1];
        first = false;
        for (const row of order) {
          await tx.query('UPDATE deadlock SET n = n + 1 WHERE id = $1', [row]);
          await sleep(200);
        }
        await insert(tx, id);
      }),
    );
    const deliveries = [await signed(), await signed()];
    expect(await Promise.all(deliveries.map((delivery) => post(receiver, delivery)))).toEqual([204, 204]);
    expect((await all()).sort()).toEqual(deliveries.map(({ id }) => id).sort());
    expect(codes()).toEqual([]);
  });

  test('says nothing of its connection and of bodies when it fails', async () => {
    const marker = 'a text in the body that is private';
    const url = `postgres://blue:${encodeURIComponent(password)}@127.0.0.1:${await freePort()}/postgres`;
    const unreachable = new pg.Pool({ connectionString: url });
    onTestFinished(() => unreachable.end());
    const refusing: PostgresPool = {
      query: () => Promise.reject(Object.assign(new Error(`password=${password} ${url}`), { config: { password } })),
    };
    for (const ledger of [postgresLedger(unreachable), postgresLedger(refusing)]) {
      const { receiver, failures } = receiverWith(ledger);
      receiver.on('TODO_MOVED', () => {});
      expect(
        await post(receiver, await signed({ event: 'TODO_MOVED', currentValue: { id: marker, title: marker } })),
      ).toBe(204);
      const thrown = await (async () => ledger.begin('a'))().catch((error: unknown) => error);
      const printed = inspect([failures, thrown], { depth: Number.POSITIVE_INFINITY, showHidden: true });
      expect(printed).toContain('LEDGER_FAILED');
      for (const one of [password, encodeURIComponent(password), marker, secret]) expect(printed).not.toContain(one);
    }
  });

  test('refuses a connection that would lose acknowledged deliveries in a crash', async () => {
    const options = '-csynchronous_commit=off';
    const careless = new pg.Pool({ connectionString: server.url, options });
    onTestFinished(() => careless.end());
    await expect(postgresLedger(careless, { schema: 'careless' }).open()).rejects.toMatchObject({
      code: 'NOT_DURABLE',
    });
  });

  test('works on a pool that only runs statements, without transactions', async () => {
    const { ledger } = await effects({ query: (text, values) => pool.query(text, values) });
    expect(await ledger().begin('a')).toMatchObject({ state: 'new' });
    expect(() => ledger().transaction(() => {})).toThrow('needs a pool that can `connect`');
  });

  test.each([
    [undefined, {}],
    ['postgres://blue@localhost', {}],
    [{ query: 1 }, {}],
    [{ query() {} }, { schema: 'a b' }],
    [{ query() {} }, { ttlMs: 1.5 }],
    [{ query() {} }, null],
  ])('%o with %o is a TypeError', (from, options) => {
    expect(() => postgresLedger(from as unknown as PostgresPool, options as object)).toThrow(TypeError);
  });

  test.each([null, {}, 'client', 7, 'the pool'])(
    'a tx that is %o is a TypeError that names the client',
    async (given) => {
      const tx = given === 'the pool' ? pool : given;
      await expect(postgresLedger(pool).finish('a', 'b', { tx: tx as never })).rejects.toThrow('tx must be the client');
    },
  );
});
