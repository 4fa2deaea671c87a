import { setTimeout as sleep } from 'node:timers/promises';
import { createReceiver, verify } from '@blue-webhooks/core';
import {
  createBlueSimulator,
  createVirtualClock,
  fixtures,
  oddities,
  type SimulatorOptions,
} from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';
import { answer, handledBy, startReceiver } from '../http-receiver';

const secret = 'blue-test-secret-1';

async function connect(options: Partial<SimulatorOptions> = {}) {
  const receiver = await startReceiver(answer(204));
  const clock = createVirtualClock({ patienceMs: 10_000 });
  const blue = createBlueSimulator({ url: receiver.url, secret, clock, ...options });
  const received = (place: number) => {
    const { body = '', headers = {} } = receiver.arrived.at(place) ?? {};
    return verify({ body, signature: headers['x-signature'], secret });
  };
  return { blue, receiver, clock, received };
}

describe('emit', () => {
  test('merges overrides into the fixture, and replaces whole lists', async () => {
    const { blue, received } = await connect();
    const before = structuredClone(fixtures.TODO_MOVED);
    await blue.emit('TODO_MOVED', {
      currentValue: { title: 'Überschrift', todoList: { title: 'Elsewhere' }, todoTags: [] },
      webhook: { name: 'Mine' },
    });
    const { event, drift } = await received(-1);
    expect(drift).toEqual([]);
    expect(event).toMatchObject({
      event: 'TODO_MOVED',
      webhook: { id: blue.webhook.id, name: 'Mine' },
      previousValue: { title: 'Draft proposal' },
      currentValue: { title: 'Überschrift', todoTags: [], todoList: { title: 'Elsewhere', position: 196605 } },
    });
    expect(fixtures.TODO_MOVED).toEqual(before);
  });

  test('contains the current state of its webhook, without its secret', async () => {
    const { blue, received } = await connect({ id: 'webhook-7', name: 'Seven', events: ['TODO_MOVED'] });
    const { body } = await blue.emit('TODO_MOVED');
    expect(body).not.toContain(secret);
    const { event } = await received(-1);
    const { secret: _blank, ...webhook } = blue.webhook;
    expect(event.event === 'TODO_MOVED' && event.webhook).toEqual(webhook);
    expect(webhook).toMatchObject({ id: 'webhook-7', name: 'Seven', enabled: true });
    expect(_blank).toBe('');
  });

  test('never gives two events the same bytes', async () => {
    const { blue } = await connect();
    const fates = await Promise.all(
      Array.from({ length: 20 }, () => [blue.emit('TODO_MOVED'), blue.emit('TAG_DELETED')]).flat(),
    );
    expect(new Set(fates.map(({ signature }) => signature)).size).toBe(40);
  });

  test('sends a payload unchanged, except for the webhook', async () => {
    const { blue, receiver } = await connect();
    const { body } = await blue.emit(fixtures.TODO_ARCHIVED);
    expect(JSON.parse(body)).toEqual({ ...fixtures.TODO_ARCHIVED, webhook: blue.webhook });
    await blue.emit(fixtures.RECORD_CREATED);
    expect(receiver.arrived.at(-1)?.body.toString()).toBe(JSON.stringify(fixtures.RECORD_CREATED));
  });
});

describe('on demand', () => {
  test('an unknown event, a drifted field, the older shapes and a large body are acknowledged by a receiver', async () => {
    const seen: unknown[] = [];
    const receiver = createReceiver({ secret, onDrift: (drift) => seen.push(drift) })
      .onUnknown((event) => seen.push(event.name))
      .on('RECORD_CREATED', (event) => seen.push(event.record.title))
      .on('CUSTOM_FIELD_DELETED', (event) => seen.push('timestamp' in event && event.timestamp))
      .on('TODO_CREATED', (event, { rawBody }) => seen.push([event.previousValue, rawBody.length > 2_000_000]));
    const http = await startReceiver(handledBy(receiver));
    const blue = createBlueSimulator({ url: http.url, secret, clock: createVirtualClock({ patienceMs: 10_000 }) });
    for (const payload of [
      oddities.unknownEvent('TODO_PINNED'),
      oddities.driftedField('TODO_MOVED'),
      oddities.driftedField('TAG_DELETED'),
      oddities.olderShape('RECORD_CREATED'),
      oddities.olderShape('CUSTOM_FIELD_DELETED'),
      oddities.olderShape('TODO_CREATED'),
      oddities.largeBody(2_000_000),
    ]) {
      expect(await blue.emit(payload)).toMatchObject({ outcome: 'delivered', attempts: [{ status: 204 }] });
    }
    expect(seen).toEqual([
      'TODO_PINNED',
      [{ path: 'currentValue.updatedAt', expected: 'string' }],
      [{ path: 'previousValue.updatedAt', expected: 'string' }],
      'New record',
      '2024-01-15T10:30:00Z',
      [null, false],
      [null, true],
    ]);
  });

  test.each(['TODO_MOVED', 'COMMENT_CREATED', 'CUSTOM_FIELD_CREATED', 'TODO_CHECKLIST_ITEM_CREATED'] as const)(
    'the newer columns of %s are delivered as they are, without drift',
    async (name) => {
      const { blue, received } = await connect();
      const payload = oddities.newerColumns(name);
      expect(Object.keys(payload.webhook)).toEqual(['id', 'uid', 'url', 'status', 'enabled', 'metadata']);
      await blue.emit(payload);
      const { event, drift } = await received(-1);
      expect(drift).toEqual([]);
      expect(event).toMatchObject({ event: name, currentValue: payload.currentValue });
    },
  );

  test('a body over the limit of the receiver disables the webhook', async () => {
    const http = await startReceiver(handledBy(createReceiver({ secret, maxBodyBytes: 10_000 })));
    const blue = createBlueSimulator({ url: http.url, secret, clock: createVirtualClock({ patienceMs: 10_000 }) });
    const { outcome, attempts } = await blue.emit(oddities.largeBody(20_000));
    expect(outcome).toBe('failed');
    expect(attempts.map(({ status }) => status)).toEqual([413, 413, 413, 413, 413]);
  });

  test('invalid names and sizes are refused', () => {
    expect(() => oddities.unknownEvent('TODO_MOVED')).toThrow(TypeError);
    for (const bytes of [0, -1, 1.5, Number.NaN]) expect(() => oddities.largeBody(bytes)).toThrow(TypeError);
  });
});

describe('duplicates', () => {
  test('have the same bytes and the same signature, and their failures count like any others', async () => {
    const { blue, receiver } = await connect();
    const fate = await blue.emit('TODO_MOVED');
    const again = await blue.redeliver(fate);
    expect(again).toMatchObject({ outcome: 'delivered', signature: fate.signature, body: fate.body });
    expect(again.attempts).toMatchObject([{ attempt: 1, duplicate: true }]);
    const [first, second] = receiver.arrived;
    expect(second?.body.equals(first?.body as Buffer)).toBe(true);
    expect(second?.headers['x-signature']).toBe(first?.headers['x-signature']);
  });

  test('happen at random at the stated rate', async () => {
    const { blue, receiver } = await connect({ duplicateRate: 0.25 });
    for (let i = 0; i < 200; i++) blue.emit('TODO_MOVED');
    const { attempts, counts } = await blue.settled();
    const duplicates = attempts.filter(({ duplicate }) => duplicate).length;
    expect(duplicates).toBeGreaterThan(20);
    expect(duplicates).toBeLessThan(80);
    expect(counts.delivered).toBe(200 + duplicates);
    expect(receiver.arrived).toHaveLength(200 + duplicates);
  });

  test('are refused for what was not delivered', async () => {
    const { blue } = await connect();
    blue.disable();
    const missed = await blue.emit('TODO_MOVED');
    expect(() => blue.redeliver(missed)).toThrow(TypeError);
  });
});

describe('order', () => {
  const titlesOf = (arrived: readonly { body: Buffer }[]) =>
    arrived.map(({ body }) => JSON.parse(body.toString()).currentValue.title);

  test('is kept unless an event is retried or delayed', async () => {
    const { blue, receiver } = await connect();
    const titles = Array.from({ length: 50 }, (_, place) => `Title ${place}`);
    await Promise.all(titles.map((title) => blue.emit('TODO_NAME_CHANGED', { currentValue: { title } })));
    expect(titlesOf(receiver.arrived)).toEqual(titles);
  });

  test('changes on demand: a delayed event is overtaken', async () => {
    const { blue, receiver } = await connect();
    const late = blue.emit('TODO_NAME_CHANGED', { currentValue: { title: 'first' } }, { delayMs: 9_000 });
    const early = blue.emit('TODO_NAME_CHANGED', { currentValue: { title: 'second' } });
    await Promise.all([late, early]);
    expect(titlesOf(receiver.arrived)).toEqual(['second', 'first']);
  });

  test('changes at random at the stated rate, the same in every run', async () => {
    const run = async () => {
      const { blue, receiver, clock } = await connect({ reorderRate: 0.3 });
      for (let place = 0; place < 60; place++) {
        blue.emit('TODO_NAME_CHANGED', { currentValue: { title: `Title ${place}` } });
        await clock.sleep(1_000);
      }
      await blue.settled();
      return titlesOf(receiver.arrived);
    };
    const titles = await run();
    const sorted = Array.from({ length: 60 }, (_, place) => `Title ${place}`);
    expect(titles).not.toEqual(sorted);
    expect([...titles].sort()).toEqual([...sorted].sort());
    expect(await run()).toEqual(titles);
  });
});

test.each([1, 3, Number.POSITIVE_INFINITY])('at most %s requests run concurrently', async (concurrency) => {
  const total = 7;
  let underWay = 0;
  let answered = 0;
  let most = 0;
  const receiver = await startReceiver(async (_arrived, response) => {
    most = Math.max(most, ++underWay);
    // Answers once as many as may run have arrived, and gives one too many the time to arrive.
    while (underWay < Math.min(concurrency, total - answered)) await sleep(1);
    await sleep(50);
    underWay -= 1;
    answered += 1;
    response.writeHead(204).end();
  });
  const clock = createVirtualClock({ patienceMs: 60_000 });
  const blue = createBlueSimulator({ url: receiver.url, secret, clock, concurrency });
  for (let i = 0; i < total; i++) blue.emit('TODO_MOVED');
  const { counts } = await blue.settled();
  expect(counts.delivered).toBe(total);
  expect(most).toBe(Math.min(concurrency, total));
});

test('a handler in the same process needs no server', async () => {
  const titles: string[] = [];
  const receiver = createReceiver({ secret }).on('TODO_MOVED', (event) => titles.push(event.currentValue.title));
  const clock = createVirtualClock();
  const blue = createBlueSimulator({ url: 'http://localhost/webhooks/blue', secret, clock, fetch: receiver.fetch });
  expect((await blue.emit('TODO_MOVED')).outcome).toBe('delivered');
  expect(titles).toEqual(['Draft proposal']);
});
