import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { crashRounds } from './crash/crash-rounds';
import { killAll } from './crash/processes';

// npm run check:long -- inbox crash runs twenty rounds of each with ten thousand deliveries.
const rounds = [
  { victim: 'receiver', title: 'a receiver that is killed under load loses no acknowledged delivery' },
  { victim: 'worker', title: 'a delivery of a killed worker is handled by another' },
] as const;

afterAll(killAll);

test.concurrent.for(rounds)(
  '$title, no delivery is handled twice concurrently, and entities keep their order',
  { timeout: 180_000 },
  async ({ victim }, { onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const report = await crashRounds({ folder, rounds: 3, perRound: 100, victim });
    expect(report).toMatchObject({ lost: 0, concurrent: 0, outOfOrder: 0 });
    expect(report.acknowledged).toBeGreaterThanOrEqual(300);
    expect(report.cutShort).toBeGreaterThan(0);
  },
);
