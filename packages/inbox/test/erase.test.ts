import { UnrecoverableError } from '@blue-webhooks/core';
import Libsql from 'libsql';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sqliteStore } from '../src/index';
import { openBeside } from './beside';
import { drivers } from './drivers';
import { eventually, inboxWith, moved, post, signed } from './endpoint';
import { foundInDatabase, newTitle } from './privacy/bytes';
import { scratchFile } from './scratch';

/** Long enough to need overflow pages now and then. */
const filler = (i: number) => 'x'.repeat([0, 500, 3_000, 9_000][i % 4] ?? 0);

/** Fills a file with deliveries of many entities, in every state, some of them pruned or replayed. Returns the texts of each entity. */
async function fill(source: Parameters<typeof sqliteStore>[0], rounds: number) {
  const texts = { erased: ['record erased'], kept: ['record kept'] };
  const { inbox, heard } = inboxWith(
    { store: sqliteStore(source), retry: { firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 }, order: 'none' },
    ({ rawBody }) => {
      const { title, outcome } = JSON.parse(rawBody).currentValue;
      if (outcome === 'dead') throw new UnrecoverableError(`refused ${title}`);
      if (outcome === 'retried') throw new Error(`down: ${title}`);
    },
  );
  await inbox.start();
  const ended = () => heard('succeeded').length + heard('dead-letter').length + heard('retried').length;
  let sent = 0;
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < 40; i++) {
      const which = i % 4 === 1 ? 'erased' : i % 4 === 2 ? 'kept' : undefined;
      const title = newTitle();
      if (which) texts[which].push(title);
      const outcome = ['done', 'dead', 'retried'][(i + round) % 3];
      const payload = moved(which ? `record ${which}` : `record ${round} ${i}`, {
        title,
        outcome,
        filler: filler(i + round),
      });
      await post(inbox, await signed(payload));
      sent += 1;
    }
    await eventually(() => ended() === sent);
    if (round === 0) {
      // Deleted, moved and rewritten rows leave bytes in the file, too.
      texts.kept.splice(1);
      await inbox.prune({ olderThan: new Date(Date.now() + 1), deadLetters: true });
    } else if (round % 2 === 1) {
      sent += await inbox.replay({ state: 'dead' });
      await eventually(() => ended() === sent);
    }
  }
  return { inbox, texts };
}

describe.each(drivers)('with $name', ({ create }) => {
  test('no byte of an erased entity is left in the file, its log and its shared memory', {
    timeout: 60_000,
  }, async () => {
    const path = scratchFile();
    const { inbox, texts } = await fill(create(path), 5);
    const before = foundInDatabase(path, texts.erased);
    expect(before.length).toBeGreaterThan(20);
    const { deliveries } = await inbox.list({ entityId: 'record erased', limit: 1_000 });
    expect(deliveries.length).toBeGreaterThan(40);
    expect(await inbox.erase({ entityId: 'record erased' })).toEqual({ erased: deliveries.length, active: 0 });
    expect(foundInDatabase(path, texts.erased)).toEqual([]);
    expect(foundInDatabase(path, texts.kept)).toEqual(texts.kept);
    expect(openBeside(path).prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  });
});

test("a handle keeps the application's own setting of secure_delete", async () => {
  const path = scratchFile();
  const handle = new Libsql(path);
  onTestFinished(() => void handle.close());
  handle.exec('PRAGMA secure_delete = 0');
  const { inbox } = inboxWith({ store: sqliteStore(handle) });
  await post(inbox, await signed(moved('a')));
  await inbox.erase({ entityId: 'a' });
  expect(handle.prepare('PRAGMA secure_delete').all()).toEqual([{ secure_delete: 0 }]);
});

test('while another connection reads an earlier state, what was erased is reported as left in the log, and can be erased again', async () => {
  const path = scratchFile();
  const { inbox, heard } = inboxWith({ store: sqliteStore(path, { busyTimeoutMs: 200 }) });
  const title = newTitle();
  await post(inbox, await signed(moved('a', { title })));
  const reader = openBeside(path);
  reader.exec('BEGIN');
  reader.prepare('SELECT * FROM blue_deliveries').all();
  await expect(inbox.erase({ entityId: 'a' })).rejects.toMatchObject({ name: 'StoreError', code: 'NOT_ERASED' });
  expect((await inbox.list()).deliveries).toEqual([]);
  expect(foundInDatabase(path, [title])).toEqual([title]);
  reader.exec('COMMIT');
  expect(await inbox.erase({ entityId: 'a' })).toEqual({ erased: 0, active: 0 });
  expect(foundInDatabase(path, [title])).toEqual([]);
  expect(await post(inbox, await signed(moved('b')))).toBe(204);
  expect(heard('store-failed')).toEqual([]);
});

test('the signal of a running handler aborts when its delivery is erased, and a transaction of it is rolled back', async () => {
  const path = scratchFile();
  openBeside(path).exec('PRAGMA journal_mode = WAL; CREATE TABLE titles (title TEXT)');
  let abortedWith: unknown;
  let isRunning = false;
  const options = { store: sqliteStore(path), leaseMs: 60_000 }; // renewed every 20 seconds
  const { inbox, heard } = inboxWith(options, async ({ signal }) => {
    isRunning = true;
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    abortedWith = signal.reason;
  });
  inbox.transaction('TODO_MOVED', { name: 'titles' }, ({ currentValue }, tx) => {
    (tx as { run(sql: string, title: string): void }).run('INSERT INTO titles VALUES (?)', currentValue.title);
  });
  await inbox.start();
  await post(inbox, await signed(moved('a')));
  await eventually(() => isRunning);
  expect(await inbox.erase({ entityId: 'a' })).toEqual({ erased: 1, active: 1 });
  await eventually(() => abortedWith);
  await eventually(() => heard('returned').length === 1);
  expect(openBeside(path).prepare('SELECT * FROM titles').all()).toEqual([]);
  expect((await inbox.stats()).active).toBe(0);
});

test('erases the deliveries of a webhook among ten thousand others', { timeout: 60_000 }, async () => {
  const path = scratchFile();
  const store = sqliteStore(path);
  await store.open();
  const database = openBeside(path);
  database.exec(`BEGIN;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
    INSERT INTO blue_deliveries (id, event, webhook_id, state, received_at, signature)
    SELECT i, 'TODO_MOVED', CASE WHEN i % 12000 = 0 THEN 'gone' ELSE 'other' END, 'done', i, 'verified' FROM n;
    INSERT INTO blue_bodies SELECT seq, CAST('{}' AS BLOB) FROM blue_deliveries; COMMIT`);
  const { inbox } = inboxWith({ store });
  expect(await inbox.erase({ webhookId: 'gone' })).toEqual({ erased: 2, active: 0 });
  expect((await inbox.stats()).done).toBe(24_998);
});
