import { ledgerContract } from '@blue-webhooks/testing/ledger-contract';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { delivery } from '../src/contract/new-deliveries';
import { sqliteLedger, sqliteStore } from '../src/index';
import { postgresLedger, postgresStore } from '../src/postgres';
import { drivers } from './drivers';
import { scratchFile } from './scratch';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';

vi.setConfig({ testTimeout: 60_000 }); // they share a server, on a machine that may be busy

describe.each(drivers)('the ledger contract on sqliteLedger through $name', ({ create }) => {
  test.each(ledgerContract)('$title', ({ run }) =>
    run({ create: (options) => sqliteLedger(create(scratchFile()), options) }),
  );
});

describe('sqliteLedger', () => {
  test('shares a file with an inbox, without seeing its deliveries', async () => {
    const path = scratchFile();
    const [store, ledger] = [sqliteStore(path), sqliteLedger(path)];
    await Promise.all([store.open(), ledger.open()]);
    await store.put(delivery({ id: 'a' }));
    expect(await ledger.begin('a')).toMatchObject({ state: 'new', attempt: 1 });
    expect(await store.stats()).toMatchObject({ waiting: 1 });
  });
});

describe.skipIf(!hasPostgres)(`PostgreSQL${postgresMissing}`, { concurrent: true }, () => {
  let server: PostgresServer;
  let pool: pg.Pool;
  let schemas = 0;
  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url, max: 40 });
    pool.on('error', () => {});
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  describe('the ledger contract on postgresLedger', () => {
    test.each(ledgerContract)('$title', ({ run }) =>
      run({ create: (options) => postgresLedger(pool, { ...options, schema: `ledger_${schemas++}` }) }),
    );
  });

  test('is created once by ten ledgers and ten stores of a schema that start together', async () => {
    const schema = `together_${schemas++}`;
    const ledgers = Array.from({ length: 10 }, () => postgresLedger(pool, { schema }));
    const stores = Array.from({ length: 10 }, () => postgresStore(pool, { schema }));
    await Promise.all([...ledgers, ...stores].map((one) => one.open()));
    const states = await Promise.all(ledgers.map(async (ledger) => (await ledger.begin('one')).state));
    expect(states.filter((state) => state === 'new')).toHaveLength(1);
  });
});
