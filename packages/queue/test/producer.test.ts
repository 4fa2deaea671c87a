import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { blueWebhook as lambdaWebhook } from '@blue-webhooks/aws-lambda';
import { blueWebhook as expressWebhook } from '@blue-webhooks/express';
import { fixtures } from '@blue-webhooks/testing';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { createQueueConsumer, createQueueProducer, QueueError, type QueueEvent } from '../src/index';
import { list, moved, post, receiverWith, secret, signed } from './deliveries';

async function over(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/blue`;
}

test('answers 204 when the queue has confirmed a genuine delivery, and sends no forged one', async () => {
  const queue = list();
  const events: QueueEvent[] = [];
  const producer = createQueueProducer({
    receiver: receiverWith(),
    send: queue.send,
    onEvent: (event) => events.push(event),
  });
  const delivery = await signed(moved('clm-record'));
  expect(await post(producer, { ...delivery, body: delivery.body.slice(1) })).toBe(401);
  expect(queue.messages).toEqual([]);
  expect(await post(producer, delivery)).toBe(204);
  const [message] = queue.messages;
  expect(message?.delivery).toMatchObject({ id: delivery.id, event: 'TODO_MOVED', entityId: 'clm-record' });
  expect(message?.bytes).toBe(Buffer.byteLength(message?.body ?? ''));
  expect(events).toEqual([{ type: 'stored', delivery: message?.delivery, bytes: message?.bytes, isOffloaded: false }]);
});

test('a message contains the body as it was signed, and neither the secret nor the signature', async () => {
  const queue = list();
  const seen: string[] = [];
  const receiver = receiverWith(({ rawBody, signature, secretId, receivedAt, attempt }) => {
    seen.push(rawBody);
    expect({ signature, secretId, attempt, isDate: receivedAt instanceof Date }).toEqual({
      signature: 'verified',
      secretId: '0',
      attempt: 3,
      isDate: true,
    });
  });
  const delivery = await signed(moved('a', { title: 'Zoë 😀 \u0000 \ufffe \uffff "quoted" \u2028' }));
  expect(await post(createQueueProducer({ receiver, send: queue.send }), delivery)).toBe(204);
  const text = queue.messages[0]?.body ?? '';
  expect(text).not.toContain(secret);
  expect(text).not.toContain(delivery.headers['x-signature']);
  expect(text).not.toMatch(/[\ud800-\udfff\ufffe\uffff]/); // which SQS does not take
  expect(await createQueueConsumer({ receiver }).consume(text, { attempts: 3 })).toEqual({ type: 'done' });
  expect(seen).toEqual([new TextDecoder().decode(delivery.body)]);
});

test('adapters mount a producer in place of a receiver', async () => {
  const queue = list();
  const producer = createQueueProducer({ receiver: receiverWith(), send: queue.send });
  const url = await over(express().post('/webhooks/blue', expressWebhook(producer)));
  const delivery = await signed();
  expect((await fetch(url, { method: 'POST', ...delivery })).status).toBe(204);
  const encoded = { body: Buffer.from(delivery.body).toString('base64'), isBase64Encoded: true };
  const event = { requestContext: { http: { method: 'POST' } }, headers: delivery.headers, ...encoded };
  expect(await lambdaWebhook(producer)(event)).toMatchObject({ statusCode: 204 });
  expect(queue.messages.map((message) => message.delivery.id)).toEqual([delivery.id, delivery.id]);
});

test('answers 503 and reports a redacted error when the queue fails', async () => {
  const events: QueueEvent[] = [];
  const delivery = await signed();
  const producer = createQueueProducer({
    receiver: receiverWith(),
    send({ body }) {
      throw Object.assign(new Error(`refused: "${body}"`), { code: 'ECONNREFUSED', params: [body] });
    },
    onEvent: (event) => events.push(event),
  });
  expect(await post(producer, delivery)).toBe(503);
  expect(await post(producer, await signed(fixtures.WEBHOOK_HEALTH_CHECK))).toBe(503);
  expect(events).toMatchObject([
    { type: 'store-failed', delivery: { id: delivery.id }, error: { name: 'DriverError', code: 'ECONNREFUSED' } },
    { type: 'store-failed', delivery: { event: 'WEBHOOK_HEALTH_CHECK' } },
  ]);
  expect(JSON.stringify(events)).not.toContain('currentValue');
});

test('reports a QueueError of your own without what its cause carries', async () => {
  const events: QueueEvent[] = [];
  const producer = createQueueProducer({
    receiver: receiverWith(),
    send({ body }) {
      const cause = Object.assign(new Error(`refused: "${body}"`), { params: [body] });
      throw new QueueError('TIMEOUT', 'The broker is slow.', { cause });
    },
    onEvent: (event) => events.push(event),
  });
  expect(await post(producer, await signed())).toBe(503);
  expect(events).toMatchObject([{ error: { code: 'TIMEOUT', cause: { name: 'DriverError' } } }]);
  expect(inspect(events, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('currentValue');
});

test('answers 503 before 6.9 seconds when the queue does not respond, and aborts the signal of the message', async () => {
  let signal: AbortSignal | undefined;
  const events: QueueEvent[] = [];
  const producer = createQueueProducer({
    receiver: receiverWith(),
    send(message) {
      signal = message.signal;
      return new Promise(() => {});
    },
    onEvent: (event) => events.push(event),
  });
  const startedAt = performance.now();
  expect(await post(producer, await signed())).toBe(503);
  expect(performance.now() - startedAt).toBeLessThan(6_900);
  expect(signal?.aborted).toBe(true);
  expect(events).toMatchObject([{ type: 'store-failed', error: { name: 'QueueError', code: 'TIMEOUT' } }]);
});

test.each([
  ['no options', undefined, 'createQueueProducer({ receiver, send })'],
  ['no receiver', { send() {} }, 'createReceiver'],
  ['no send', { receiver: receiverWith() }, 'send must be a function'],
  ['a limit of 0', { receiver: receiverWith(), send() {}, maxMessageBytes: 0 }, 'maxMessageBytes must be'],
  ['an offload without get', { receiver: receiverWith(), send() {}, offload: { put() {} } }, 'offload.get must be'],
  ['a hook that is not a function', { receiver: receiverWith(), send() {}, onEvent: 7 }, 'onEvent must be'],
])('%s is a TypeError that names the cure', (_what, options, message) => {
  expect(() => createQueueProducer(options as never)).toThrow(TypeError);
  expect(() => createQueueProducer(options as never)).toThrow(message);
});
