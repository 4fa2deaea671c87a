import Libsql from 'libsql';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type InboxStore, sqliteStore } from '../src/index';
import { postgresStore } from '../src/postgres';
import { schemaOf } from '../src/postgres/schema';
import { oldestWaiting as oldestInPostgres } from '../src/postgres/stats';
import { oldestWaiting as oldestInSqlite } from '../src/sqlite/reading';
import { scratchFile } from './scratch';
import { hasPostgres, postgresMissing, startPostgres } from './services/postgres';

const ROWS = 1_000_000;
const columns = 'id, event, state, received_at, signature';
const minute = 60_000;

/** The middle of five durations of a lease while the event of every waiting delivery is paused, in milliseconds. */
async function leaseWhilePaused(store: InboxStore): Promise<number> {
  const since = new Date();
  await store.pause({ event: 'TODO_MOVED', webhookId: undefined, reason: 'down', by: undefined, since });
  const durations: number[] = [];
  for (let round = 0; round < 5; round++) {
    const startedAt = performance.now();
    expect(await store.lease({ limit: 10, leaseMs: 30_000, findStale: false })).toEqual([]);
    durations.push(performance.now() - startedAt);
  }
  return durations.sort((a, b) => a - b)[2] as number;
}

/** Reading the half million that is paused takes 800 and more; with the index by event it is about 2 in SQLite, 7 in PostgreSQL. */
const LEASE_MS = 250;

describe('among a million deliveries, the oldest that waits is found, and paused ones are passed over, without reading all', () => {
  test('in SQLite', { timeout: 90_000 }, async () => {
    const path = scratchFile();
    const store = sqliteStore(path);
    await store.open();
    onTestFinished(() => store.close());
    const database = new Libsql(path);
    onTestFinished(() => void database.close());
    const startedAt = Date.now();
    database.exec(`PRAGMA synchronous = OFF; BEGIN;
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
        INSERT INTO blue_deliveries (${columns})
        SELECT i, 'TODO_MOVED', CASE i % 2 WHEN 0 THEN 'waiting' ELSE 'done' END, ${startedAt - minute} - i, 'verified' FROM n;
      COMMIT;`);
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${oldestInSqlite}`).all() as { detail: string }[];
    expect(plan.map(({ detail }) => detail)).toEqual([
      'SEARCH blue_deliveries USING COVERING INDEX blue_by_state (state=?)',
    ]);
    const { oldestWaitingMs = 0, waiting } = await store.stats();
    expect(waiting).toBe(ROWS / 2);
    expect(oldestWaitingMs - (Date.now() - startedAt)).toBeCloseTo(minute + ROWS, -3);
    expect(await leaseWhilePaused(store)).toBeLessThan(LEASE_MS);
  });

  test.skipIf(!hasPostgres)(`in PostgreSQL${postgresMissing}`, { timeout: 180_000 }, async () => {
    const server = await startPostgres();
    onTestFinished(() => server.stop());
    const pool = new pg.Pool({ connectionString: server.url });
    pool.on('error', () => {});
    onTestFinished(() => pool.end());
    const store = postgresStore(pool, { schema: 'million' });
    await store.open();
    const startedAt = Date.now();
    await pool.query(`INSERT INTO million.deliveries (${columns})
        SELECT i, 'TODO_MOVED', CASE i % 2 WHEN 0 THEN 'waiting' ELSE 'done' END, ${startedAt - minute} - i, 'verified'
        FROM generate_series(1, ${ROWS}) AS i`);
    const explain = `EXPLAIN (ANALYZE, FORMAT JSON) ${oldestInPostgres(schemaOf('million'))}`;
    for (const statistics of ['none', 'new']) {
      if (statistics === 'new') await pool.query('ANALYZE million.deliveries');
      const { rows } = await pool.query(explain);
      const [{ Plan: limit }] = rows[0]['QUERY PLAN'];
      expect(limit.Plans, statistics).toMatchObject([{ 'Index Name': 'deliveries_by_state', 'Actual Rows': 1 }]);
      expect(limit.Plans[0]['Node Type'], statistics).toMatch(/^Index (Only )?Scan$/);
    }
    const { oldestWaitingMs = 0, waiting } = await store.stats();
    expect(waiting).toBe(ROWS / 2);
    expect(oldestWaitingMs - (Date.now() - startedAt)).toBeCloseTo(minute + ROWS, -3);
    expect(await leaseWhilePaused(store)).toBeLessThan(LEASE_MS);
  });
});
