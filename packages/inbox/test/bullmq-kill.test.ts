import { describe, expect, onTestFinished, test } from 'vitest';
import { killRounds } from './bullmq/kill-rounds';
import { hasRedis, redisMissing, startRedis } from './services/redis';

/** Short; `npm run check:long -- bullmq` does twenty rounds. */
describe.skipIf(!hasRedis)(`processes of an inbox on BullMQ with Redis${redisMissing}`, () => {
  test('can be killed under load: every acknowledged delivery is handled, none by two workers concurrently', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const backend = { connection: { url: redis.url } };
    const report = await killRounds({ backend, rounds: 2, deliveries: 150, leaseMs: 3_000 });
    expect(report).toMatchObject({ kills: 3, lost: [], overlapping: [] });
    expect(report.acknowledged).toBeGreaterThanOrEqual(300);
    expect(report.cutOff).toBeGreaterThan(0);
  }, 180_000); // six processes are started, on a machine that may be busy
});
