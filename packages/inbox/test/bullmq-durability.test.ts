import type { RawDelivery } from '@blue-webhooks/core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type BullmqInboxOptions, bullmqInbox } from '../src/bullmq/index';
import type { Inbox, InboxEvent } from '../src/index';
import { anyReceiver, eventually, healthCheck, newDelivery } from './bullmq/deliveries';
import { hasPostgres, type PostgresServer, postgresMissing, startPostgres } from './services/postgres';
import { hasRedis, type RedisServer, redisMissing, startRedis } from './services/redis';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 }); // Redis and PostgreSQL are killed and started here, on a machine that may be busy

type Options = Partial<BullmqInboxOptions>;
let queues = 0;

function createInbox(backend: object, options: Options = {}): { inbox: Inbox; events: InboxEvent[] } {
  const events: InboxEvent[] = [];
  const inbox = bullmqInbox({
    receiver: anyReceiver(),
    name: `queue-${queues}`,
    onEvent: (event: InboxEvent) => events.push(event),
    ...backend,
    ...options,
  } as BullmqInboxOptions);
  onTestFinished(() => inbox.stop({ timeoutMs: 0 }));
  return { inbox, events };
}

const statusOf = async (inbox: Inbox, sent: RawDelivery | Promise<RawDelivery>) =>
  (await inbox.handle(await sent)).status;
const reasons = (events: readonly InboxEvent[]) =>
  events.flatMap((event) => (event.type === 'not-durable' ? [event.reason] : []));

/** Sends deliveries one after the other in several lines, each again until it is acknowledged, as Blue does. */
async function sendAll(inbox: Inbox, count: number): Promise<string[]> {
  const acknowledged: string[] = [];
  const line = async () => {
    while (acknowledged.length < count) {
      const sent = await newDelivery();
      while ((await statusOf(inbox, sent)) !== 204);
      acknowledged.push(sent.id);
    }
  };
  await Promise.all(Array.from({ length: 8 }, line));
  return acknowledged;
}

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {}); // BullMQ's word on eviction
  queues += 1;
});

describe.skipIf(!hasRedis)(`an inbox on BullMQ with Redis${redisMissing}`, () => {
  let redis: RedisServer;
  const inboxOn = (options?: Options) => createInbox({ connection: { url: redis.url } }, options);
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  test('says, and does not refuse, that a power cut can lose what is not flushed yet', async () => {
    const { inbox, events } = inboxOn();
    expect(await statusOf(inbox, newDelivery())).toBe(204);
    expect(reasons(events)).toEqual([expect.stringContaining('appendfsync is everysec')]);
    await redis.client.config('SET', 'appendfsync', 'always');
    onTestFinished(async () => void (await redis.client.config('SET', 'appendfsync', 'everysec')));
    const { inbox: other, events: otherEvents } = inboxOn();
    expect(await statusOf(other, newDelivery())).toBe(204);
    expect(reasons(otherEvents)).toEqual([]);
  });

  test.each([
    ['appendonly', 'no', 'yes', 'set appendonly to yes'],
    ['maxmemory-policy', 'allkeys-lru', 'noeviction', 'set it to noeviction'],
  ])('refuses to acknowledge on a Redis with %s %s, unless allowLoss is set', async (setting, bad, good, cure) => {
    await redis.client.config('SET', setting, bad);
    onTestFinished(async () => void (await redis.client.config('SET', setting, good)));
    const { inbox, events } = inboxOn();
    expect(await statusOf(inbox, newDelivery())).toBe(503);
    expect(await statusOf(inbox, healthCheck())).toBe(503);
    expect(events.map((event) => (event.type === 'store-failed' ? String(event.error) : event.type))).toEqual([
      expect.stringContaining(cure),
      expect.stringContaining(cure),
    ]);
    expect(await inbox.stats()).toMatchObject({ waiting: 0 }); // seeing what is there is not refused
    await expect(inbox.start()).rejects.toThrow(cure);
    const { inbox: careless, events: reported } = inboxOn({ allowLoss: true });
    await careless.start();
    expect(await statusOf(careless, newDelivery())).toBe(204);
    expect(reasons(reported)).toEqual([expect.stringContaining(cure)]);
  });

  test('refuses from then on when Redis comes back without its append-only file', async () => {
    const { inbox } = inboxOn();
    await inbox.start();
    expect(await statusOf(inbox, newDelivery())).toBe(204);
    await redis.kill();
    await redis.start('--appendonly', 'no');
    expect(await statusOf(inbox, newDelivery())).toBe(503);
    expect(await statusOf(inbox, healthCheck())).toBe(503);
    await redis.kill();
    await redis.start();
    expect(await statusOf(inbox, newDelivery())).toBe(204);
  });

  test('answers 503 to deliveries and health checks while Redis is full', async () => {
    const { inbox } = inboxOn();
    expect(await statusOf(inbox, newDelivery())).toBe(204);
    await redis.client.config('SET', 'maxmemory', '1');
    onTestFinished(async () => void (await redis.client.config('SET', 'maxmemory', '0')));
    expect(await statusOf(inbox, newDelivery())).toBe(503);
    expect(await statusOf(inbox, healthCheck())).toBe(503);
    await redis.client.config('SET', 'maxmemory', '0');
    expect(await statusOf(inbox, newDelivery())).toBe(204);
  });

  test('answers 503 before Blue times out while Redis is down, can be stopped then, and loses nothing', async () => {
    const signals: AbortSignal[] = [];
    const receiver = anyReceiver(({ signal }) => {
      signals.push(signal);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    });
    const { inbox } = inboxOn({ receiver, leaseMs: 2_000 });
    await inbox.start();
    const sent = await newDelivery();
    expect(await statusOf(inbox, sent)).toBe(204);
    await eventually(() => signals.length === 1);
    await redis.kill();
    const answers = await Promise.all([statusOf(inbox, newDelivery()), statusOf(inbox, healthCheck())]);
    expect(answers).toEqual([503, 503]);
    await inbox.stop({ timeoutMs: 0 });
    expect(signals[0]?.aborted).toBe(true);
    await redis.start();
    const attempts: unknown[] = [];
    const { inbox: other } = inboxOn({
      receiver: anyReceiver(({ id, attempt }) => void (id === sent.id && attempts.push(attempt))),
      leaseMs: 500,
    });
    await other.start();
    await eventually(() => attempts.length > 0);
    expect(attempts).toEqual([2]); // the first was begun, and nobody knows what became of it
  });

  test('starts as soon as Redis is there, and can be stopped while it waits for it', async () => {
    const { inbox } = inboxOn();
    const { inbox: other, events } = inboxOn();
    await redis.kill();
    const started = inbox.start();
    const waiting = other.start();
    await eventually(() => events.some(({ type }) => type === 'store-failed'));
    await Promise.all([other.stop(), waiting]);
    expect(events.map(({ type }) => type)).not.toContain('started');
    await redis.start();
    await started;
    expect(await statusOf(inbox, newDelivery())).toBe(204);
    await eventually(async () => (await inbox.stats()).done === 1);
  });

  test('aborts a handler whose lease cannot be renewed before another runs', async () => {
    const log: string[] = [];
    let runs = 0;
    const receiver = anyReceiver(async ({ signal }) => {
      runs += 1;
      if (runs > 1) return void log.push('begins again');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      log.push('aborted');
    });
    const { inbox, events } = inboxOn({ receiver, leaseMs: 1_000 });
    await inbox.start();
    expect(await statusOf(inbox, newDelivery())).toBe(204);
    await eventually(() => runs === 1);
    await redis.kill();
    await eventually(() => log.length === 1);
    await redis.start();
    await eventually(() => log.length === 2);
    expect(log).toEqual(['aborted', 'begins again']);
    await eventually(() => events.some(({ type }) => type === 'succeeded'));
    expect(events.filter(({ type }) => type === 'returned')).toHaveLength(1);
  });

  test('gives a delivery up whose lease was lost in its last attempt, and says so', async () => {
    const untilAborted = ({ signal }: { signal: AbortSignal }) =>
      new Promise((resolve) => signal.addEventListener('abort', resolve));
    const dead: unknown[] = [];
    const { inbox, events } = inboxOn({
      receiver: anyReceiver(untilAborted),
      leaseMs: 600,
      retry: { maxAttempts: 1 },
      onDeadLetter: ({ id }, error) => dead.push(id, String(error)),
    });
    await inbox.start();
    const sent = await newDelivery();
    expect(await statusOf(inbox, sent)).toBe(204);
    await eventually(() => events.some(({ type }) => type === 'started'));
    await redis.kill();
    await eventually(() => events.some(({ type }) => type === 'returned'));
    await redis.start();
    await eventually(() => dead.length > 0);
    expect(dead).toEqual([sent.id, expect.stringContaining('job stalled more than allowable limit')]);
    expect(await inbox.get(sent.id)).toMatchObject({
      state: 'dead',
      lastError: 'job stalled more than allowable limit',
    });
  });

  test('loses nothing that it has acknowledged when Redis is killed again and again under load', async () => {
    const handled = new Set<string>();
    const { inbox } = inboxOn({ receiver: anyReceiver(({ id }) => void handled.add(id)), leaseMs: 1_000 });
    await inbox.start();
    const sending = sendAll(inbox, 1_000);
    for (const atLeast of [100, 300, 500]) {
      await eventually(() => handled.size >= atLeast);
      await redis.kill();
      await redis.start();
    }
    const acknowledged = await sending;
    await eventually(() => acknowledged.every((id) => handled.has(id)));
  });
});

describe.skipIf(!hasPostgres)(`an inbox on BullMQ with PostgreSQL${postgresMissing}`, () => {
  let postgres: PostgresServer;
  const inboxOn = (options?: Options, pool: object = {}) =>
    createInbox({ postgres: { connectionString: postgres.url, max: 8, ...pool } }, options);
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  test('refuses to acknowledge unflushed writes, unless allowLoss is set', async () => {
    const careless = { options: '-c synchronous_commit=off' };
    const { inbox } = inboxOn({}, careless);
    expect(await statusOf(inbox, newDelivery())).toBe(503);
    expect(await statusOf(inbox, healthCheck())).toBe(503);
    await expect(inbox.start()).rejects.toThrow('synchronous_commit is off; set it to on');
    const { inbox: other, events } = inboxOn({ allowLoss: true }, careless);
    expect(await statusOf(other, newDelivery())).toBe(204);
    expect(reasons(events)).toHaveLength(1);
  });

  test('stores whatever text an event has for a name, and whatever its handler throws', async () => {
    const { inbox } = inboxOn({
      receiver: anyReceiver(() => {
        throw new Error('\u0000 \ud800');
      }),
      retry: { maxAttempts: 1 },
    });
    await inbox.start();
    const sent = await newDelivery({ event: 'TODO_\u0000\ud800', currentValue: { id: '\u0000\udfff' } });
    expect(await statusOf(inbox, sent)).toBe(204);
    const delivery = await eventually(async () => {
      const found = await inbox.get(sent.id);
      return found?.state === 'dead' && found;
    });
    expect(delivery).toMatchObject({ event: 'TODO_��', entityId: '��', rawBody: sent.text, lastError: 'Error: � �' });
  });

  test('loses nothing that it has acknowledged when PostgreSQL is killed under load', async () => {
    const handled = new Set<string>();
    const { inbox, events } = inboxOn({ receiver: anyReceiver(({ id }) => void handled.add(id)), leaseMs: 1_000 });
    await inbox.start();
    const sending = sendAll(inbox, 200);
    await eventually(() => handled.size >= 50);
    await postgres.kill();
    await postgres.start();
    const acknowledged = await sending;
    await eventually(() => acknowledged.every((id) => handled.has(id)));
    expect(events.filter(({ type }) => type === 'store-failed').length).toBeLessThan(1_000);
  });
});
