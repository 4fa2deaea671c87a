import { setTimeout as sleep } from 'node:timers/promises';
import { createReceiver, type Delivery } from '@blue-webhooks/core';
import { fixtures, signedRequest } from '@blue-webhooks/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bullmqInbox } from '../src/bullmq';
import { delivery } from '../src/contract/new-deliveries';
import { createInbox, type InboxEvent, type InboxStore, type Limit, memoryStore } from '../src/index';
import { begun, ended, roomOf } from '../src/limit-state';
import { type TestInbox, type TestInboxOptions, testInbox } from '../src/testing';
import { eventually } from './endpoint';

const secret = 'a secret of the tests';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const rawBody = '{"event":"TODO_MOVED","currentValue":{"id":"1","title":"T"}}';

let sent = 0;

/** Sends a delivery of an entity of its own. */
async function send(inbox: TestInbox, title = 'a title'): Promise<void> {
  sent += 1;
  const { TODO_CREATED } = fixtures;
  const currentValue = { ...TODO_CREATED.currentValue, id: `record ${sent}`, title };
  const request = await signedRequest({ ...TODO_CREATED, currentValue }, { secret, url: 'http://localhost/' });
  expect((await inbox.fetch(request)).status).toBe(204);
}

describe('in virtual time', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  /** Returns an inbox, and when its handler was called, in milliseconds since now. */
  function inboxOf(
    handler: (delivery: Delivery, title: string, now: number) => unknown,
    options: TestInboxOptions,
  ): { inbox: TestInbox; calls: number[]; events: InboxEvent[] } {
    const calls: number[] = [];
    const events: InboxEvent[] = [];
    const receiver = createReceiver({ secret }).on('TODO_CREATED', ({ currentValue }, received) => {
      calls.push(inbox.elapsedMs);
      return handler(received, currentValue.title, inbox.elapsedMs);
    });
    const inbox = testInbox(receiver, { ...options, onEvent: (event) => events.push(event) });
    return { inbox, calls, events };
  }

  const opened = (events: readonly InboxEvent[]) => events.filter(({ type }) => type === 'breaker-opened').length;

  test('one hour of a system that is down costs at most one call a minute, and no dead letter', async () => {
    const { inbox, calls, events } = inboxOf(
      (_delivery, _title, now) => {
        if (now < HOUR_MS) throw new Error('down');
      },
      { limits: [{ key: () => 'crm', breaker: { failures: 5 } }], retry: { maxAttempts: 5, jitter: 0 } },
    );
    for (let i = 0; i < 100; i++) await send(inbox);
    await inbox.drain();
    const during = calls.filter((at) => at < HOUR_MS);
    const probes = during.slice(5);
    expect(probes.length).toBeGreaterThan(55);
    expect(probes.length).toBeLessThanOrEqual(60);
    for (const [place, at] of probes.entries()) {
      expect(at - (during[place + 4] ?? 0)).toBeGreaterThanOrEqual(MINUTE_MS);
    }
    expect(await inbox.stats()).toMatchObject({ done: 100, dead: 0, limits: [] });
    expect(events.filter(({ type }) => type.startsWith('breaker-'))).toEqual([
      { type: 'breaker-opened', key: 'crm', failures: 5 },
      { type: 'breaker-closed', key: 'crm' },
    ]);
  });

  test('one delivery alone is tried once a minute while the system is down, and never becomes a dead letter', async () => {
    const { inbox, calls } = inboxOf(
      (_delivery, _title, now) => {
        if (now < HOUR_MS) throw new Error('down');
      },
      { limits: [{ key: () => 'crm', breaker: { failures: 2 } }], retry: { maxAttempts: 2, jitter: 0 } },
    );
    await send(inbox);
    await inbox.drain();
    expect(calls.length).toBeLessThan(63);
    expect(await inbox.stats()).toMatchObject({ done: 1, dead: 0 });
  });

  test('a delivery that always fails does not keep the breaker of its key open', async () => {
    const others: number[] = [];
    let sentAt = 0;
    const { inbox, events } = inboxOf(
      async (_delivery, title, now) => {
        if (title !== 'poison') return void others.push(now);
        if (sentAt === 0 && opened(events) > 0) {
          for (let i = 0; i < 20; i++) await send(inbox);
          sentAt = now;
        }
        if (now < 2 * HOUR_MS) throw new Error('cannot be handled');
      },
      { limits: [{ key: () => 'crm', breaker: { failures: 3 } }], retry: { maxAttempts: 24, jitter: 0 } },
    );
    await send(inbox, 'poison');
    await inbox.drain();
    expect(await inbox.stats()).toMatchObject({ done: 21, dead: 0 });
    expect(others).toHaveLength(20);
    expect((others.at(-1) ?? 0) - sentAt).toBeLessThanOrEqual(2 * MINUTE_MS);
    expect(events.filter(({ type }) => type === 'breaker-closed').length).toBeGreaterThan(0);
  });

  test('a minute never has more attempts than perMinute, and a delivery under no limit does not wait', async () => {
    const { inbox, calls } = inboxOf(() => {}, { limits: [{ key: () => 'crm', perMinute: 20 }], concurrency: 5 });
    for (let i = 0; i < 130; i++) await send(inbox);
    await inbox.drain();
    expect(calls).toHaveLength(130);
    for (const [place, at] of calls.entries()) {
      expect((calls[place + 20] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(MINUTE_MS);
    }
    expect(inbox.elapsedMs).toBeLessThan(8 * MINUTE_MS);
  });

  test('an attempt of one key waits for none of another', async () => {
    const { inbox, calls, events } = inboxOf(
      (_delivery, title) => {
        if (title === 'a') throw new Error('down');
      },
      {
        limits: [{ key: ({ entityId = '' }) => (Number(entityId.slice(7)) % 2 ? 'odd' : 'even'), perMinute: 1 }],
        retry: { maxAttempts: 1 },
      },
    );
    for (let i = 0; i < 4; i++) await send(inbox);
    await inbox.drain();
    expect(calls.filter((at) => at === 0)).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'succeeded')).toHaveLength(4);
  });
});

test('what waits for a limit costs no more calls of the store than polling', async () => {
  const counts = { lease: 0, updateLimits: 0, settle: 0 };
  const store = memoryStore();
  const counting: InboxStore = { ...store };
  for (const name of Object.keys(counts) as (keyof typeof counts)[]) {
    Object.assign(counting, {
      [name]: (...given: never[]) => {
        counts[name] += 1;
        return (store[name] as (...all: never[]) => unknown)(...given);
      },
    });
  }
  for (let i = 0; i < 500; i++) await store.put(delivery({ rawBody }));
  const inbox = createInbox({
    receiver: createReceiver({ allowUnsigned: true }).on('TODO_MOVED', () => Promise.reject(new Error('down'))),
    store: counting,
    pollMs: 50,
    limits: [
      { key: () => 'a', breaker: { failures: 2, pauseMs: 3_600_000 } },
      { key: () => 'b', concurrency: 100 },
    ],
  });
  await inbox.start();
  await eventually(
    async () => (await store.list({ limit: 1_000 })).deliveries.filter((one) => one.limitKey).length > 480,
  );
  await sleep(200);
  Object.assign(counts, { lease: 0, updateLimits: 0, settle: 0 });
  await sleep(1_000);
  await inbox.stop();
  expect(counts.lease).toBeGreaterThan(5);
  expect(counts.lease).toBeLessThanOrEqual(21);
  expect([counts.updateLimits, counts.settle]).toEqual([0, 0]);
});

test('a store that cannot store the state of limits is reported, and no attempt is lost or counted', async () => {
  const store = memoryStore();
  let fails = true;
  const failing: InboxStore = {
    ...store,
    updateLimits: (update) => (fails ? Promise.reject(new Error('disk')) : store.updateLimits(update)),
  };
  const events: InboxEvent[] = [];
  const inbox = createInbox({
    receiver: createReceiver({ allowUnsigned: true }),
    store: failing,
    pollMs: 20,
    limits: [{ key: () => 'a', concurrency: 1 }],
    onEvent: (event) => events.push(event),
  });
  await store.put(delivery());
  await inbox.start();
  await sleep(300);
  const failures = events.filter(({ type }) => type === 'store-failed').length;
  expect([failures > 2, failures <= 16, (await store.stats()).waiting]).toEqual([true, true, 1]);
  fails = false;
  await eventually(async () => (await store.stats()).done === 1);
  expect((await store.list({})).deliveries[0]?.attempts).toBe(1);
  await inbox.stop();
});

describe('a clock that is turned back by an hour', () => {
  const moment = (now: number) => ({ now, active: new Set<string>() });
  const now = Date.UTC(2026, 0, 1);
  const none = { concurrency: undefined, perMinute: undefined, breaker: undefined };

  test('does not keep a key full', () => {
    const rule = { ...none, perMinute: 1 };
    const state = begun(rule, {}, 'a', moment(now));
    expect(roomOf(rule, state, moment(now))).toBe(0);
    expect(roomOf(rule, state, moment(now - HOUR_MS))).toBe(1);
  });

  test('does not keep a breaker open', () => {
    const rule = { ...none, breaker: { failures: 1, pauseMs: MINUTE_MS } };
    const { state } = ended(rule, {}, 'a', 'down', now);
    expect(roomOf(rule, state, moment(now))).toBe(0);
    expect(roomOf(rule, state, moment(now - HOUR_MS))).toBe(1);
  });
});

const key = () => 'crm';
test.each<[string, unknown, string]>([
  ['no array', {}, 'limits must be an array of at most 100 limits, got an object'],
  ['too many', Array.from({ length: 101 }, () => ({ key, concurrency: 1 })), 'got 101 of them'],
  ['a limit of another type', [7], 'limits[0] must be an object'],
  ['a limit without a key', [{ concurrency: 1 }], 'limits[0].key is missing'],
  ['a key of another type', [{ key: 'crm', concurrency: 1 }], 'limits[0].key must be a function'],
  ['a limit that limits nothing', [{ key }], 'limits[0] limits nothing: set concurrency, perMinute or breaker.'],
  ['a concurrency of 0', [{ key, concurrency: 0 }], 'limits[0].concurrency must be a positive integer'],
  ['half an attempt a minute', [{ key, perMinute: 0.5 }], 'limits[0].perMinute must be a positive integer'],
  [
    'a breaker of another type',
    [
      { key, concurrency: 1 },
      { key, breaker: 5 },
    ],
    'limits[1].breaker must be an object',
  ],
  ['a breaker without failures', [{ key, breaker: {} }], 'limits[0].breaker.failures must be a positive integer'],
  ['more failures than attempts', [{ key, breaker: { failures: 25 } }], 'at most retry.maxAttempts, 24, got 25'],
  ['a pause of 0', [{ key, breaker: { failures: 1, pauseMs: 0 } }], 'limits[0].breaker.pauseMs must be a positive'],
])('refuses %s', (_title, limits, message) => {
  const options = { receiver: createReceiver({ secret }), store: memoryStore(), limits: limits as Limit[] };
  expect(() => createInbox(options)).toThrow(TypeError);
  expect(() => createInbox(options)).toThrow(message);
});

test('bullmqInbox refuses limits, and names what has them', () => {
  const options = { receiver: createReceiver({ secret }), connection: { port: 1 }, limits: [{ key, concurrency: 1 }] };
  expect(() => bullmqInbox(options)).toThrow(TypeError);
  expect(() => bullmqInbox(options)).toThrow('createInbox with sqliteStore');
});
