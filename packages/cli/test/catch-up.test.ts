import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createReceiver } from '@blue-webhooks/core';
import { scenario } from '@blue-webhooks/testing';
import Libsql from 'libsql';
import { afterEach, expect, test } from 'vitest';
import { expectNothingSecret, secret, startBlue, startInbox } from './blue-api';
import { scratchFolder } from './files';

afterEach(expectNothingSecret);

/** A workspace that has changed for an hour while its webhook was off, and the inbox of the endpoint. */
async function afterAnHourOff() {
  const started = await startBlue();
  const { blue, clock } = started;
  const titles: unknown[] = [];
  const receiver = createReceiver({ secret }).on('TODO_NAME_CHANGED', (event, { signature }) => {
    if (signature === 'backfill') titles.push(event.currentValue.title);
  });
  const db = await startInbox(started, receiver);
  await blue.play(scenario({ seed: 4, records: 2 }));
  const known = join(scratchFolder(), 'blue-known.db');
  await clock.sleep(600_000);
  const learnt = await started.blueWebhooks(`catch-up --since 2026-01-01 --db ${db} --known ${known} --full --json`);
  expect(learnt.code).toBe(0);
  const since = new Date(clock.now()).toISOString();
  await clock.sleep(3_600_000);
  blue.disable();
  const { id } = blue.api.rows('record')[0] as { id: string };
  blue.api.patch('record', id, { title: 'Renamed while off', updatedAt: new Date(clock.now()).toISOString() });
  return { ...started, db, known, since, titles };
}

test('catch-up counts with --dry-run, stores once in the inbox, and marks what it stored', async () => {
  const { db, known, since, titles, blueWebhooks } = await afterAnHourOff();
  const dry = await blueWebhooks(`catch-up --since ${since} --known ${known} --dry-run --json`);
  expect(JSON.parse(dry.out)).toMatchObject({ repaired: 1, incomplete: [], failed: 0 });
  expect(titles).toEqual([]);
  const human = await blueWebhooks(`catch-up --since ${since} --db ${db} --known ${known}`, { isTTY: true });
  expect(human).toMatchObject({ code: 0, out: expect.stringMatching(/events stored +1\n/) });
  await expect.poll(() => titles).toEqual(['Renamed while off']);
  const again = await blueWebhooks(`catch-up --since ${since} --db ${db} --known ${known} --json`);
  expect(JSON.parse(again.out)).toMatchObject({ repaired: 0 });
});

test('a --known file of another application is refused and not changed, and a dry run creates none', async () => {
  const { blueWebhooks } = await startBlue();
  const folder = scratchFolder();
  const foreign = join(folder, 'orders.db');
  const database = new Libsql(foreign);
  database.exec('CREATE TABLE orders (id TEXT)');
  database.close();
  const before = readFileSync(foreign);
  for (const command of ['catch-up --since 2h --dry-run', 'watch w1']) {
    const { code, err } = await blueWebhooks(`${command} --known ${foreign}`);
    expect([code, err]).toEqual([1, expect.stringContaining('is not a database of sqliteKnown.')]);
  }
  expect(readFileSync(foreign).equals(before)).toBe(true);
  const absent = join(folder, 'absent.db');
  expect((await blueWebhooks(`catch-up --since 2h --known ${absent} --dry-run`)).code).toBe(0);
  expect(readdirSync(folder)).toEqual(['orders.db']);
});

test('nothing beside a --known file that another application has left is changed', async () => {
  const { blueWebhooks } = await startBlue();
  const folder = scratchFolder();
  const live = join(scratchFolder(), 'orders.db');
  const database = new Libsql(live);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('CREATE TABLE orders (id TEXT)');
  for (const end of ['', '-wal']) copyFileSync(`${live}${end}`, join(folder, `orders.db${end}`));
  database.close();
  for (const command of ['catch-up --since 2h --dry-run', 'watch w1']) {
    const { code } = await blueWebhooks(`${command} --known ${join(folder, 'orders.db')}`);
    expect(code).toBe(1);
  }
  expect(readdirSync(folder).sort()).toEqual(['orders.db', 'orders.db-wal']);
});

test('watch --recover brings a webhook back, and stores what was missed', async () => {
  const { blue, db, known, titles, blueWebhooks } = await afterAnHourOff();
  const stop = new AbortController();
  let output = '';
  const ran = blueWebhooks(`watch ${blue.webhook.id} --recover --every 1 --db ${db} --known ${known}`, {
    signal: stop.signal,
    onOutput: (text) => {
      output += text;
      if (output.includes('recovered (healthy)')) stop.abort();
    },
  });
  const { code, out } = await ran;
  expect(code).toBe(0);
  expect(out).toMatch(/ down \(off\): .*\n.* recovered \(healthy\): .*Caught up: 1 events stored/);
  expect(blue.webhook.enabled).toBe(true);
  await expect.poll(() => titles).toEqual(['Renamed while off']);
});
