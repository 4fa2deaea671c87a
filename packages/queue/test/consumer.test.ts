import { createReceiver, type Ledger, memoryLedger, UnrecoverableError } from '@blue-webhooks/core';
import { finishing, PostponedError } from '@blue-webhooks/core/adapter';
import { fixtures } from '@blue-webhooks/testing';
import { describe, expect, test, vi } from 'vitest';
import {
  createQueueConsumer,
  createQueueProducer,
  type DeadLetter,
  type QueueConsumerOptions,
  QueueError,
  type QueueEvent,
} from '../src/index';
import { list, moved, post, receiverWith, signed } from './deliveries';

/** Returns the text of a message, as a producer sends it. */
async function messageOf(payload?: object): Promise<string> {
  const queue = list();
  await post(createQueueProducer({ receiver: receiverWith(), send: queue.send }), await signed(payload));
  return queue.messages[0]?.body ?? '';
}

/** Creates a consumer that records its events. */
function consumerWith(options: QueueConsumerOptions) {
  const events: QueueEvent[] = [];
  const { consume } = createQueueConsumer({ ...options, onEvent: (event) => void events.push(event) });
  return { consume, events, types: () => events.map(({ type }) => type) };
}

test('runs the handlers, and reports the start and the success with the queue’s attempt', async () => {
  const { consume, events } = consumerWith({ receiver: receiverWith() });
  expect(await consume(await messageOf(), { attempts: 2, messageId: 'm1' })).toEqual({ type: 'done' });
  const facts = { delivery: { event: 'TODO_MOVED' }, messageId: 'm1', attempt: 2 };
  expect(events).toMatchObject([
    { type: 'started', ...facts },
    { type: 'succeeded', ...facts },
  ]);
});

test('retries with growing delays, and the last attempt makes the message dead', async () => {
  const error = new Error('the CRM is down');
  const onDeadLetter = vi.fn();
  const receiver = receiverWith(() => Promise.reject(error));
  const retry = { maxAttempts: 3, firstDelayMs: 1_000, jitter: 0 };
  const { consume, events, types } = consumerWith({ receiver, retry, onDeadLetter });
  const message = await messageOf();
  expect(await consume(message, { attempts: 1 })).toEqual({ type: 'retry', afterMs: 1_000 });
  expect(await consume(message, { attempts: 2 })).toEqual({ type: 'retry', afterMs: 2_000 });
  const dead = { type: 'dead', reason: 'ATTEMPTS_EXHAUSTED', isStored: false };
  expect(await consume(message, { attempts: 3 })).toEqual(dead);
  expect(types()).toEqual(['started', 'retried', 'started', 'retried', 'started', 'dead-letter']);
  expect(events.at(-1)).toMatchObject({ error, reason: 'ATTEMPTS_EXHAUSTED', attempt: 3 });
  expect(onDeadLetter.mock.calls).toEqual([[expect.objectContaining({ event: 'TODO_MOVED' }), error]]);
});

test('a handler that postpones itself sets the delay, and has not failed', async () => {
  const failures: unknown[] = [];
  const postponed = new PostponedError(90_000, 'rate limited');
  const receiver = createReceiver({ secret: 's', onFailure: (error) => failures.push(error) });
  receiver.on('TODO_MOVED', () => Promise.reject(postponed));
  const { consume, events } = consumerWith({ receiver });
  expect(await consume(await messageOf(), { attempts: 1 })).toEqual({ type: 'retry', afterMs: 90_000 });
  expect(events.at(-1)).toMatchObject({ type: 'retried', error: postponed });
  expect(failures).toEqual([]);
});

test('a handler and a deadLetter that throw a hostile object are a failed attempt', async () => {
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error('hostile');
      },
    },
  );
  expect(QueueError.is(hostile)).toBe(false);
  const { consume, types } = consumerWith({
    receiver: receiverWith(() => Promise.reject(hostile)),
    retry: { maxAttempts: 1 },
    deadLetter: () => Promise.reject(hostile),
  });
  expect(await consume(await messageOf(), { attempts: 1 })).toMatchObject({ type: 'retry' });
  expect(types()).toEqual(['started', 'store-failed']);
});

test('a queue that does not count is retried without end', async () => {
  const { consume } = consumerWith({ receiver: receiverWith(() => Promise.reject(new Error())) });
  expect(await consume(await messageOf())).toMatchObject({ type: 'retry' });
});

test('an UnrecoverableError makes the message dead at the first attempt', async () => {
  const receiver = receiverWith(() => Promise.reject(new UnrecoverableError('no such record')));
  const { consume } = consumerWith({ receiver });
  expect(await consume(await messageOf(), { attempts: 1 })).toMatchObject({ type: 'dead', reason: 'UNRECOVERABLE' });
});

test('a message whose process ended during the last attempt is dead without another run', async () => {
  const handler = vi.fn();
  const { consume } = consumerWith({ receiver: receiverWith(handler), retry: { maxAttempts: 3 } });
  expect(await consume(await messageOf(), { attempts: 4 })).toMatchObject({ type: 'dead', reason: 'ENDED_EARLY' });
  expect(handler).not.toHaveBeenCalled();
});

test('an attempt that takes too long is aborted and retried', async () => {
  let signal: AbortSignal | undefined;
  const receiver = receiverWith((delivery) => {
    signal = delivery.signal;
    return new Promise(() => {});
  });
  const { consume, events } = consumerWith({ receiver, timeoutMs: 60_000 });
  expect(await consume(await messageOf(), { attempts: 1, timeoutMs: 30 })).toMatchObject({ type: 'retry' });
  expect(signal?.aborted).toBe(true);
  expect(events.at(-1)).toMatchObject({ type: 'retried', error: { name: 'TimeoutError' } });
});

test('deadLetter stores the message as it came; if it fails, the message is retried', async () => {
  const letters: DeadLetter[] = [];
  let isDown = true;
  const { consume, events } = consumerWith({
    receiver: receiverWith(() => Promise.reject(new UnrecoverableError())),
    deadLetter(letter) {
      if (isDown) throw new Error('the table is locked');
      letters.push(letter);
    },
  });
  const message = await messageOf();
  expect(await consume(message, { attempts: 1 })).toMatchObject({ type: 'retry' });
  expect(events.at(-1)).toMatchObject({ type: 'store-failed', error: { name: 'DriverError' } });
  isDown = false;
  const dead = { type: 'dead', reason: 'UNRECOVERABLE', isStored: true };
  expect(await consume(message, { attempts: 2 })).toEqual(dead);
  expect(letters).toMatchObject([{ message, reason: 'UNRECOVERABLE', delivery: { event: 'TODO_MOVED' } }]);
  // Sent to the queue again, it runs.
  const mended = consumerWith({ receiver: receiverWith() });
  expect(await mended.consume(letters[0]?.message, { attempts: 1 })).toEqual({ type: 'done' });
});

describe('bad messages', () => {
  const edited = async (change: object): Promise<string> =>
    JSON.stringify({ ...JSON.parse(await messageOf()), ...change });

  const bad: readonly (readonly [what: string, make: () => Promise<unknown>, reason: string])[] = [
    ['no JSON', async () => 'hello', 'NOT_A_DELIVERY'],
    ['null', async () => null, 'NOT_A_DELIVERY'],
    ['undefined', async () => undefined, 'NOT_A_DELIVERY'],
    ['bytes', async () => new Uint8Array(3), 'NOT_A_DELIVERY'],
    ['a list', async () => '[1]', 'NOT_A_DELIVERY'],
    ['JSON of another program', async () => '{"orderId":7,"version":1}', 'NOT_A_DELIVERY'],
    ['a message that was cut off', async () => (await messageOf()).slice(0, -10), 'NOT_A_DELIVERY'],
    ['no version', () => edited({ version: undefined }), 'MALFORMED'],
    ['a version that never existed', () => edited({ version: 0 }), 'MALFORMED'],
    ['no id', () => edited({ id: '' }), 'MALFORMED'],
    ['an id that no ledger takes', () => edited({ id: 'x'.repeat(201) }), 'MALFORMED'],
    ['a date of nonsense', () => edited({ receivedAt: 'yesterday' }), 'MALFORMED'],
    ['an invented signature', () => edited({ signature: 'trusted' }), 'MALFORMED'],
    ['a body that is an object', () => edited({ rawBody: { event: 'TODO_MOVED' } }), 'MALFORMED'],
    ['a body that is not JSON', () => edited({ rawBody: 'TODO_MOVED' }), 'MALFORMED'],
    ['a body without an event', () => edited({ rawBody: '{}' }), 'MALFORMED'],
    ['a broken reference', () => edited({ rawBody: undefined, offloaded: { key: 1 } }), 'MALFORMED'],
  ];

  test.each(bad)('%s is dead, named, reported and stored', async (_what, make, reason) => {
    const letters: DeadLetter[] = [];
    const handler = vi.fn();
    const { consume, events } = consumerWith({
      receiver: receiverWith(handler),
      deadLetter: (letter) => letters.push(letter),
    });
    const message = await make();
    expect(await consume(message, { attempts: 1, messageId: 'm1' })).toEqual({ type: 'dead', reason, isStored: true });
    expect(events.at(-1)).toMatchObject({
      type: 'dead-letter',
      reason,
      messageId: 'm1',
      error: { name: 'QueueError', code: reason },
    });
    expect(letters).toMatchObject([{ message, reason }]);
    expect(handler).not.toHaveBeenCalled();
    expect((events.at(-1) as { error: Error }).error.message).not.toMatch(/hello|orderId|trusted|yesterday/);
  });

  test('a newer format is retried, so that a newer consumer can take it, and dead in the end', async () => {
    const { consume } = consumerWith({ receiver: receiverWith(), retry: { maxAttempts: 2 } });
    const message = await edited({ version: 2 });
    expect(await consume(message, { attempts: 1 })).toMatchObject({ type: 'retry' });
    expect(await consume(message, { attempts: 2 })).toMatchObject({ type: 'dead', reason: 'NEWER_FORMAT' });
  });

  test('a message that a queue has parsed already is read as well', async () => {
    const { consume } = consumerWith({ receiver: receiverWith() });
    expect(await consume(JSON.parse(await messageOf()))).toEqual({ type: 'done' });
  });
});

describe('an event without a handler in this version', () => {
  const receiver = () => createReceiver({ secret: 'unused' }).on('COMMENT_CREATED', () => {});

  test('is done and reported', async () => {
    const { consume, types } = consumerWith({ receiver: receiver() });
    expect(await consume(await messageOf(), { attempts: 1 })).toEqual({ type: 'done' });
    expect(types()).toEqual(['started', 'unhandled', 'succeeded']);
  });

  test("waits for a newer version with unhandled: 'retry'", async () => {
    const retry = { maxAttempts: 2 };
    const { consume, types } = consumerWith({ receiver: receiver(), unhandled: 'retry', retry });
    const message = await messageOf();
    expect(await consume(message, { attempts: 1 })).toMatchObject({ type: 'retry' });
    expect(types()).toEqual(['started', 'unhandled', 'retried']);
    expect(await consume(message, { attempts: 2 })).toMatchObject({ type: 'dead', reason: 'UNHANDLED' });
  });

  test('a health check is done, also if a handler that observes it fails', async () => {
    const message = await messageOf(fixtures.WEBHOOK_HEALTH_CHECK);
    const { consume, types } = consumerWith({ receiver: receiver(), unhandled: 'retry' });
    expect(await consume(message, { attempts: 1 })).toEqual({ type: 'done' });
    expect(types()).toEqual(['started', 'succeeded']);
    const broken = createReceiver({ secret: 'unused' }).on('WEBHOOK_HEALTH_CHECK', () => Promise.reject(new Error()));
    expect(await consumerWith({ receiver: broken }).consume(message, { attempts: 1 })).toEqual({ type: 'done' });
  });
});

describe('with a ledger', () => {
  test('a message that the queue delivers twice runs once', async () => {
    const handler = vi.fn();
    const { consume, types } = consumerWith({ receiver: receiverWith(handler), ledger: memoryLedger() });
    const message = await messageOf();
    expect(await consume(message, { attempts: 1 })).toEqual({ type: 'done' });
    expect(await consume(message, { attempts: 2 })).toEqual({ type: 'done' });
    expect(handler).toHaveBeenCalledTimes(1);
    expect(types()).toEqual(['started', 'succeeded', 'duplicate']);
  });

  test('a message that another consumer handles now is retried, and its lease is renewed meanwhile', async () => {
    let finish = () => {};
    const receiver = receiverWith(() => new Promise<void>((resolve) => (finish = resolve)));
    const ledger = memoryLedger({ leaseMs: 150 });
    const first = consumerWith({ receiver, ledger });
    const second = consumerWith({ receiver: receiverWith(), ledger });
    const message = await messageOf();
    const running = first.consume(message, { attempts: 1 });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await second.consume(message, { attempts: 2 })).toEqual({ type: 'retry', afterMs: 150 });
    expect(second.types()).toEqual(['held']);
    finish();
    expect(await running).toEqual({ type: 'done' });
    expect(await second.consume(message, { attempts: 3 })).toEqual({ type: 'done' });
    expect(second.types()).toEqual(['held', 'duplicate']);
  });

  test('a failed attempt gives the delivery back, and so does a dead letter, which can be sent again', async () => {
    let error: Error | undefined = new Error('down');
    const handler = vi.fn(() => (error ? Promise.reject(error) : undefined));
    const { consume } = consumerWith({ receiver: receiverWith(handler), ledger: memoryLedger() });
    const message = await messageOf();
    expect(await consume(message, { attempts: 1 })).toMatchObject({ type: 'retry' });
    error = new UnrecoverableError('gone');
    expect(await consume(message, { attempts: 2 })).toMatchObject({ type: 'dead' });
    error = undefined;
    expect(await consume(message, { attempts: 1 })).toEqual({ type: 'done' });
    expect(handler).toHaveBeenCalledTimes(3);
  });

  test('handlers receive the token of the lease, and none if the ledger failed', async () => {
    const issued: unknown[] = [];
    const received: unknown[] = [];
    const shared = memoryLedger();
    const ledger: Ledger = {
      ...shared,
      async begin(id) {
        const answer = await shared.begin(id);
        if (answer.state === 'new') issued.push(answer.token);
        return answer;
      },
    };
    const receiver = receiverWith(({ leaseToken }) => void received.push(leaseToken));
    await consumerWith({ receiver, ledger }).consume(await messageOf(), { attempts: 1 });
    expect(issued).toEqual([expect.any(String)]);
    expect(received).toEqual(issued);
    const down = { ...shared, begin: () => Promise.reject(new Error('down')) };
    await consumerWith({ receiver, ledger: down }).consume(await messageOf(), { attempts: 1 });
    expect(received[1]).toBeUndefined();
  });

  test('a handler that finishes the delivery by itself runs last, and not while another has to be retried', async () => {
    const ran: string[] = [];
    const receiver = createReceiver({ secret: 'unused' })
      .on(
        'TODO_MOVED',
        finishing(() => void ran.push('finishing')),
      )
      .on('TODO_MOVED', () => {
        ran.push('crm');
        if (ran.length === 1) throw new Error('the CRM is down');
      });
    const { consume } = consumerWith({ receiver, ledger: memoryLedger() });
    const message = await messageOf();
    expect(await consume(message, { attempts: 1 })).toMatchObject({ type: 'retry' });
    expect(await consume(message, { attempts: 2 })).toEqual({ type: 'done' });
    expect(ran).toEqual(['crm', 'crm', 'finishing']);
  });

  test('messages that arrive twice and out of order are each handled once', async () => {
    const handled: string[] = [];
    const receiver = receiverWith(({ id }) => void handled.push(id));
    const { consume, types } = consumerWith({ receiver, ledger: memoryLedger() });
    const messages = [await messageOf(moved('one')), await messageOf(moved('two')), await messageOf(moved('three'))];
    for (const place of [2, 0, 2, 1, 0, 1]) {
      expect(await consume(messages[place], { attempts: 1 })).toEqual({ type: 'done' });
    }
    expect(handled).toEqual([2, 0, 1].map((place) => JSON.parse(messages[place] ?? '').id));
    expect(types().filter((type) => type === 'duplicate')).toHaveLength(3);
  });

  test('a ledger that is down is reported and holds up nothing', async () => {
    const down = () => Promise.reject(new Error('ECONNREFUSED'));
    const ledger = { ...memoryLedger(), begin: down, finish: down };
    const { consume, types } = consumerWith({ receiver: receiverWith(), ledger });
    expect(await consume(await messageOf())).toEqual({ type: 'done' });
    expect(types()).toEqual(['ledger-failed', 'started', 'succeeded']);
  });
});

test('waits for the promises of hooks, and ignores what they throw', async () => {
  const mailed: string[] = [];
  const { consume } = createQueueConsumer({
    receiver: receiverWith(() => Promise.reject(new UnrecoverableError())),
    onEvent: () => Promise.reject(new Error('the log is full')),
    async onDeadLetter(delivery) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      mailed.push(delivery?.event ?? '');
      throw new Error('no mail today');
    },
  });
  expect(await consume(await messageOf())).toMatchObject({ type: 'dead' });
  expect(mailed).toEqual(['TODO_MOVED']);
});

test.each([
  ['no options', undefined, 'createQueueConsumer({ receiver })'],
  ['no receiver', {}, 'createReceiver'],
  ['retry of 0 attempts', { receiver: receiverWith(), retry: { maxAttempts: 0 } }, 'retry.maxAttempts must be'],
  ['a jitter of 2', { receiver: receiverWith(), retry: { jitter: 2 } }, 'retry.jitter must be'],
  ['retry that is a number', { receiver: receiverWith(), retry: 3 }, 'retry must be an object'],
  ['a timeout of 0', { receiver: receiverWith(), timeoutMs: 0 }, 'timeoutMs must be'],
  ['a ledger without methods', { receiver: receiverWith(), ledger: {} }, 'ledger.begin must be a function'],
  ['deadLetter that is not a function', { receiver: receiverWith(), deadLetter: {} }, 'deadLetter must be a function'],
  ['an unknown rule', { receiver: receiverWith(), unhandled: 'drop' }, "unhandled must be 'done' or 'retry'"],
])('%s is a TypeError that names the cure', (_what, options, message) => {
  expect(() => createQueueConsumer(options as never)).toThrow(TypeError);
  expect(() => createQueueConsumer(options as never)).toThrow(message);
});
