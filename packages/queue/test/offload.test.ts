import { expect, test } from 'vitest';
import { createQueueConsumer, createQueueProducer, type Offload, type QueueEvent } from '../src/index';
import { list, moved, post, receiverWith, signed } from './deliveries';

const large = () => signed(moved('a', { html: 'é'.repeat(10_000) }));

/** A bucket in memory. */
function bucket() {
  const objects = new Map<string, string>();
  const offload: Offload = {
    put: async (key, body) => void objects.set(key, body),
    get: async (key) => objects.get(key),
    delete: async (key) => void objects.delete(key),
  };
  return { objects, offload };
}

/** Sends one large delivery through a producer with a bucket. */
async function offloaded(offload: Offload) {
  const queue = list();
  const events: QueueEvent[] = [];
  const onEvent = (event: QueueEvent) => void events.push(event);
  const receiver = receiverWith();
  const producer = createQueueProducer({ receiver, send: queue.send, maxMessageBytes: 2_000, offload, onEvent });
  const delivery = await large();
  const status = await post(producer, delivery);
  return { delivery, status, queue, events, message: queue.messages[0]?.body ?? '' };
}

test('without offload, a body that the queue does not take is answered 503 with the sizes, and never cut off', async () => {
  const queue = list();
  const events: QueueEvent[] = [];
  const receiver = receiverWith();
  const onEvent = (event: QueueEvent) => void events.push(event);
  const producer = createQueueProducer({ receiver, send: queue.send, maxMessageBytes: 2_000, onEvent });
  expect(await post(producer, await large())).toBe(503);
  expect(queue.messages).toEqual([]);
  expect(events).toMatchObject([{ type: 'store-failed', error: { code: 'MESSAGE_TOO_LARGE' } }]);
  const { message } = (events[0] as { error: Error }).error;
  expect(Number(/has (\d+) bytes/.exec(message)?.[1])).toBeGreaterThan(20_000);
  expect(message).toContain('the queue takes 2000');
});

test('a body of exactly the limit is sent, one byte more is not', async () => {
  const queue = list();
  const receiver = receiverWith();
  const delivery = await signed();
  await post(createQueueProducer({ receiver, send: queue.send }), delivery);
  const maxMessageBytes = queue.messages[0]?.bytes ?? 0;
  expect(await post(createQueueProducer({ receiver, send: queue.send, maxMessageBytes }), delivery)).toBe(204);
  const less = { receiver, send: queue.send, maxMessageBytes: maxMessageBytes - 1 };
  expect(await post(createQueueProducer(less), delivery)).toBe(503);
});

test('offload stores the body first, the consumer handles it whole, and deletes it when it is done', async () => {
  const { objects, offload } = bucket();
  const { delivery, status, queue, events, message } = await offloaded(offload);
  expect(status).toBe(204);
  expect(queue.messages[0]?.bytes).toBeLessThan(2_000);
  expect(events).toMatchObject([{ type: 'stored', isOffloaded: true }]);
  expect(objects.size).toBe(1);
  const bodies: string[] = [];
  let isBroken = true;
  const receiver = receiverWith(({ rawBody }) => {
    if (isBroken) throw new Error('broken');
    bodies.push(rawBody);
  });
  const { consume } = createQueueConsumer({ receiver, offload });
  expect(await consume(message, { attempts: 1 })).toMatchObject({ type: 'retry' });
  expect(objects.size).toBe(1);
  isBroken = false;
  expect(await consume(message, { attempts: 2 })).toEqual({ type: 'done' });
  expect(bodies).toEqual([new TextDecoder().decode(delivery.body)]);
  expect(objects.size).toBe(0);
});

test('a retry of Blue is stored under a key of its own, so that the first to finish takes nothing from the second', async () => {
  const { objects, offload } = bucket();
  const queue = list();
  const receiver = receiverWith();
  const producer = createQueueProducer({ receiver, send: queue.send, maxMessageBytes: 2_000, offload });
  const delivery = await large();
  await post(producer, delivery);
  await post(producer, delivery);
  expect(objects.size).toBe(2);
  const { consume } = createQueueConsumer({ receiver, offload });
  for (const { body } of queue.messages) expect(await consume(body)).toEqual({ type: 'done' });
});

test('a body that cannot be stored is answered 503, and no message refers to it', async () => {
  const put = () => Promise.reject(new Error('the bucket is full'));
  const { status, queue, events } = await offloaded({ ...bucket().offload, put });
  expect([status, queue.messages.length]).toEqual([503, 0]);
  expect(events).toMatchObject([{ type: 'store-failed', error: { name: 'DriverError' } }]);
});

test.each([
  ['is gone', (objects: Map<string, string>) => objects.clear(), 'BODY_MISSING', 'retry'],
  [
    'was changed',
    (objects: Map<string, string>) => objects.set([...objects.keys()][0] ?? '', '{"event":"TODO_MOVED"}'),
    'BODY_CHANGED',
    'dead',
  ],
])('a body that %s is a named outcome', async (_what, damage, code, type) => {
  const { objects, offload } = bucket();
  const { message } = await offloaded(offload);
  damage(objects);
  const events: QueueEvent[] = [];
  const onEvent = (event: QueueEvent) => void events.push(event);
  const { consume } = createQueueConsumer({ receiver: receiverWith(), offload, onEvent, retry: { maxAttempts: 2 } });
  expect(await consume(message, { attempts: 1 })).toMatchObject({ type });
  expect(events).toMatchObject([{ error: { code } }]);
  expect(await consume(message, { attempts: 2 })).toMatchObject({ type: 'dead', reason: code });
});

test('a consumer without the storage says so, and one whose storage is down retries', async () => {
  const { offload } = bucket();
  const { message } = await offloaded(offload);
  const receiver = receiverWith();
  const retry = { maxAttempts: 1 };
  const dead = await createQueueConsumer({ receiver, retry }).consume(message, { attempts: 1 });
  expect(dead).toMatchObject({ type: 'dead', reason: 'BODY_MISSING' });
  const get = () => Promise.reject(new Error('timeout'));
  const down = createQueueConsumer({ receiver, offload: { ...offload, get } });
  expect(await down.consume(message, { attempts: 1 })).toMatchObject({ type: 'retry' });
});

test('a body that cannot be deleted is a warning, and the delivery is done', async () => {
  const { offload } = bucket();
  const { message } = await offloaded(offload);
  const events: QueueEvent[] = [];
  const remove = () => Promise.reject(new Error('forbidden'));
  const { consume } = createQueueConsumer({
    receiver: receiverWith(),
    offload: { ...offload, delete: remove },
    onEvent: (event) => void events.push(event),
  });
  expect(await consume(message, { attempts: 1 })).toEqual({ type: 'done' });
  expect(events.at(-1)).toMatchObject({ type: 'warning' });
});
