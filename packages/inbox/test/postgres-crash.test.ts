import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { crashRounds } from './crash/crash-rounds';
import { killAll } from './crash/processes';
import { hasPostgres, postgresMissing, startPostgres } from './services/postgres';

describe.skipIf(!hasPostgres)(`a process on PostgreSQL that is killed${postgresMissing}`, () => {
  test.each(['receiver', 'worker'] as const)(
    'loses no delivery as a %s, handles none twice concurrently, and keeps the order of an entity',
    async (victim) => {
      const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
      const server = await startPostgres();
      onTestFinished(async () => {
        killAll();
        await server.stop();
        rmSync(folder, { recursive: true });
      });
      const report = await crashRounds({ folder, database: server.url, rounds: 2, perRound: 60, victim, senders: 8 });
      expect(report).toMatchObject({ lost: 0, concurrent: 0, outOfOrder: 0 });
      expect(report.acknowledged).toBeGreaterThanOrEqual(120);
      expect(report.cutShort).toBeGreaterThan(0);
    },
    180_000,
  );
});
