import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createReceiver, UnrecoverableError } from '@blue-webhooks/core';
import { createInbox, type EncryptOptions, sqliteStore } from '@blue-webhooks/inbox';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { expect, onTestFinished, test } from 'vitest';
import { scratchFolder } from './files';
import { run, testSecret } from './run';

/** Creates an inbox that has handled three deliveries: of a record, of its comment, and of another record. */
async function inboxFile(encrypt?: EncryptOptions) {
  const db = join(scratchFolder(), 'blue-inbox.db');
  let ended = 0;
  let allEnded = () => {};
  const done = new Promise<void>((resolve) => {
    allEnded = resolve;
  });
  const inbox = createInbox({
    receiver: createReceiver({ secret: testSecret }).onAny((event) => {
      throw new UnrecoverableError(`refused ${JSON.stringify(event).slice(0, 20)}`);
    }),
    store: sqliteStore(db),
    encrypt,
    onEvent: ({ type }) => {
      if (type === 'dead-letter') ended += 1;
      if (ended === 3) allEnded();
    },
  });
  onTestFinished(() => inbox.stop());
  const ids: string[] = [];
  const { TODO_CREATED: created, COMMENT_CREATED: commented } = fixtures;
  for (const event of [
    { ...created, currentValue: { ...created.currentValue, id: 'record', title: 'Zoë Nowak' } },
    { ...commented, currentValue: { ...commented.currentValue, todo: { id: 'record', title: 'Zoë Nowak' } } },
    { ...created, currentValue: { ...created.currentValue, id: 'other', title: 'Adam Kowalski' } },
  ]) {
    const { body, headers } = await signedDelivery(event, { secret: testSecret });
    const header = (name: string) => (name === 'x-signature' ? headers['x-signature'] : null);
    expect((await inbox.handle({ method: 'POST', header, body })).status).toBe(204);
    ids.push(headers['x-signature'].slice(0, 32));
  }
  await inbox.start();
  await done;
  await inbox.stop();
  return { db, ids };
}

const command =
  (db: string, env: Readonly<Record<string, string>> = {}) =>
  (...args: string[]) =>
    run(['inbox', ...args, '--db', db], { env });
/** The bytes of the file and of its write-ahead log. */
const bytes = (db: string) =>
  ['', '-wal'].map((end) => (existsSync(`${db}${end}`) ? readFileSync(`${db}${end}`).toString() : '')).join('');

test('erases an entity from the bytes of the file, and with --mentions what names it', async () => {
  const { db } = await inboxFile();
  const inbox = command(db);
  expect(bytes(db)).toContain('Zoë Nowak');
  expect(await inbox('erase', '--entity', 'record')).toEqual({ code: 0, out: 'Erased 1 delivery.\n', err: '' });
  expect(bytes(db)).toContain('Zoë Nowak'); // in the comment
  const erased = await inbox('erase', '--entity', 'record', '--mentions', '--json');
  expect(JSON.parse(erased.out)).toEqual({ erased: 1, active: 0 });
  expect(bytes(db)).not.toContain('Zoë Nowak');
  expect(bytes(db)).toContain('Adam Kowalski');
  expect(await inbox('erase', '--entity', 'record')).toMatchObject({ code: 1, out: 'Erased 0 deliveries.\n' });
});

test('erases by id, or its beginning, and by webhook', async () => {
  const { db, ids } = await inboxFile();
  const inbox = command(db);
  expect(await inbox('erase', ids[0]?.slice(0, 10) ?? '', ids[1] ?? '')).toMatchObject({
    out: 'Erased 2 deliveries.\n',
  });
  const [left] = JSON.parse((await inbox('list', '--json')).out);
  expect(left.id).toBe(ids[2]);
  expect(await inbox('erase', '--webhook', left.webhookId)).toMatchObject({ code: 0, out: 'Erased 1 delivery.\n' });
});

test.each([
  [['erase'], /takes --entity and --webhook, or IDs/],
  [['erase', '--state', 'dead'], /no other filter/],
  [['erase', 'abcdef', '--entity', 'record'], /or IDs, and no other filter/],
  [['erase', '--entity', 'record', '--event', 'todo_moved'], /no other filter/],
  [['erase', '--webhook', 'w', '--mentions'], /mentions needs entityId/],
])('refuses inbox %j, and erases nothing', async (args, message) => {
  const { db } = await inboxFile();
  const { code, err } = await command(db)(...args);
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  expect(await sqliteStore(db, { readOnly: true }).stats()).toMatchObject({ dead: 3 });
});

test('reads an encrypted inbox with the keys in BLUE_INBOX_KEYS, and says when they are missing', async () => {
  const key = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url');
  const { db, ids } = await inboxFile({ keys: [{ id: '2026-11', key }] });
  const [id = ''] = ids;
  expect(bytes(db)).not.toContain('Nowak');
  const without = command(db);
  const refused = await without('show', id);
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringMatching(/encrypted with the key '2026-11'.*BLUE_INBOX_KEYS/),
  ]);
  expect((await without('list')).out).toContain('Encrypted with a key');
  expect(await without('replay', id)).toMatchObject({ code: 0 });
  const withKey = command(db, { BLUE_INBOX_KEYS: `old=${key.replace(/^./, 'A')},2026-11=${key}` });
  expect((await withKey('show', id)).out).toContain('Zoë Nowak');
  expect((await withKey('erase', '--entity', 'record', '--mentions')).out).toBe('Erased 2 deliveries.\n');
  for (const wrong of [`2026-11:${key}`, '2026-11=short']) {
    const { code, err } = await command(db, { BLUE_INBOX_KEYS: wrong })('show', ids[2] ?? '');
    expect([code, err.includes(key)]).toEqual([2, false]);
  }
});

test("refuses to erase from a recording of 'listen', which has more copies", async () => {
  const { db } = await inboxFile();
  const { openDatabase } = await import('../src/listen/database');
  const database = openDatabase(db);
  database.exec('CREATE TABLE journal_deliveries (seq INTEGER)');
  database.close();
  const { code, err } = await command(db)('erase', '--entity', 'record');
  expect([code, err]).toEqual([2, expect.stringMatching(/recording of 'listen'.*delete the file/)]);
});
