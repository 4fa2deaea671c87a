import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sqliteKnown } from '@blue-webhooks/api';
import { seededRandom } from '@blue-webhooks/testing';
import Libsql from 'libsql';
import { describe, expect, test } from 'vitest';
import { afterAnHourOff } from './mirror';

const unlimited = { key: 100_000, user: 100_000, organization: 100_000 };

/** All of them, and kills at random requests, in the long check. */
const isLong = process.env.CATCH_UP_SEEDS !== undefined;
const seeds = isLong ? [1, 2, 3, 4, 5, 6] : [1, 2];

describe('a run that is interrupted', () => {
  test.each(seeds)('ends in the same state, whichever request was the last (seed %s)', async (seed) => {
    const { blue, mirror, run, server } = await afterAnHourOff(seed);
    for (const after of [3, 5, 7, 9, 11].map((count) => count + seed)) {
      const controller = new AbortController();
      let left = after;
      blue.api.onRequest = () => {
        left -= 1;
        if (left === 0) controller.abort(new Error('killed'));
      };
      await run({ signal: controller.signal }).catch((error: Error) => expect(error.message).toBe('killed'));
    }
    blue.api.onRequest = undefined;
    await run();
    expect(mirror.rows).toEqual(server());
    expect(await run()).toMatchObject({ repaired: 0 });
  });

  test('continues after kill -9 from its SQLite file, and passes on the same events', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'catch-up-'));
    const file = (name: string) => join(folder, name);
    const open = (name: string) => new Libsql(file(name));
    const seeded = open('seed.db');
    const { blue } = await afterAnHourOff(7, { requestsPerMinute: unlimited }, sqliteKnown(seeded));
    seeded.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    seeded.close();
    const server = await blue.api.listen();
    const since = '2026-01-13T12:00:00.000Z';
    const start = (name: string, killAt?: number) =>
      new Promise<string>((resolve) => {
        const script = fileURLToPath(new URL('./catch-up-process.ts', import.meta.url));
        const flags = ['--conditions=@blue-webhooks/source', '--import', 'tsx', script, server.url, file(name), since];
        const cwd = fileURLToPath(new URL('..', import.meta.url));
        const child = spawn(process.execPath, flags, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
        const requests = blue.api.requests.length;
        blue.api.onRequest = () => {
          if (killAt !== undefined && blue.api.requests.length === requests + killAt) child.kill('SIGKILL');
        };
        let output = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
        child.on('close', () => resolve(output));
      });
    const handled = (name: string) => {
      const database = open(name);
      const rows = database.prepare('SELECT id FROM handled ORDER BY id').all() as { id: string }[];
      database.close();
      return rows.map(({ id }) => id);
    };
    copyFileSync(file('seed.db'), file('whole.db'));
    copyFileSync(file('seed.db'), file('killed.db'));
    const before = blue.api.requests.length;
    await start('whole.db');
    const total = blue.api.requests.length - before;
    const random = seededRandom(7);
    const anyOf = () => 1 + Math.floor(random() * total);
    let killed = 0;
    for (const killAt of isLong ? Array.from({ length: 12 }, anyOf) : [6]) {
      if ((await start('killed.db', killAt)) === '') killed += 1;
    }
    expect(killed).toBeGreaterThan(isLong ? 6 : 0);
    expect(JSON.parse(await start('killed.db'))).toMatchObject({ incomplete: [], failed: 0 });
    expect(handled('killed.db')).toEqual(handled('whole.db'));
    expect(handled('whole.db').length).toBeGreaterThan(2);
    if (isLong) expect(JSON.parse(await start('killed.db'))).toMatchObject({ repaired: 0 });
    await server.close();
    rmSync(folder, { recursive: true });
  }, 120_000);
});
