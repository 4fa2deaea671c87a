import { SQSClient } from '@aws-sdk/client-sqs';
import { UnrecoverableError } from '@blue-webhooks/core';
import { fixtures } from '@blue-webhooks/testing';
import { describe, expect, test, vi } from 'vitest';
import type { QueueEvent } from '../src/index';
import { createSqsConsumer, createSqsProducer } from '../src/sqs/index';
import { moved, post, receiverWith, signed } from './deliveries';
import { startSqs } from './services/sqs';

/** Polls for up to ten seconds, as an event source does. */
async function until(isDone: () => boolean, poll: () => Promise<unknown>): Promise<void> {
  const endsAt = Date.now() + 10_000;
  while (!isDone()) {
    if (Date.now() > endsAt) throw new Error('Nothing more happened within ten seconds.');
    await poll();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const idOf = (rawBody: string) => JSON.parse(rawBody).currentValue.id as string;
const fast = { firstDelayMs: 1_000, jitter: 0 };

describe('a standard queue', () => {
  test('carries a delivery to the handlers, and a failed one comes back after the delay with its count', async () => {
    const sqs = await startSqs({ blue: { VisibilityTimeout: '600' } });
    const { client } = sqs;
    const queue = sqs.queue('blue');
    const attempts: unknown[] = [];
    const receiver = receiverWith(({ attempt }) => {
      attempts.push(attempt);
      if (attempts.length < 3) throw new Error('the CRM is down');
    });
    const producer = createSqsProducer({ receiver, client, queueUrl: queue.url });
    expect(await post(producer, await signed())).toBe(204);
    const handler = createSqsConsumer({ receiver, client, queueUrl: queue.url, retry: { ...fast, maxDelayMs: 1_000 } });
    const startedAt = performance.now();
    await until(
      () => attempts.length === 3,
      () => queue.invoke(handler),
    );
    expect(attempts).toEqual([1, 2, 3]);
    expect(performance.now() - startedAt).toBeGreaterThan(1_900);
    expect(await queue.texts()).toEqual([]);
  });

  test('only the messages that failed are returned', async () => {
    const sqs = await startSqs({ blue: {} });
    const { client } = sqs;
    const queue = sqs.queue('blue');
    const receiver = receiverWith(({ rawBody }) => {
      if (idOf(rawBody) === 'b') throw new Error('broken');
    });
    const producer = createSqsProducer({ receiver, client, queueUrl: queue.url });
    for (const id of ['a', 'b', 'c']) await post(producer, await signed(moved(id)));
    await client.sendMessage({ QueueUrl: queue.url, MessageBody: 'from another program' });
    const events: QueueEvent[] = [];
    const onEvent = (event: QueueEvent) => void events.push(event);
    const { records, failed } = await queue.invoke(createSqsConsumer({ receiver, onEvent }));
    const expected = records.filter(
      ({ body }) => body.includes('another program') || body.includes('\\"id\\":\\"b\\"'),
    );
    expect(failed).toEqual(expected.map(({ messageId }) => messageId));
    expect(failed).toHaveLength(2);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'dead-letter', reason: 'NOT_A_DELIVERY', messageId: expect.any(String) }),
    );
  });

  test('a dead message that was not stored ends in the dead letter queue of SQS', async () => {
    const arn = 'arn:aws:sqs:us-east-1:000000000000:dead';
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 2 });
    const sqs = await startSqs({ dead: {}, blue: { VisibilityTimeout: '1', RedrivePolicy } });
    const queue = sqs.queue('blue');
    const receiver = receiverWith(() => Promise.reject(new UnrecoverableError('no such record')));
    await post(createSqsProducer({ receiver, client: sqs.client, queueUrl: queue.url }), await signed());
    const handler = createSqsConsumer({ receiver });
    let dead: string[] = [];
    await until(
      () => dead.length > 0,
      async () => {
        await queue.invoke(handler);
        dead = await sqs.queue('dead').texts();
      },
    );
    expect(await createSqsConsumer({ receiver: receiverWith() })(batchOf(dead[0]))).toEqual({ batchItemFailures: [] });
  });

  test('deadLetterQueueUrl takes a dead message immediately', async () => {
    const sqs = await startSqs({ blue: {}, dead: {} });
    const { client } = sqs;
    const queue = sqs.queue('blue');
    const receiver = receiverWith(() => Promise.reject(new UnrecoverableError('no such record')));
    await post(createSqsProducer({ receiver, client, queueUrl: queue.url }), await signed());
    const handler = createSqsConsumer({ receiver, client, deadLetterQueueUrl: sqs.queue('dead').url });
    const { records, failed } = await queue.invoke(handler);
    expect(failed).toEqual([]);
    expect(await sqs.queue('dead').texts()).toEqual(records.map(({ body }) => body));
  });

  test('takes the largest message of SQS, and a larger body is answered 503 with the sizes', async () => {
    const sqs = await startSqs({ blue: {} });
    const queueUrl = sqs.queue('blue').url;
    const events: QueueEvent[] = [];
    const onEvent = (event: QueueEvent) => void events.push(event);
    const producer = createSqsProducer({ receiver: receiverWith(), client: sqs.client, queueUrl, onEvent });
    expect(await post(producer, await signed(moved('a', { html: 'x'.repeat(1_040_000) })))).toBe(204);
    expect(await post(producer, await signed(moved('b', { html: 'x'.repeat(1_050_000) })))).toBe(503);
    expect(events).toMatchObject([{ type: 'stored' }, { type: 'store-failed', error: { code: 'MESSAGE_TOO_LARGE' } }]);
    expect((events[1] as { error: Error }).error.message).toContain('the queue takes 1048576');
  });

  test('answers 503 while SQS is down, or refuses the queue', async () => {
    const sqs = await startSqs({ blue: {} });
    const events: QueueEvent[] = [];
    const onEvent = (event: QueueEvent) => void events.push(event);
    const { client } = sqs;
    const receiver = receiverWith();
    const missing = createSqsProducer({ receiver, client, queueUrl: `${sqs.queue('blue').url}-gone`, onEvent });
    expect(await post(missing, await signed())).toBe(503);
    await sqs.stop();
    const down = createSqsProducer({ receiver, client, queueUrl: sqs.queue('blue').url, onEvent });
    expect(await post(down, await signed())).toBe(503);
    expect(events.map(({ type }) => type)).toEqual(['store-failed', 'store-failed']);
    expect(JSON.stringify(events)).not.toContain('currentValue');
  });

  test('the promise that onEvent returns is awaited, also of the warning that SQS did not set a delay', async () => {
    const sqs = await startSqs({ blue: {} });
    const { client } = sqs;
    const queue = sqs.queue('blue');
    const receiver = receiverWith(() => Promise.reject(new Error('the CRM is down')));
    await post(createSqsProducer({ receiver, client, queueUrl: queue.url }), await signed());
    const logged: string[] = [];
    const handler = createSqsConsumer({
      receiver,
      client,
      queueUrl: `${queue.url}-gone`,
      async onEvent({ type }) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        logged.push(type);
      },
    });
    expect((await queue.invoke(handler)).failed).toHaveLength(1);
    expect(logged).toEqual(['started', 'retried', 'warning']);
  });

  test('messages for which the function has no time left are returned without an attempt', async () => {
    const sqs = await startSqs({ blue: {} });
    const { client } = sqs;
    const queue = sqs.queue('blue');
    const handled = vi.fn();
    const receiver = receiverWith(handled);
    const producer = createSqsProducer({ receiver, client, queueUrl: queue.url });
    for (const id of ['a', 'b', 'c']) await post(producer, await signed(moved(id)));
    const times = [30_000, 30_000, 1_500];
    const context = { getRemainingTimeInMillis: () => times.shift() ?? 0 };
    const { records, failed } = await queue.invoke(createSqsConsumer({ receiver }), context);
    expect(handled).toHaveBeenCalledTimes(2);
    expect(failed).toEqual([records[2]?.messageId]);
  });
});

describe('a FIFO queue', () => {
  const fifo = { FifoQueue: 'true', VisibilityTimeout: '600' };

  test('keeps the order of an entity while its first delivery fails, and handles the others meanwhile', async () => {
    const sqs = await startSqs({ 'blue.fifo': fifo });
    const { client } = sqs;
    const queue = sqs.queue('blue.fifo');
    const handled: string[] = [];
    let failures = 2;
    const receiver = receiverWith(({ rawBody }) => {
      const { id, title } = JSON.parse(rawBody).currentValue;
      if (id === 'a' && failures > 0) {
        failures -= 1;
        throw new Error('broken');
      }
      handled.push(`${id}${title}`);
    });
    const producer = createSqsProducer({ receiver, client, queueUrl: queue.url });
    for (const [id, title] of ['a1', 'b1', 'a2', 'b2', 'a3'].map((name) => [name[0], name[1]])) {
      expect(await post(producer, await signed(moved(id ?? '', { title })))).toBe(204);
    }
    const handler = createSqsConsumer({ receiver, client, queueUrl: queue.url, retry: fast });
    await until(
      () => handled.length === 5,
      () => queue.invoke(handler),
    );
    expect(handled).toEqual(['b1', 'b2', 'a1', 'a2', 'a3']);
  });

  test('a retry of Blue is not queued twice', async () => {
    const sqs = await startSqs({ 'blue.fifo': fifo });
    const queue = sqs.queue('blue.fifo');
    const receiver = receiverWith();
    const producer = createSqsProducer({ receiver, client: sqs.client, queueUrl: queue.url });
    const delivery = await signed();
    expect([await post(producer, delivery), await post(producer, delivery)]).toEqual([204, 204]);
    const { Attributes } = await sqs.client.getQueueAttributes({ QueueUrl: queue.url, AttributeNames: ['All'] });
    expect(Attributes?.ApproximateNumberOfMessages).toBe('1');
  });

  test('an event without an entity, and one whose id SQS does not take, are grouped otherwise', async () => {
    const sqs = await startSqs({ 'blue.fifo': fifo });
    const queueUrl = sqs.queue('blue.fifo').url;
    const producer = createSqsProducer({ receiver: receiverWith(), client: sqs.client, queueUrl });
    expect(await post(producer, await signed({ event: 'NOT_KNOWN_YET' }))).toBe(204);
    expect(await post(producer, await signed(moved('an id with spaces é')))).toBe(204);
    const groups: unknown[] = [];
    await sqs.queue('blue.fifo').invoke(async ({ Records }) => {
      groups.push(...Records.map(({ attributes }) => attributes?.MessageGroupId));
      return { batchItemFailures: [] };
    });
    expect(groups).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), fixtures.TODO_MOVED.webhook.id]);
  });

  test('a message that was received while it waited for its group runs, however often that was', async () => {
    const handled = vi.fn();
    const receiver = receiverWith(handled);
    const sqs = await startSqs({ 'blue.fifo': fifo });
    const queue = sqs.queue('blue.fifo');
    await post(createSqsProducer({ receiver, client: sqs.client, queueUrl: queue.url }), await signed());
    const [text] = await queue.texts();
    const batch = batchOf(text, '99', '.fifo');
    expect(await createSqsConsumer({ receiver })(batch)).toEqual({ batchItemFailures: [] });
    expect(handled).toHaveBeenCalledTimes(1);
    const standard = await createSqsConsumer({ receiver })(batchOf(text, '99'));
    expect(standard.batchItemFailures).toHaveLength(1);
  });

  test('returns the messages that follow a failed one of its group without an attempt', async () => {
    const handled: string[] = [];
    const receiver = receiverWith(({ rawBody }) => {
      handled.push(idOf(rawBody));
      if (handled.length === 1) throw new Error('broken');
    });
    const sqs = await startSqs({ blue: {} });
    const queue = sqs.queue('blue');
    const producer = createSqsProducer({ receiver, client: sqs.client, queueUrl: queue.url });
    for (const id of ['a', 'b', 'a', 'b']) await post(producer, await signed(moved(id)));
    const bodies = await queue.texts();
    const groups = bodies.map((body) => JSON.parse(body).entityId as string);
    expect(groups).toEqual(['a', 'b', 'a', 'b']);
    const Records = bodies.map((body, at) => ({
      messageId: `${groups[at]}${at}`,
      receiptHandle: `${at}`,
      body,
      attributes: { ApproximateReceiveCount: '1', MessageGroupId: groups[at] },
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:blue.fifo',
    }));
    const { batchItemFailures } = await createSqsConsumer({ receiver })({ Records });
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'a0' }, { itemIdentifier: 'a2' }]);
    expect(handled).toEqual(['a', 'b', 'b']);
  });

  test('a stored dead letter no longer holds up its group', async () => {
    const sqs = await startSqs({ 'blue.fifo': fifo, 'dead.fifo': fifo });
    const { client } = sqs;
    const queue = sqs.queue('blue.fifo');
    const handled: string[] = [];
    const receiver = receiverWith(({ rawBody }) => {
      const { title } = JSON.parse(rawBody).currentValue;
      if (title === '1') throw new UnrecoverableError('no such record');
      handled.push(title);
    });
    const producer = createSqsProducer({ receiver, client, queueUrl: queue.url });
    for (const title of ['1', '2']) await post(producer, await signed(moved('a', { title })));
    const handler = createSqsConsumer({ receiver, client, deadLetterQueueUrl: sqs.queue('dead.fifo').url });
    await until(
      () => handled.length === 1,
      async () => expect((await queue.invoke(handler)).failed).toEqual([]),
    );
    expect(handled).toEqual(['2']);
    expect(await sqs.queue('dead.fifo').texts()).toHaveLength(1);
  });
});

/** Returns the event of a Lambda function for one message. */
function batchOf(body = '', count = '1', suffix = '') {
  const eventSourceARN = `arn:aws:sqs:us-east-1:000000000000:blue${suffix}`;
  const attributes = { ApproximateReceiveCount: count, MessageGroupId: 'a' };
  return { Records: [{ messageId: 'm', receiptHandle: 'r', body, attributes, eventSourceARN }] };
}

test('an event that is not of SQS is a TypeError', async () => {
  const handler = createSqsConsumer({ receiver: receiverWith() });
  for (const event of [undefined, {}, { Records: [{ Sns: {} }] }, { requestContext: {} }]) {
    await expect(handler(event as never)).rejects.toThrow('not a batch of SQS');
  }
});

test('options that cannot work are a TypeError that names the cure', () => {
  const receiver = receiverWith();
  const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/blue';
  const client = { sendMessage: async () => {}, changeMessageVisibility: async () => {} };
  const bare = new SQSClient({ region: 'eu-west-1' }) as never;
  expect(() => createSqsProducer({ receiver, client: bare, queueUrl })).toThrow('`new SQS({})`');
  expect(() => createSqsProducer({ receiver, client, queueUrl: 'blue' })).toThrow('queueUrl must be the URL');
  expect(() => createSqsConsumer({ receiver, queueUrl })).toThrow('need the client');
  expect(() => createSqsConsumer({ receiver, client, deadLetterQueueUrl: '' })).toThrow('deadLetterQueueUrl must be');
  const both = { receiver, client, deadLetterQueueUrl: queueUrl, deadLetter: () => {} };
  expect(() => createSqsConsumer(both)).toThrow('either deadLetter or deadLetterQueueUrl');
});
