/** Kills receivers and workers under load, twenty times on each installed engine, and reports lost and repeated deliveries. */

import { killRounds } from '../packages/inbox/test/bullmq/kill-rounds';
import { hasPostgres, postgresMissing, startPostgres } from '../packages/inbox/test/services/postgres';
import { hasRedis, redisMissing, startRedis } from '../packages/inbox/test/services/redis';

const ROUNDS = 20;
const DELIVERIES = 520;

async function check(engine: string, backend: object): Promise<void> {
  const startedAt = performance.now();
  const onRound = (round: number, acknowledged: number) =>
    console.log(`${engine}: round ${round} of ${ROUNDS}, ${acknowledged} acknowledged`);
  const report = await killRounds({ backend, rounds: ROUNDS, deliveries: DELIVERIES, leaseMs: 5_000, onRound });
  const { acknowledged, kills, cutOff, repeated, lost, overlapping } = report;
  console.log(
    `${engine}: ${acknowledged} acknowledged, ${kills} processes killed, ${cutOff} handlers cut off; ${lost.length} lost, ` +
      `${overlapping.length} handled by two workers concurrently, ${repeated} completed more than once; ` +
      `${Math.round((performance.now() - startedAt) / 1_000)} s`,
  );
  if (lost.length > 0 || overlapping.length > 0) process.exitCode = 1;
}

if (hasRedis) {
  const redis = await startRedis();
  await check('Redis', { connection: { url: redis.url } }).finally(() => redis.stop());
} else console.log(`Redis${redisMissing}`);

if (hasPostgres) {
  const postgres = await startPostgres();
  const backend = { postgres: { connectionString: postgres.url, max: 10 } };
  await check('PostgreSQL', backend).finally(() => postgres.stop());
} else console.log(`PostgreSQL${postgresMissing}`);
