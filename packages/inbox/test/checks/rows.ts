import { join } from 'node:path';
import Libsql from 'libsql';
import { delivery } from '../../src/contract/new-deliveries';
import type { DeliveryState } from '../../src/delivery';
import { type InboxStore, sqliteStore } from '../../src/index';
import { claim, inFolder, quantile, say } from './say';

const FEW = 10_000;
const MANY = 1_000_000;
const ROUNDS = 200;

/** Fills a file with rows in SQL: 1 in 100 dead, the others in the given state, with bodies of 1 KB. */
function fill(path: string, rows: number, state: DeliveryState): void {
  const database = new Libsql(path);
  database.exec(`
    PRAGMA synchronous = OFF;
    BEGIN;
    CREATE TEMP TABLE numbers AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i FROM n;
    INSERT INTO blue_deliveries (seq, id, event, entity_id, webhook_id, lane, state, received_at, finished_at, signature, secret_id)
      SELECT i, lower(hex(randomblob(16))), CASE i % 7 WHEN 0 THEN 'TODO_CREATED' ELSE 'TODO_MOVED' END,
        'entity ' || (i % ${rows / 10}), 'webhook', NULL, CASE i % 100 WHEN 0 THEN 'dead' ELSE '${state}' END,
        ${Date.now()} - (${rows} - i) * 10, NULL, 'verified', '0' FROM numbers;
    INSERT INTO blue_bodies SELECT i, randomblob(1000) FROM numbers;
    COMMIT;
  `);
  database.close();
}

const operations: Record<string, (store: InboxStore) => Promise<unknown>> = {
  put: (store) => store.put(delivery({ receivedAt: new Date(), lane: `lane ${Math.random()}` })),
  'lease and settle': async (store) => {
    const [lease] = await store.lease({ limit: 1, leaseMs: 30_000, findStale: true });
    if (!lease) throw new Error('Nothing was due.');
    await store.settle(lease, { type: 'done' });
  },
  'list the newest': (store) => store.list({}),
  'list dead letters': (store) => store.list({ state: 'dead' }),
  'list an event': (store) => store.list({ event: 'TODO_CREATED' }),
  'list an entity': (store) => store.list({ entityId: 'entity 7' }),
  stats: (store) => store.stats(),
};

/** Checks that a million rows are not slower than ten thousand, and that memory does not grow with them. */
export async function rows(): Promise<void> {
  for (const state of ['done', 'waiting'] as const) {
    await inFolder(async (folder) => {
      const stores: InboxStore[] = [];
      for (const [i, count] of [FEW, MANY].entries()) {
        const store = sqliteStore(join(folder, `${i}.db`));
        await store.open();
        fill(join(folder, `${i}.db`), count, state);
        stores.push(store);
      }
      const memory = () => process.memoryUsage().rss / 1e6;
      say(
        `  ${MANY.toLocaleString('en')} rows, most of them ${state}, against ${FEW.toLocaleString('en')}; median ms of ${ROUNDS}`,
      );
      const before = memory();
      for (const [name, operation] of Object.entries(operations)) {
        const durations = stores.map(() => [] as number[]);
        // Alternating, so that a noisy machine disturbs both equally.
        for (let round = 0; round < ROUNDS; round++) {
          for (const [i, store] of stores.entries()) {
            const startedAt = performance.now();
            await operation(store);
            durations[i]?.push(performance.now() - startedAt);
          }
        }
        const [few = 0, many = 0] = durations.map((list) => quantile(list, 0.5));
        const figures = `${name}: ${few.toFixed(2)} and ${many.toFixed(2)}`;
        claim(`${figures}, at most 1.5 times`, many <= few * 1.5 + 0.1);
      }
      claim(`memory grew by ${(memory() - before).toFixed()} MB: less than 100`, memory() - before < 100);
      for (const store of stores) await store.close();
    });
  }
}
