import type { AddressInfo } from 'node:net';
import { createReceiver, UnrecoverableError } from '@blue-webhooks/core';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Queue } from 'bullmq';
import express from 'express';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type BullmqInboxOptions, bullmqInbox } from '../src/bullmq/index';
import type { InboxEvent } from '../src/index';
import { anyReceiver, eventually, newDelivery, secret } from './bullmq/deliveries';
import { hasRedis, type RedisServer, redisMissing, startRedis } from './services/redis';

const connection = { url: 'redis://127.0.0.1:1' };
const promptly = { firstDelayMs: 1, maxDelayMs: 1 };
const hourly = { firstDelayMs: 3_600_000, maxDelayMs: 3_600_000 };

describe('the options of an inbox on BullMQ', () => {
  test.each([
    ['no engine', {}, 'needs either a Redis or a PostgreSQL'],
    ['two engines', { connection, postgres: 'postgres://127.0.0.1' }, 'needs either a Redis or a PostgreSQL'],
    ['a name with a colon', { connection, name: 'blue:inbox' }, 'name must be a string without a colon'],
    ['an order that BullMQ cannot keep', { connection, order: 'entity' }, 'keeps no order within an entity'],
    ['stale updates, which it cannot detect', { connection, skipStale: true }, 'keeps no order within an entity'],
    ['no receiver', { connection, receiver: undefined }, 'receiver must be a receiver of @blue-webhooks/core'],
    ['no concurrency', { connection, concurrency: 0 }, 'concurrency must be a positive integer'],
  ])('with %s are a TypeError that names the cure', (_what, options, message) => {
    const create = () => bullmqInbox({ receiver: anyReceiver(), ...options } as unknown as BullmqInboxOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });
});

describe.skipIf(!hasRedis)(`deliveries in BullMQ on Redis${redisMissing}`, () => {
  let redis: RedisServer;
  let name = '';
  let queues = 0;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(() => {
    queues += 1;
    name = `queue-${queues}`;
  });

  async function startInbox(handler: Parameters<typeof anyReceiver>[0], options: Partial<BullmqInboxOptions> = {}) {
    const base = { receiver: anyReceiver(handler), connection: { url: redis.url }, name };
    const inbox = bullmqInbox({ ...base, ...options } as BullmqInboxOptions);
    onTestFinished(() => inbox.stop({ timeoutMs: 0 }));
    await inbox.start();
    const untilState = (id: string, state: string) =>
      eventually(async () => {
        const delivery = await inbox.get(id);
        return delivery?.state === state && delivery;
      });
    return { inbox, untilState };
  }

  test('are known by their delivery id, in whichever process someone asks BullMQ', async () => {
    const { inbox, untilState } = await startInbox(() => {});
    const sent = await newDelivery();
    await inbox.handle(sent);
    await untilState(sent.id, 'done');
    const queue = new Queue(name, { connection: { url: redis.url } });
    onTestFinished(() => queue.close());
    expect(await queue.getJob(sent.id)).toMatchObject({ name: 'TODO_MOVED', data: { rawBody: sent.text } });
  });

  test('go through a client that is handed in, and stays open', async () => {
    const client = new Redis(redis.url, { maxRetriesPerRequest: null });
    onTestFinished(() => client.disconnect());
    const { inbox, untilState } = await startInbox(() => {}, { connection: client });
    const sent = await newDelivery();
    expect((await inbox.handle(sent)).status).toBe(204);
    await untilState(sent.id, 'done');
    await inbox.stop();
    expect(await client.ping()).toBe('PONG');
  });

  /** Ends the time for which a delivery is remembered, which is ten minutes at least. */
  async function forget(id: string) {
    expect(await redis.client.del(`bull:${name}-seen:${id}`)).toBe(1);
    const queue = new Queue(name, { connection: { url: redis.url } });
    const job = await queue.getJob(id);
    await job?.updateData({ ...job.data, receivedAt: job.data.receivedAt - 31 * 86_400_000 });
    await queue.close();
  }

  test('come again when the time for which they are recognised is over', async () => {
    let runs = 0;
    const { inbox, untilState } = await startInbox(() => void runs++);
    const sent = await newDelivery();
    expect((await inbox.handle(sent)).status).toBe(204);
    await untilState(sent.id, 'done');
    expect(await inbox.prune({ olderThan: new Date(Date.now() + 60_000) })).toBe(1);
    expect((await inbox.handle(sent)).status).toBe(204);
    expect(await inbox.get(sent.id)).toBeUndefined();
    await forget(sent.id);
    expect((await inbox.handle(sent)).status).toBe(204);
    await untilState(sent.id, 'done');
    expect(runs).toBe(2);
  });

  test.each([
    ['done', undefined],
    ['dead', 'broken'],
  ])('that are %s and come again after that time are announced and handled once', async (state, message) => {
    const attempts: unknown[] = [];
    const stored: string[] = [];
    const onEvent = (event: InboxEvent) => void (event.type === 'stored' && stored.push(event.delivery.id));
    const { inbox, untilState } = await startInbox(
      ({ attempt }) => {
        attempts.push(attempt);
        if (message) throw new UnrecoverableError(message);
      },
      { onEvent },
    );
    const sent = await newDelivery();
    expect((await inbox.handle(sent)).status).toBe(204);
    await untilState(sent.id, state);
    await forget(sent.id);
    for (let i = 0; i < 2; i++) expect((await inbox.handle(sent)).status).toBe(204);
    expect(stored).toEqual([sent.id]);
    expect(attempts).toEqual([1]);
  });

  test('that were stored by an attempt that then failed are announced when Blue sends them again', async () => {
    const stored: string[] = [];
    const { inbox } = await startInbox(() => {}, {
      onEvent: (event) => void (event.type === 'stored' && stored.push(event.delivery.id)),
    });
    await redis.client.acl('SETUSER', 'default', `-set`); // remembers nothing
    const sent = await newDelivery();
    const { status } = await inbox.handle(sent);
    await redis.client.acl('SETUSER', 'default', '+@all');
    expect(status).toBe(503);
    expect(stored).toEqual([]);
    expect((await inbox.handle(sent)).status).toBe(204);
    expect((await inbox.handle(sent)).status).toBe(204);
    expect(stored).toEqual([sent.id]);
  });

  test('that a person marks as dead while a handler succeeds keep both: the mark and the handler', async () => {
    let release = () => {};
    const ran: string[] = [];
    const receiver = createReceiver({ secret })
      .on('TODO_MOVED', { name: 'first' }, () => void ran.push('first'))
      .on('TODO_MOVED', { name: 'second' }, async () => {
        ran.push('second');
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        throw new Error('down');
      });
    const { inbox, untilState } = await startInbox(() => {}, { receiver, retry: promptly });
    const sent = await newDelivery();
    expect((await inbox.handle(sent)).status).toBe(204);
    await eventually(async () => ran.includes('second') && (await inbox.get(sent.id))?.handled.length === 1);
    expect(await inbox.markDead(sent.id)).toBe(true);
    release();
    expect(await untilState(sent.id, 'dead')).toMatchObject({ handled: ['first'] });
    expect(ran.sort()).toEqual(['first', 'second']);
  });

  test.each([
    ['a key of the queue', 'meta'],
    ['a list of the queue', 'wait'],
    ['nothing', ''],
    ['another form', 'ABCDEF'],
    ['a pattern', '*'],
  ])('are not found under %s', async (_what, id) => {
    const { inbox } = await startInbox(() => {});
    expect([await inbox.get(id), await inbox.markDead(id), await inbox.replay([id])]).toEqual([undefined, false, 0]);
  });

  test('that wait for a retry have their attempts counted from 1 when they are replayed', async () => {
    const attempts: unknown[] = [];
    const fail = ({ attempt }: { attempt: number | undefined }) => {
      attempts.push(attempt);
      throw new Error('down');
    };
    const { inbox } = await startInbox(fail, { retry: { ...hourly, maxAttempts: 3 } });
    const sent = await newDelivery();
    await inbox.handle(sent);
    for (const runs of [1, 2, 3, 4]) {
      await eventually(async () => attempts.length === runs && (await inbox.get(sent.id))?.retryAt);
      expect(await inbox.replay(sent.id)).toBe(1);
    }
    await eventually(() => attempts.length === 5);
    expect(attempts).toEqual([1, 1, 1, 1, 1]);
  });

  test('that are marked as dead while they are handled are not handled again', async () => {
    let fail = () => {};
    let runs = 0;
    const { inbox, untilState } = await startInbox(
      () => {
        runs += 1;
        return new Promise((_, reject) => {
          fail = () => reject(new Error('down'));
        });
      },
      { retry: promptly },
    );
    const sent = await newDelivery();
    await inbox.handle(sent);
    await eventually(() => runs === 1);
    expect(await inbox.markDead(sent.id)).toBe(true);
    fail();
    expect(await untilState(sent.id, 'dead')).toMatchObject({ attempts: 1, lastError: 'Marked as dead by hand.' });
    expect(runs).toBe(1);
  });

  test('of an event without a handler in this version are reported, and wait for one that has it', async () => {
    const events: InboxEvent[] = [];
    const old = await startInbox(undefined, {
      onEvent: (event) => events.push(event),
      unhandled: 'retry',
      retry: promptly,
    });
    const sent = await newDelivery({ event: 'TODO_CREATED' });
    expect((await old.inbox.handle(sent)).status).toBe(204);
    await eventually(() => events.some(({ type }) => type === 'retried'));
    expect(events.find(({ type }) => type === 'unhandled')).toMatchObject({ delivery: { id: sent.id }, attempt: 1 });
    expect(events.find(({ type }) => type === 'retried')).toMatchObject({ error: { code: 'UNHANDLED' } });
    await old.inbox.stop();
    const ran: string[] = [];
    const receiver = createReceiver({ secret }).on('TODO_CREATED', (_event, { id }) => void ran.push(id));
    const updated = await startInbox(undefined, { receiver, unhandled: 'retry' });
    await updated.untilState(sent.id, 'done');
    expect(ran).toEqual([sent.id]);
  });

  test('jobs of another program are dead letters with a name, and hold up no delivery', async () => {
    const queue = new Queue(name, { connection: { url: redis.url } });
    onTestFinished(() => queue.close());
    const datas = [{ orderId: 7 }, 'a text', null, [1], { rawBody: '{}' }, { rawBody: 7, signature: 'verified' }];
    for (const data of datas) await queue.add('TODO_MOVED', data, { attempts: 3 });
    const events: InboxEvent[] = [];
    const ran: string[] = [];
    const { inbox, untilState } = await startInbox(({ id }) => ran.push(id), {
      onEvent: (event) => events.push(event),
      retry: { ...promptly, maxAttempts: 3 },
    });
    const sent = await newDelivery();
    expect((await inbox.handle(sent)).status).toBe(204);
    await untilState(sent.id, 'done');
    const dead = () => events.filter(({ type }) => type === 'dead-letter');
    await eventually(() => dead().length === datas.length);
    for (const event of dead())
      expect(event).toMatchObject({ attempt: 1, error: { name: 'StoreError', code: 'MALFORMED' } });
    expect(ran).toEqual([sent.id]);
    expect((await inbox.stats()).dead).toBe(datas.length);
  });

  test('can be looked at and run again with bull-board, which sees neither secret nor signature', async () => {
    const attempts: unknown[] = [];
    let broken = true;
    const { inbox, untilState } = await startInbox(
      ({ attempt }) => {
        attempts.push(attempt);
        if (broken) throw attempts.length > 2 ? new UnrecoverableError('broken') : new Error('broken');
      },
      { retry: { ...promptly, maxAttempts: 2 } },
    );
    const sent = await newDelivery();
    await inbox.handle(sent);
    await untilState(sent.id, 'dead');

    const queue = new Queue(name, { connection: { url: redis.url } });
    onTestFinished(() => queue.close());
    const serverAdapter = new ExpressAdapter();
    createBullBoard({ queues: [new BullMQAdapter(queue)], serverAdapter });
    const server = express().use(serverAdapter.getRouter()).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/queues`;
    const shown = await (await fetch(`${api}?activeQueue=${name}&status=failed`)).text();
    expect(JSON.parse(shown).queues[0]).toMatchObject({
      counts: { failed: 1 },
      jobs: [{ id: sent.id, name: 'TODO_MOVED', failedReason: 'Error: broken', data: { rawBody: sent.text } }],
    });
    expect(shown).not.toContain(sent.signature);
    expect(shown).not.toContain(secret);

    const retry = async () => (await fetch(`${api}/${name}/${sent.id}/retry`, { method: 'PUT' })).status;
    expect(await retry()).toBe(204);
    await eventually(() => attempts.length === 3);
    await untilState(sent.id, 'dead'); // it gets one more attempt, as BullMQ has it
    broken = false;
    expect(await retry()).toBe(204);
    await untilState(sent.id, 'done');
    expect(attempts).toEqual([1, 2, 2, 2]);
  });
});
