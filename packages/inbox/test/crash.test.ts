import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { crashRounds } from './crash/crash-rounds';
import { killAll } from './crash/processes';

// Twenty rounds of each, and ten thousand deliveries: npm run check:inbox -- crash
const rounds = [
  { victim: 'receiver', title: 'a receiver that is killed under load loses nothing that it acknowledged' },
  { victim: 'worker', title: 'what a killed worker was handling is handled by another' },
] as const;

test.each(rounds)(
  '$title, handles nothing twice at once, and keeps the order of an entity',
  async ({ victim }) => {
    const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
    onTestFinished(() => {
      killAll();
      rmSync(folder, { recursive: true });
    });
    const report = await crashRounds({ folder, rounds: 3, perRound: 100, victim });
    expect(report).toMatchObject({ lost: 0, concurrent: 0, outOfOrder: 0 });
    expect(report.acknowledged).toBeGreaterThanOrEqual(300);
    expect(report.cutShort).toBeGreaterThan(0);
  },
  180_000,
);
