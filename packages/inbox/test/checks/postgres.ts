import { createReceiver, sign } from '@blue-webhooks/core';
import pg from 'pg';
import { delivery } from '../../src/contract/new-deliveries';
import { createInbox, type InboxStore } from '../../src/index';
import { postgresStore } from '../../src/postgres';
import { crashRounds } from '../crash/crash-rounds';
import { killAll, secret } from '../crash/processes';
import { hasPostgres, type PostgresServer, startPostgres } from '../services/postgres';
import { countedEffects, DEFAULT_ROUNDS } from './effects';
import { claim, inFolder, quantile, say } from './say';

const SENDERS = 64;
const LOAD_MS = 5_000;
const FEW = 10_000;
const MANY = 1_000_000;
const ROUNDS = 100;

/** Checks `postgresStore`: acknowledged deliveries per second, and whether a million rows are slower than ten thousand. */
export async function postgres(): Promise<void> {
  if (!hasPostgres) return say('  skipped: postgres not found');
  const server = await startPostgres();
  const pool = new pg.Pool({ connectionString: server.url });
  pool.on('error', () => {});
  try {
    await load(pool);
    await rows(pool);
  } finally {
    await pool.end();
    await server.stop();
  }
}

/** Kills receivers and workers on PostgreSQL twenty times each, and counts effects. */
export async function crashPostgres(rounds?: number): Promise<void> {
  if (!hasPostgres) return say('  skipped: postgres not found');
  const shared = await startPostgres();
  await countedEffects(rounds ?? DEFAULT_ROUNDS, async (owner) => {
    await shared.query(`CREATE DATABASE ${owner}_effects`);
    return shared.url.replace(/postgres$/, `${owner}_effects`);
  }).finally(() => shared.stop());
  if (rounds !== undefined) return;
  for (const victim of ['receiver', 'worker'] as const) {
    const server: PostgresServer = await startPostgres();
    const report = await inFolder((folder) =>
      crashRounds({ folder, database: server.url, rounds: 20, perRound: 200, victim, effects: true }),
    ).finally(async () => {
      killAll();
      await server.stop();
    });
    const { acknowledged, lost, concurrent, outOfOrder, cutShort, repeated, effectsEach } = report;
    say(`  ${victim} killed 20 times: ${acknowledged} acknowledged, ${cutShort} cut short, ${repeated} handled again`);
    claim('each delivery has its effect in the database exactly once', effectsEach.join() === '1');
    claim(
      `no delivery is lost (${lost}), handled twice concurrently (${concurrent}), or out of order (${outOfOrder})`,
      lost + concurrent + outOfOrder === 0,
    );
  }
}

async function load(pool: pg.Pool): Promise<void> {
  const inbox = createInbox({ receiver: createReceiver({ secret }), store: postgresStore(pool, { schema: 'load' }) });
  await inbox.stats(); // opens
  const startedAt = performance.now();
  let acknowledged = 0;
  const send = async () => {
    while (performance.now() < startedAt + LOAD_MS) {
      const currentValue = { id: `record ${Math.random()}`, title: 'T', html: 'x'.repeat(2_000) };
      const text = JSON.stringify({ event: 'TODO_MOVED', currentValue });
      const signature = await sign(text, secret);
      const header = (name: string) => (name === 'x-signature' ? signature : undefined);
      const { status } = await inbox.handle({ method: 'POST', header, body: new TextEncoder().encode(text) });
      if (status !== 204) throw new Error(`A delivery was answered ${status}.`);
      acknowledged += 1;
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  const rate = (acknowledged * 1_000) / (performance.now() - startedAt);
  claim(`${SENDERS} senders get ${rate.toFixed()} deliveries acknowledged per second: at least 1,000`, rate >= 1_000);
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

async function rows(pool: pg.Pool): Promise<void> {
  const stores: InboxStore[] = [];
  for (const count of [FEW, MANY]) {
    const schema = `rows_${count}`;
    const store = postgresStore(pool, { schema });
    await store.open();
    await pool.query(`
      INSERT INTO ${schema}.deliveries (id, event, entity_id, webhook_id, state, received_at, signature, secret_id)
        SELECT md5(i::text), CASE i % 7 WHEN 0 THEN 'TODO_CREATED' ELSE 'TODO_MOVED' END, 'entity ' || (i % ${count / 10}),
          'webhook', CASE i % 100 WHEN 0 THEN 'dead' ELSE 'waiting' END, ${Date.now()} - (${count} - i) * 10, 'verified', '0'
        FROM generate_series(1, ${count}) AS i`);
    await pool.query(
      `INSERT INTO ${schema}.bodies SELECT seq, decode(repeat(id, 30), 'hex') FROM ${schema}.deliveries`,
    );
    for (const table of ['deliveries', 'bodies']) await pool.query(`VACUUM ANALYZE ${schema}.${table}`);
    stores.push(store);
  }
  say(`  ${MANY.toLocaleString('en')} rows against ${FEW.toLocaleString('en')}; median ms of ${ROUNDS}`);
  const missed: string[] = [];
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
    say(`  ${name}: ${few.toFixed(2)} and ${many.toFixed(2)}`);
    if (many > few * 1.5 + 0.1) missed.push(name);
  }
  claim(
    `no operation takes more than 1.5 times as long among many rows${missed.map((name) => ` (${name})`)}`,
    missed.length === 0,
  );
}
