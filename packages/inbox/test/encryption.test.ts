import { UnrecoverableError } from '@blue-webhooks/core';
import { compactDecrypt, decodeProtectedHeader } from 'jose';
import { describe, expect, test } from 'vitest';
import { type EncryptionKey, memoryStore, sqliteStore } from '../src/index';
import { openBeside } from './beside';
import { eventually, inboxWith, moved, post, signed } from './endpoint';
import { foundInDatabase, newTitle } from './privacy/bytes';
import { scratchFile } from './scratch';

const newKey = (id = 'a') => ({ id, key: crypto.getRandomValues(new Uint8Array(32)) });
const rowsOf = (path: string, sql: string) => openBeside(path).prepare(sql).all() as Record<string, unknown>[];
const textOf = (body: unknown) => Buffer.from(body as Uint8Array).toString();

describe('an encrypted file', () => {
  /** Stores deliveries in every state, of which each has a title that is nowhere else. */
  async function fill(path: string, keys?: readonly EncryptionKey[]) {
    const titles: string[] = [];
    const { inbox, heard } = inboxWith(
      {
        store: sqliteStore(path),
        ...(keys && { encrypt: { keys } }),
        retry: { firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 },
      },
      ({ rawBody }) => {
        const { title, outcome } = JSON.parse(rawBody).currentValue;
        if (outcome === 'dead') throw new UnrecoverableError(`refused ${title}`);
        if (outcome === 'retried') throw new Error(`${title} is down`);
      },
    );
    await inbox.start();
    for (let i = 0; i < 60; i++) {
      const title = newTitle();
      titles.push(title);
      const outcome = ['done', 'dead', 'retried'][i % 3];
      const previousValue = { id: `record ${i}`, title: `formerly ${title}` };
      expect(await post(inbox, await signed({ ...moved(`record ${i}`, { title, outcome }), previousValue }))).toBe(204);
    }
    await eventually(() => heard('succeeded').length + heard('dead-letter').length + heard('retried').length === 60);
    expect(await inbox.stats()).toMatchObject({ done: 20, dead: 20, waiting: 20 });
    return { inbox, titles };
  }

  test('contains no title, neither in its log nor in its shared memory, whatever became of the deliveries', async () => {
    const path = scratchFile();
    const { inbox, titles } = await fill(path, [newKey()]);
    expect(foundInDatabase(path, titles)).toEqual([]);
    openBeside(path).exec('PRAGMA wal_checkpoint(TRUNCATE)');
    expect(foundInDatabase(path, titles)).toEqual([]);
    await inbox.replay({ state: 'dead' });
    await eventually(async () => (await inbox.stats()).dead === 20);
    await inbox.stop();
    expect(foundInDatabase(path, titles)).toEqual([]);
  });

  test('is what keeps the titles out: without a key, all are in the files', async () => {
    const path = scratchFile();
    const { titles } = await fill(path);
    expect(foundInDatabase(path, titles)).toEqual(titles);
  });
});

describe('what is stored', () => {
  test('is a compact JWE that a library for JOSE decrypts', async () => {
    const path = scratchFile();
    const { id, key } = newKey('2026-11');
    const { inbox } = inboxWith({ store: sqliteStore(path), encrypt: { keys: [{ id, key }] } });
    const sent = await signed();
    await post(inbox, sent);
    const [row] = rowsOf(path, 'SELECT body FROM blue_bodies');
    const jwe = textOf(row?.body);
    expect(decodeProtectedHeader(jwe)).toEqual({
      ...{ alg: 'dir', enc: 'A256GCM', kid: id },
      ...{ delivery: sent.id, field: 'body' },
    });
    const { plaintext } = await compactDecrypt(jwe, key);
    expect(new TextDecoder().decode(plaintext)).toBe(textOf(sent.body));
  });

  test('differs each time, although the body is the same', async () => {
    const stored = async () => {
      const store = memoryStore();
      const { inbox } = inboxWith({ store, encrypt: { keys: [key] } });
      await post(inbox, sent);
      return (await store.get(sent.id))?.rawBody;
    };
    const key = newKey();
    const sent = await signed();
    expect(await stored()).not.toBe(await stored());
  });

  test.each([
    [
      'the bodies of two deliveries are exchanged',
      'CREATE TEMP TABLE other AS SELECT 3 - seq AS seq, body FROM blue_bodies; UPDATE blue_bodies SET body = (SELECT body FROM other WHERE other.seq = blue_bodies.seq)',
    ],
    [
      'an error stands in for a body',
      'UPDATE blue_bodies SET body = (SELECT CAST(last_error AS BLOB) FROM blue_deliveries AS one WHERE one.seq = blue_bodies.seq)',
    ],
    ['a delivery has the id of another', "UPDATE blue_deliveries SET id = 'x' || id"],
    [
      'a character is changed',
      "UPDATE blue_bodies SET body = CAST(substr(CAST(body AS TEXT), 1, length(body) - 30) || 'AAAA' || substr(CAST(body AS TEXT), length(body) - 25) AS BLOB)",
    ],
    [
      'a body is cut off',
      'UPDATE blue_bodies SET body = CAST(substr(CAST(body AS TEXT), 1, length(body) - 40) AS BLOB)',
    ],
  ])('is refused if %s', async (_title, sql) => {
    const path = scratchFile();
    const { inbox } = inboxWith({ store: sqliteStore(path), encrypt: { keys: [newKey()] } }, () => {
      throw new UnrecoverableError('no');
    });
    await inbox.start();
    for (let i = 0; i < 2; i++) await post(inbox, await signed());
    await eventually(async () => (await inbox.stats()).dead === 2);
    openBeside(path).exec(sql);
    for (const { id } of (await inbox.list()).deliveries) {
      await expect(inbox.get(id)).rejects.toMatchObject({ code: 'NOT_DECRYPTED' });
    }
  });

  test('shows errors that it cannot decrypt as such in lists', async () => {
    const path = scratchFile();
    const first = inboxWith({ store: sqliteStore(path), encrypt: { keys: [newKey()] } }, () => {
      throw new UnrecoverableError('no');
    });
    await first.inbox.start();
    await post(first.inbox, await signed());
    await eventually(async () => (await first.inbox.stats()).dead === 1);
    const { inbox } = inboxWith({ store: sqliteStore(path) });
    const [shown] = (await inbox.list()).deliveries;
    expect(shown?.lastError).toBe('Encrypted with a key that this inbox does not have.');
  });
});

describe('a key', () => {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const text = Buffer.from(bytes).toString('base64url');

  test('is taken as base64url text, as bytes, as a buffer and as a CryptoKey, which are the same', async () => {
    const usages = ['encrypt', 'decrypt'] as const;
    const cryptoKey = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, usages);
    const store = memoryStore();
    const inboxes = [text, `${text}=`, bytes, new Uint8Array(bytes).buffer, Buffer.from(bytes), cryptoKey].map((key) =>
      inboxWith({ store, encrypt: { keys: [{ id: 'a', key }] }, dedupe: 'change' }),
    );
    const sent = await Promise.all(inboxes.map(() => signed()));
    for (const [place, { inbox }] of inboxes.entries())
      expect(await post(inbox, sent[place] ?? (await signed()))).toBe(204);
    // Their digests are the same, too.
    for (const { inbox } of inboxes) for (const one of sent) expect(await post(inbox, one)).toBe(204);
    const [first] = inboxes as [(typeof inboxes)[0], ...unknown[]];
    const { deliveries } = await first.inbox.list();
    expect(deliveries).toHaveLength(inboxes.length);
    for (const { inbox } of inboxes) {
      const opened = await Promise.all(deliveries.map(({ id }) => inbox.get(id)));
      expect(opened.map((one) => one?.rawBody).sort()).toEqual(sent.map(({ body }) => textOf(body)).sort());
    }
  });

  test('cannot be changed by the caller afterwards', async () => {
    const mine = new Uint8Array(bytes);
    const store = memoryStore();
    const { inbox } = inboxWith({ store, encrypt: { keys: [{ id: 'a', key: mine }] } });
    mine.fill(0);
    const sent = await signed();
    await post(inbox, sent);
    const { inbox: other } = inboxWith({ store, encrypt: { keys: [{ id: 'a', key: bytes }] } });
    expect((await other.get(sent.id))?.rawBody).toBe(textOf(sent.body));
  });

  const hex = Buffer.from(bytes).toString('hex');
  const base64 = `${text.slice(0, 40)}+/=`;
  test.each([
    ['without keys', {}],
    ['with an empty list', { keys: [] }],
    ['with a list that is not one', { keys: text }],
    ['as null', null],
    ['as text', text],
    ['with a key that is undefined', { keys: [{ id: 'a', key: undefined }] }],
    ['with a key in hex', { keys: [{ id: 'a', key: hex }] }],
    ['with a key in base64', { keys: [{ id: 'a', key: base64 }] }],
    ['with a key that is too short', { keys: [{ id: 'a', key: bytes.subarray(1) }] }],
    ['with text that is too short', { keys: [{ id: 'a', key: text.slice(2) }] }],
    ['with a key that is too long', { keys: [{ id: 'a', key: `${text}AAAA` }] }],
    ['with a number as a key', { keys: [{ id: 'a', key: 7 }] }],
    ['without an id', { keys: [{ key: text }] }],
    ['with an id that a log cannot show', { keys: [{ id: 'a b', key: text }] }],
    ['with the key as its id', { keys: [{ id: `${text}${text}`, key: text }] }],
    [
      'with one id twice',
      {
        keys: [
          { id: 'a', key: text },
          { id: 'a', key: bytes },
        ],
      },
    ],
    ['with a key in place of a record', { keys: [text] }],
    ['with 17 keys', { keys: Array.from({ length: 17 }, (_, place) => ({ id: `${place}`, key: text })) }],
  ])('is refused %s, and never printed', (_title, encrypt) => {
    let message = '';
    try {
      inboxWith({ store: memoryStore(), encrypt: encrypt as never });
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      message = `${(error as Error).message} ${(error as Error).stack}`;
    }
    expect(message).toMatch(/encrypt/);
    for (const secret of [text, hex, base64]) expect(message).not.toContain(secret.slice(0, 16));
  });

  test('is refused as a CryptoKey that cannot encrypt, or is of another algorithm', async () => {
    const create = (key: EncryptionKey['key']) => () =>
      inboxWith({ store: memoryStore(), encrypt: { keys: [{ id: 'a', key }] } });
    const onlyDecrypts = await crypto.subtle.importKey('raw', bytes, 'AES-GCM', true, ['decrypt']);
    const cbc = await crypto.subtle.importKey('raw', bytes, 'AES-CBC', true, ['encrypt', 'decrypt']);
    const short = await crypto.subtle.importKey('raw', bytes.subarray(16), 'AES-GCM', true, ['encrypt', 'decrypt']);
    for (const key of [onlyDecrypts, cbc, short]) expect(create(key)).toThrow(/AES-GCM with 256 bits/);
  });
});

test('a delivery that cannot be decrypted is tried again after a minute, and named in the event', async () => {
  const path = scratchFile();
  const sent = await signed();
  const first = inboxWith({ store: sqliteStore(path), encrypt: { keys: [newKey('2026-10')] } });
  await post(first.inbox, sent);
  const { inbox, heard } = inboxWith({ store: sqliteStore(path), encrypt: { keys: [newKey('2026-11')] } });
  await inbox.start();
  await eventually(() => heard('unreadable').length > 0);
  const [event] = heard('unreadable');
  if (event?.type !== 'unreadable') throw new Error('unreachable');
  expect(event.delivery.id).toBe(sent.id);
  expect(event.error.message).toBe(
    "The delivery is encrypted with the key '2026-10', which this inbox does not have: add it to `encrypt.keys`, after the first.",
  );
  const inMs = event.until.getTime() - Date.now();
  expect(inMs).toBeGreaterThan(50_000);
  expect(inMs).toBeLessThanOrEqual(60_000);
  await eventually(async () => (await inbox.stats()).waiting === 1);
  await inbox.stop();
  expect(heard('unreadable')).toHaveLength(1);
  const stored = rowsOf(path, 'SELECT attempts, state FROM blue_deliveries');
  expect(stored.map((row) => ({ ...row }))).toEqual([{ attempts: 0, state: 'waiting' }]);
});

test('an inbox without `encrypt` stores what was sent, as before', async () => {
  const store = memoryStore();
  const { inbox } = inboxWith({ store });
  const sent = await signed();
  await post(inbox, sent);
  expect((await store.get(sent.id))?.rawBody).toBe(textOf(sent.body));
});
