import pg from 'pg';
import { afterAll, beforeAll, describe, test, vi } from 'vitest';
import { createInbox, type Inbox } from '../src/index';
import { postgresStore } from '../src/postgres';
import { inboxContract, storeContract } from '../src/store-contract';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';

vi.setConfig({ testTimeout: 60_000 }); // twenty of them share the server, on a machine that may be busy

const pollMs = 20;
let server: PostgresServer;
let pool: pg.Pool;
let schemas = 0;

describe.skipIf(!hasPostgres)(`PostgreSQL${postgresMissing}`, { concurrent: true }, () => {
  beforeAll(async () => {
    server = await startPostgres();
    pool = new pg.Pool({ connectionString: server.url, max: 40 });
    pool.on('error', () => {});
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  describe('the store contract on postgresStore', () => {
    test.each(storeContract)('$title', ({ run }) => {
      const schema = `store_${schemas++}`;
      return run({ open: () => postgresStore(pool, { schema }) });
    });
  });

  describe('the inbox contract on postgresStore', () => {
    test.for(inboxContract)('$title', ({ run }, { onTestFinished }) => {
      const schema = `inbox_${schemas++}`;
      const inboxes: Inbox[] = [];
      onTestFinished(async () => {
        for (const inbox of inboxes) await inbox.stop({ timeoutMs: 0 });
      });
      return run({
        create(options) {
          const inbox = createInbox({ ...options, store: postgresStore(pool, { schema }), pollMs });
          inboxes.push(inbox);
          return inbox;
        },
      });
    });
  });
});
