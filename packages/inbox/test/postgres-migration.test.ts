import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { postgresStore } from '../src/postgres';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';

vi.setConfig({ hookTimeout: 60_000 }); // PostgreSQL makes its files here, on a machine that may be busy

const firstSchema = readFileSync(new URL('./migration/first-postgres.sql', import.meta.url), 'utf8');

describe.skipIf(!hasPostgres)(`a schema of the first version in PostgreSQL${postgresMissing}`, () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  const openStore = () => postgresStore(pool, { schema: 'old' });

  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url });
    pool.on('error', () => {});
  });
  beforeEach(async () => {
    await pool.query(`DROP SCHEMA IF EXISTS "old" CASCADE; ${firstSchema}
      INSERT INTO "old".deliveries (id, event, lane, state, received_at, signature) VALUES ('old', 'NEW', 'a', 'waiting', 1000, 'verified');
      INSERT INTO "old".bodies SELECT seq, '{}' FROM "old".deliveries;`);
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  test('is migrated, keeps its deliveries, and works with what is new', async () => {
    const store = openStore();
    const [lease] = await store.lease({ limit: 1, leaseMs: 1_000, findStale: false });
    if (!lease) throw new Error('The delivery of the first version was not leased.');
    const until = new Date(Date.now() + 60_000);
    expect(await store.settle(lease, { type: 'postponed', until })).toBe(true);
    const pause = { event: 'NEW', webhookId: undefined, reason: 'down', by: undefined, since: new Date(5) };
    await store.pause(pause);
    expect(await store.paused()).toEqual([pause]);
    expect(await store.get('old')).toMatchObject({ state: 'waiting', attempts: 0, retryAt: until, rawBody: '{}' });
  });

  test('is migrated once by several openings', async () => {
    const stores = [openStore(), openStore(), openStore(), openStore()];
    await Promise.all(stores.map((store) => store.open()));
    const { rows } = await pool.query('SELECT version FROM "old".version ORDER BY version');
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.map(({ version }) => version)).toEqual(rows.map((_, place) => place + 1));
    expect(await stores[0]?.stats()).toMatchObject({ waiting: 1 });
  });
});
