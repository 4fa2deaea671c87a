import { createReceiver, type StoredDelivery } from '@blue-webhooks/core';
import { fixtures } from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';
import { bullmqInbox } from '../src/bullmq';
import { createInbox, memoryStore, sqliteStore } from '../src/index';
import { scratchFile } from './scratch';

test('handles a backfilled event once, marked as such', async () => {
  const seen: unknown[] = [];
  const receiver = createReceiver({ secret: 's' }).on('TODO_MOVED', (event, { id, signature, attempt }) => {
    seen.push([id, event.currentValue.title, signature, attempt]);
  });
  const inbox = createInbox({ receiver, store: memoryStore() });
  await inbox.start();
  const delivery: StoredDelivery = {
    id: 'f'.repeat(32),
    rawBody: JSON.stringify(fixtures.TODO_MOVED),
    signature: 'backfill',
    secretId: undefined,
    receivedAt: new Date(),
    attempt: undefined,
    signal: new AbortController().signal,
  };
  expect(await inbox.accept(delivery)).toBe('stored');
  expect(await inbox.accept(delivery)).toBe('duplicate');
  await expect.poll(() => seen).toEqual([[delivery.id, fixtures.TODO_MOVED.currentValue.title, 'backfill', 1]]);
  await expect.poll(() => inbox.stats()).toMatchObject({ done: 1, waiting: 0 });
  await inbox.stop();
  await expect(inbox.accept({ ...delivery, rawBody: 'nonsense' })).rejects.toMatchObject({ code: 'BODY_NOT_JSON' });
});

describe('accept refuses with a TypeError, and stores nothing, ', () => {
  const receiver = createReceiver({ secret: 's' });
  const valid: StoredDelivery = {
    id: 'f'.repeat(32),
    rawBody: JSON.stringify(fixtures.TODO_MOVED),
    signature: 'backfill',
    secretId: undefined,
    receivedAt: new Date(),
    attempt: undefined,
    signal: new AbortController().signal,
  };
  const invalid: Record<string, Record<string, unknown>> = {
    'an id that is empty': { id: '' },
    'an id of 65 characters': { id: 'f'.repeat(65) },
    'an id of a megabyte': { id: 'f'.repeat(1_048_576) },
    'an id that is a number': { id: 7 },
    'an id that is a bigint': { id: 7n },
    'an id that is missing': { id: undefined },
    'an id that is an object with toString': { id: { toString: () => 'f'.repeat(32) } },
    'an id with NUL': { id: 'a\0b' },
    'an id with half a surrogate pair': { id: 'a\ud800' },
    'a body of bytes': { rawBody: new Uint8Array(3) },
    'an unknown signature': { signature: 'trusted' },
    'a secretId that is a number': { secretId: 7 },
    'a time that is a string': { receivedAt: '2026-01-12T10:30:41.508Z' },
    'an invalid time': { receivedAt: new Date(Number.NaN) },
  };

  test.each(Object.keys(invalid))('%s', async (name) => {
    const stores = [memoryStore(), sqliteStore(scratchFile())];
    for (const store of stores) {
      const inbox = createInbox({ receiver, store });
      await inbox.start();
      const given = { ...valid, ...invalid[name] } as StoredDelivery;
      await expect(inbox.accept(given)).rejects.toThrow(TypeError);
      expect((await inbox.list()).deliveries).toEqual([]);
      await inbox.stop();
    }
  });

  test.each([undefined, null, 'text', []])('%j instead of a delivery', async (given) => {
    const inbox = createInbox({ receiver, store: memoryStore() });
    await expect(inbox.accept(given as never)).rejects.toThrow(TypeError);
  });

  test('an id that BullMQ would take for a key of its own, before any connection', async () => {
    const inbox = bullmqInbox({ receiver, connection: { url: 'redis://127.0.0.1:1' } });
    for (const id of ['meta', 'repeat:1', 'F'.repeat(32), 'f'.repeat(64)]) {
      await expect(inbox.accept({ ...valid, id })).rejects.toThrow(TypeError);
    }
    await inbox.stop();
  });
});
