import { UnrecoverableError } from '@blue-webhooks/core';
import { fixtures } from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';
import { createInbox, type InboxOptions, memoryStore, sqliteStore } from '../src/index';
import { eventually, healthCheck, inboxWith, moved, post, signed } from './endpoint';
import { scratchFile } from './scratch';

describe('options', () => {
  const { inbox } = { inbox: (options: object) => () => createInbox(options as InboxOptions) };
  const receiver = { verify: () => {}, dispatch: () => {} };
  const store = memoryStore();

  test.each([
    ['no options', undefined, 'createInbox needs options'],
    ['no receiver', { store }, 'createReceiver'],
    ['an object that is not a receiver', { store, receiver: {} }, 'createReceiver'],
    ['no store', { receiver }, "pass sqliteStore('blue-inbox.db')"],
    ['a store that lacks a method', { receiver, store: { ...store, renew: undefined } }, 'store.renew'],
    ['an unknown order', { receiver, store, order: 'fifo' }, 'order must be'],
    ['a concurrency of 0', { receiver, store, concurrency: 0 }, 'concurrency'],
    ['half an attempt', { receiver, store, retry: { maxAttempts: 0.5 } }, 'retry.maxAttempts'],
    ['a negative delay', { receiver, store, retry: { firstDelayMs: -1 } }, 'retry.firstDelayMs'],
    ['a delay of more than a day', { receiver, store, retry: { maxDelayMs: 86_400_001 } }, 'retry.maxDelayMs'],
    ['jitter beyond 1', { receiver, store, retry: { jitter: 2 } }, 'retry.jitter'],
    ['a duration as a string', { receiver, store, timeoutMs: '5 minutes' }, 'timeoutMs'],
    ['a dedupeMs of one second', { receiver, store, dedupeMs: 1_000, retentionMs: 1_000 }, 'dedupeMs must be at least'],
    ['a dedupeMs shorter than Blue’s retries', { receiver, store, dedupeMs: 599_999 }, 'To keep less, set retentionMs'],
    ['a hook that is not a function', { receiver, store, onEvent: 'log' }, 'onEvent'],
    ['a hook for dead letters that is not a function', { receiver, store, onDeadLetter: {} }, 'onDeadLetter'],
    ['skipStale that is not a boolean', { receiver, store, skipStale: 'yes' }, 'skipStale'],
    ['an object that is not a tracing', { receiver, store, tracing: {} }, 'traceAttempts'],
    ['a lease without end', { receiver, store, leaseMs: Number.POSITIVE_INFINITY }, 'leaseMs'],
  ])('%s is a TypeError that names the option', (_what, options, message) => {
    expect(inbox(options as object)).toThrow(TypeError);
    expect(inbox(options as object)).toThrow(message);
  });

  test('a short retentionMs is accepted, and a duplicate of a deleted delivery is still recognised', async () => {
    let runs = 0;
    const store = sqliteStore(scratchFile());
    const { inbox } = inboxWith({ store, retentionMs: 1, dedupeMs: 600_000 }, () => {
      runs += 1;
    });
    await inbox.start();
    const sent = await signed();
    expect(await post(inbox, sent)).toBe(204);
    await eventually(async () => (await inbox.stats()).done === 1);
    await eventually(async () => (await inbox.prune()) === 1);
    expect(await post(inbox, sent)).toBe(204);
    expect(await inbox.get(sent.id)).toBeUndefined();
    expect(runs).toBe(1);
  });

  test('an olderThan that is not a date is a TypeError', async () => {
    const { inbox } = inboxWith({ store: memoryStore() });
    await expect(inbox.prune({ olderThan: new Date('never') })).rejects.toThrow(TypeError);
  });
});

describe('starting and stopping', () => {
  test('a store that is not durable is reported at start', async () => {
    const { inbox, heard } = inboxWith({ store: memoryStore() });
    await inbox.start();
    expect(heard('not-durable')).toEqual([{ type: 'not-durable', reason: memoryStore().notDurable }]);
  });

  test('an inbox that is stopped while it starts does no work', async () => {
    const { inbox, events } = inboxWith({ store: sqliteStore(scratchFile()), pollMs: 1 });
    const sent = await signed();
    await post(inbox, sent);
    await Promise.all([inbox.start(), inbox.stop()]);
    for (let looks = 0; looks < 20; looks++) expect((await inbox.get(sent.id))?.state).toBe('waiting');
    expect(events.map(({ type }) => type)).toEqual(['stored']);
  });

  test('a stopped inbox can be started again', async () => {
    const { inbox } = inboxWith({ store: sqliteStore(scratchFile()) });
    await inbox.start();
    await inbox.stop();
    await inbox.start();
    const sent = await signed();
    expect(await post(inbox, sent)).toBe(204);
    await eventually(async () => (await inbox.get(sent.id))?.state === 'done');
  });

  test('an immediate stop returns deliveries that were just leased', async () => {
    const path = scratchFile();
    for (let round = 0; round < 10; round++) {
      const { inbox } = inboxWith(
        { store: sqliteStore(path) },
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      );
      await post(inbox, await signed());
      await inbox.start();
      if (round % 2) await eventually(async () => (await inbox.stats()).active > 0);
      await inbox.stop({ timeoutMs: 0 });
      const { inbox: other } = inboxWith({ store: sqliteStore(path) });
      expect((await other.stats()).active).toBe(0);
    }
  });

  test('a stop ends even if a handler ignores its signal, and the attempt does not count', async () => {
    const { inbox, heard } = inboxWith({ store: sqliteStore(scratchFile()) }, () => new Promise(() => {}));
    await inbox.start();
    const sent = await signed();
    await post(inbox, sent);
    await eventually(() => heard('started').length === 1);
    await inbox.stop({ timeoutMs: 0 });
    expect(await inbox.get(sent.id)).toMatchObject({ state: 'waiting', attempts: 0 });
  });
});

describe('attempts', () => {
  test('a delivery whose process ended during its last attempt is a dead letter, and is not run again', async () => {
    const store = sqliteStore(scratchFile());
    const sent = await signed();
    let runs = 0;
    const { inbox } = inboxWith({ store, leaseMs: 100, retry: { maxAttempts: 2 } }, () => {
      runs += 1;
    });
    await post(inbox, sent);
    // Two holders that do not renew their leases, like killed processes.
    for (let holder = 0; holder < 2; holder++) {
      await eventually(async () => (await store.lease({ limit: 1, leaseMs: 60, findStale: false })).length === 1);
    }
    await inbox.start();
    const dead = await eventually(async () => (await inbox.list({ state: 'dead' })).deliveries[0]);
    expect(dead).toMatchObject({ id: sent.id, attempts: 3 });
    expect(dead.lastError).toContain('The process ended during the last attempt.');
    expect(runs).toBe(0);
  });

  test('whatever a handler throws is stored as far as it can be described', async () => {
    const hostile = new Proxy(new Error('hidden'), {
      get: () => {
        throw new Error('a trap');
      },
    });
    const thrown = [
      undefined,
      null,
      'text',
      Symbol('symbol'),
      hostile,
      { toString: null },
      '\ud800 half a character\u0000',
    ];
    const { inbox } = inboxWith({ store: sqliteStore(scratchFile()), retry: { maxAttempts: 1 } }, ({ event }) => {
      throw thrown[Number((event as { currentValue: { title: string } }).currentValue.title)];
    });
    await inbox.start();
    for (const place of thrown.keys()) {
      expect(await post(inbox, await signed(moved(`record ${place}`, { title: String(place) })))).toBe(204);
    }
    await eventually(async () => (await inbox.stats()).dead === thrown.length);
    const { deliveries } = await inbox.list({ state: 'dead' });
    expect(deliveries.every(({ lastError }) => typeof lastError === 'string' && lastError !== '')).toBe(true);
  });

  test('marking an active delivery as dead aborts its handler, and it stays dead', async () => {
    const { inbox, heard } = inboxWith(
      { store: sqliteStore(scratchFile()), leaseMs: 100 },
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    await inbox.start();
    const sent = await signed();
    await post(inbox, sent);
    await eventually(() => heard('started').length === 1);
    expect(await inbox.markDead(sent.id)).toBe(true);
    await eventually(() => heard('returned').length === 1);
    expect((await inbox.get(sent.id))?.state).toBe('dead');
  });
});

describe('skipStale', () => {
  const at = (minute: number) => ({ updatedAt: new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString() });
  const removed = {
    ...fixtures.TODO_DELETED,
    previousValue: { ...fixtures.TODO_DELETED.previousValue, id: 'a', ...at(1) },
  };

  test.each([
    [true, ['done', 'skipped', 'done']],
    [false, ['done', 'done', 'done']],
  ])('%s makes an older update, and a deletion after it, %j', async (skipStale, states) => {
    const { inbox, heard } = inboxWith({ store: sqliteStore(scratchFile()), skipStale });
    await inbox.start();
    const sent = [await signed(moved('a', at(9))), await signed(moved('a', at(2))), await signed(removed)];
    for (const one of sent) expect(await post(inbox, one)).toBe(204);
    await eventually(async () => (await inbox.get(sent[2]?.id ?? ''))?.state === 'done');
    expect(await Promise.all(sent.map(async ({ id }) => (await inbox.get(id))?.state))).toEqual(states);
    expect(heard('skipped')).toHaveLength(skipStale ? 1 : 0);
  });
});

describe('a health check', () => {
  test('may be observed, and an observer that throws does not change the answer', async () => {
    const seen: string[] = [];
    const { inbox } = inboxWith({ store: memoryStore() }, ({ event }) => {
      seen.push(event.event);
      throw new UnrecoverableError('no');
    });
    expect(await post(inbox, await healthCheck())).toBe(204);
    expect(seen).toEqual(['WEBHOOK_HEALTH_CHECK']);
  });
});

test('order: none handles deliveries of one entity concurrently', async () => {
  let release = () => {};
  const both = new Promise<void>((resolve) => {
    release = resolve;
  });
  let running = 0;
  const { inbox } = inboxWith({ store: sqliteStore(scratchFile()), order: 'none' }, () => {
    running += 1;
    if (running === 2) release();
    return both;
  });
  for (let i = 0; i < 2; i++) expect(await post(inbox, await signed(moved('a')))).toBe(204);
  await inbox.start();
  await eventually(async () => (await inbox.stats()).done === 2);
});
