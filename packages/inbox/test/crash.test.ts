import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { crashRounds } from './crash/crash-rounds';
import { effectRounds } from './crash/effect-rounds';
import { killAll } from './crash/processes';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';

// npm run check:long -- inbox crash runs twenty rounds of each with ten thousand deliveries.
const rounds = [
  { victim: 'receiver', title: 'a receiver that is killed under load loses no acknowledged delivery' },
  { victim: 'worker', title: 'a delivery of a killed worker is handled by another' },
] as const;

afterAll(killAll);

describe('effects in a transaction', () => {
  let server: PostgresServer | undefined;
  beforeAll(async () => {
    if (hasPostgres) server = await startPostgres();
    await server?.query('CREATE DATABASE ledger_effects');
  });
  afterAll(() => server?.stop());

  for (const { on, isThere, database } of [
    { on: 'SQLite', isThere: true, database: (): string | undefined => undefined },
    { on: `PostgreSQL${postgresMissing}`, isThere: hasPostgres, database: (): string | undefined => server?.url },
  ]) {
    test.skipIf(!isThere)(
      `on ${on} happen exactly once, whenever the process is killed`,
      async () => {
        const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-inbox-'));
        onTestFinished(() => rmSync(folder, { recursive: true }));
        const killed = { rounds: 4, perRound: 60, victim: 'receiver', effects: true } as const;
        const report = await crashRounds({ folder, database: database(), ...killed });
        expect(report).toMatchObject({ lost: 0, effectsEach: [1] });
        expect(report.acknowledged).toBeGreaterThanOrEqual(240);
        expect(report.cutShort).toBeGreaterThan(0);
      },
      180_000,
    );
    test.skipIf(!isThere)(
      `of a ledger on ${on} happen exactly once, whenever a process is killed, suspended beyond its lease, or sent duplicates`,
      async () => {
        const folder = mkdtempSync(join(tmpdir(), 'blue-webhooks-ledger-'));
        onTestFinished(() => rmSync(folder, { recursive: true }));
        const at = database()?.replace(/postgres$/, 'ledger_effects');
        const report = await effectRounds({ folder, database: at, ledger: true, rounds: 8 });
        expect(report).toMatchObject({ kills: 8, stalls: 2, lost: 0, repeated: 0 });
        expect(report.effects).toBe(report.acknowledged);
        expect(report.acknowledged).toBeGreaterThan(50);
        expect(report.duplicates).toBeGreaterThan(0);
      },
      180_000,
    );
  }
});

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
