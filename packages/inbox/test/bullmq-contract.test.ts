import { afterAll, beforeAll, describe, onTestFinished, test } from 'vitest';
import { bullmqInbox } from '../src/bullmq/index';
import type { Inbox } from '../src/index';
import { inboxContract } from '../src/store-contract';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';
import { hasRedis, type RedisServer, redisMissing, startRedis } from './services/redis';

/** BullMQ keeps no order, and says so. */
const cases = inboxContract.filter(({ needsOrder }) => !needsOrder);
let queues = 0;

function runOn(
  { run }: (typeof cases)[number],
  backend: () => Parameters<typeof bullmqInbox>[0] extends infer O ? Omit<O, 'receiver'> : never,
) {
  queues += 1;
  const name = `queue-${queues}`;
  const inboxes: Inbox[] = [];
  onTestFinished(async () => {
    for (const inbox of inboxes) await inbox.stop({ timeoutMs: 0 });
  });
  return run({
    create(options) {
      const inbox = bullmqInbox({ ...options, ...backend(), name } as Parameters<typeof bullmqInbox>[0]);
      inboxes.push(inbox);
      return inbox;
    },
  });
}

describe.skipIf(!hasRedis)(`the inbox contract on BullMQ with Redis${redisMissing}`, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  test.each(cases)('$title', (row) => runOn(row, () => ({ connection: { url: redis.url } })));
});

describe.skipIf(!hasPostgres)(`the inbox contract on BullMQ with PostgreSQL${postgresMissing}`, () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  test.each(cases)('$title', (row) => runOn(row, () => ({ postgres: { connectionString: postgres.url, max: 4 } })));
});
