import pg from 'pg';
import { afterAll, beforeAll, describe, type TestContext, test, vi } from 'vitest';
import { type BullmqInboxOptions, bullmqInbox } from '../src/bullmq/index';
import type { Inbox } from '../src/index';
import { type InboxCase, inboxContract } from '../src/store-contract';
import { anyReceiver } from './bullmq/deliveries';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';
import { hasRedis, type RedisServer, redisMissing, startRedis } from './services/redis';

vi.setConfig({ hookTimeout: 60_000 }); // PostgreSQL makes its files here, on a machine that may be busy

/** BullMQ keeps no order, and says so. */
const cases = inboxContract.filter(({ needsOrder }) => !needsOrder);
let queues = 0;

function runOn({ run }: InboxCase, { onTestFinished }: TestContext, backend: object) {
  queues += 1;
  const name = `queue-${queues}`;
  const inboxes: Inbox[] = [];
  onTestFinished(async () => {
    for (const inbox of inboxes) await inbox.stop({ timeoutMs: 0 });
  });
  return run({
    create(options) {
      const inbox = bullmqInbox({ ...options, ...backend, name } as BullmqInboxOptions);
      inboxes.push(inbox);
      return inbox;
    },
  });
}

describe.skipIf(!hasRedis)(`the inbox contract on BullMQ with Redis${redisMissing}`, { concurrent: true }, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  test.for(cases)('$title', (row, context) => runOn(row, context, { connection: { url: redis.url } }));
});

describe.skipIf(!hasPostgres)(
  `the inbox contract on BullMQ with PostgreSQL${postgresMissing}`,
  { concurrent: true },
  () => {
    let postgres: PostgresServer;
    let pool: pg.Pool; // shared, since PostgreSQL compiles BullMQ's functions again for each connection
    beforeAll(async () => {
      postgres = await startPostgres();
      const first = bullmqInbox({ receiver: anyReceiver(), postgres: postgres.url });
      await first.stats(); // creates the tables
      await first.stop();
      pool = new pg.Pool({ connectionString: postgres.url, options: '-c search_path=bullmq', max: 30 });
      pool.setMaxListeners(0); // BullMQ leaves its own behind
    });
    afterAll(async () => {
      await pool.end();
      await postgres.stop();
    });
    test.for(cases)('$title', (row, context) => runOn(row, context, { postgres: pool }));
  },
);
