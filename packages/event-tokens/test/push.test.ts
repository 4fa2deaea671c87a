import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createReceiver, UnrecoverableError, type WebhookError } from '@blue-webhooks/core';
import { signedRequest } from '@blue-webhooks/testing';
import { describe, expect, test } from 'vitest';
import { createEventTokenIssuer, type Jwk, PushError, pushEventTokens, verifyEventToken } from '../src/index';
import { ed25519 } from './by-hand';
import { unsignedDelivery, verifiedDelivery } from './deliveries';
import { serve } from './serve';

const issuer = 'https://gateway.example';
const audience = 'https://billing.example';
const pair = ed25519();
const tokens = createEventTokenIssuer({ issuer, audience, key: pair.privateKey.export({ format: 'jwk' }) as Jwk });
const keys = pair.publicKey.export({ format: 'jwk' }) as Jwk;

interface Received {
  readonly method: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A recipient with a configured response, which records the requests. */
async function recipient(answer: (response: ServerResponse) => void) {
  const received: Received[] = [];
  const { url, stop } = await serve(async (request, response) => {
    const { method, headers } = request;
    received.push({ method, headers, body: (await buffer(request)).toString() });
    answer(response);
  });
  return { to: `${url}/events`, received, stop };
}

async function push(to: string, more: object = {}) {
  const delivery = await verifiedDelivery();
  return pushEventTokens({ to, issuer: tokens, ...more })(delivery.event, delivery);
}

const refuse = (err: unknown, description?: unknown) => (response: ServerResponse) =>
  void response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ err, description }));

test('a token is posted as RFC 8935 says, and 202 is all that is needed', async () => {
  const { to, received } = await recipient((response) => response.writeHead(202).end());
  await push(to, { authorization: 'Bearer of tokens' });
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({
    method: 'POST',
    headers: {
      'content-type': 'application/secevent+jwt',
      accept: 'application/json',
      authorization: 'Bearer of tokens',
    },
  });
  const verified = await verifyEventToken(received[0]?.body ?? '', { issuer, audience, keys });
  expect(verified.event).toEqual((await verifiedDelivery()).event);
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 31, Number.MAX_SAFE_INTEGER, '5'])(
  'a timeout of %s is a TypeError',
  (timeoutMs) => {
    const options = { to: 'https://a.example', issuer: tokens, timeoutMs: timeoutMs as number };
    expect(() => pushEventTokens(options)).toThrow('timeoutMs must be a positive integer, at most 2147483647');
  },
);

test('no authorization is sent if none is configured', async () => {
  const { to, received } = await recipient((response) => response.writeHead(202).end());
  await push(to);
  expect(received[0]?.headers).not.toHaveProperty('authorization');
});

describe('a refusal', () => {
  test.each(['invalid_issuer', 'invalid_audience', 'access_denied'])(
    '%s is final: sending the token again would not change it',
    async (err) => {
      const { to } = await recipient(refuse(err, 'Because.'));
      const error = await push(to).catch((thrown) => thrown);
      expect(UnrecoverableError.is(error)).toBe(true);
      expect(error.message).toContain(err);
      expect(error.cause).toBeInstanceOf(PushError);
      expect(error.cause).toMatchObject({ status: 400, err, description: 'Because.' });
    },
  );

  test.each(['invalid_key', 'authentication_failed', 'invalid_request'])(
    '%s may pass: keys, credentials and clocks change',
    async (err) => {
      const { to } = await recipient(refuse(err));
      const error = await push(to).catch((thrown) => thrown);
      expect(UnrecoverableError.is(error)).toBe(false);
      expect(error).toMatchObject({ name: 'PushError', status: 400, err, description: undefined });
    },
  );

  test.each<[string, (response: ServerResponse) => void]>([
    ['without an error object', (response) => response.writeHead(400).end('no JSON')],
    ['with null for an error object', (response) => response.writeHead(400).end('null')],
    ['with an error that is not a string', refuse({ a: 1 })],
    ['with an error that is not registered', refuse('toString')],
    [
      'with an answer that does not end soon',
      (response) => response.writeHead(400).end(`{"err":"invalid_request","d":"${'x'.repeat(20_000)}"}`),
    ],
  ])('%s may pass', async (_what, answer) => {
    const { to } = await recipient(answer);
    const error = await push(to).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: 'PushError', status: 400, err: undefined });
  });

  test('keeps its description short and out of the message', async () => {
    const { to } = await recipient(refuse('invalid_key', 'x'.repeat(9_000)));
    const error = await push(to).catch((thrown) => thrown);
    expect(error.description).toHaveLength(500);
    expect(error.message).not.toContain('xxx');
  });
});

describe('every other response is not an acceptance', () => {
  test.each([200, 204, 301, 302, 307, 401, 403, 404, 409, 413, 429, 500, 503])('%i', async (status) => {
    const { to, received } = await recipient((response) =>
      response.writeHead(status, { location: '/elsewhere' }).end(status === 204 ? undefined : 'text'),
    );
    await expect(push(to)).rejects.toMatchObject({ name: 'PushError', status });
    expect(received).toHaveLength(1); // no redirect is followed
  });

  test('a recipient that does not answer in time', async () => {
    const { to } = await recipient(() => {});
    await expect(push(to, { timeoutMs: 50 })).rejects.toMatchObject({ name: 'PushError', status: undefined });
  });

  test('a recipient that is not there', async () => {
    const { to, stop } = await recipient(() => {});
    await stop();
    await expect(push(to)).rejects.toMatchObject({ name: 'PushError', cause: expect.any(Error) });
  });
});

test('the delivery’s own deadline ends the push', async () => {
  const { to } = await recipient(() => {});
  const receiver = createReceiver({ secret: 's', deadlineMs: 100 });
  const ended = new Promise((resolve) => {
    const push = pushEventTokens({ to, issuer: tokens, timeoutMs: 60_000 });
    receiver.on('TODO_MOVED', (event, delivery) => push(event, delivery).catch(resolve));
  });
  const response = await receiver.fetch(await signedRequest('TODO_MOVED', { secret: 's', url: 'http://localhost/' }));
  expect(response.status).toBe(503);
  expect(await ended).toMatchObject({
    name: 'PushError',
    cause: { name: 'DriverError', message: expect.stringMatching(/^TimeoutError: /) },
  });
});

test('as a receiver’s handler, makes Blue retry only what a retry can fix', async () => {
  const state: { answer: (response: ServerResponse) => void } = { answer: refuse('invalid_key') };
  const { to, received } = await recipient((response) => state.answer(response));
  const errors: WebhookError[] = [];
  const push = pushEventTokens({ to, issuer: tokens });
  const receiver = createReceiver({ secret: 's', onFailure: (error) => errors.push(error) })
    .on(['TODO_MOVED', 'TAG_CREATED'], push)
    .onUnknown(push);
  const deliver = async (name: 'TODO_MOVED' | 'TODO_ARCHIVED') =>
    (await receiver.fetch(await signedRequest(name, { secret: 's', url: 'http://localhost/' }))).status;
  expect(await deliver('TODO_MOVED')).toBe(500);
  state.answer = refuse('invalid_audience');
  expect(await deliver('TODO_MOVED')).toBe(204);
  expect(errors.map(({ code }) => code)).toEqual(['HANDLER_FAILED', 'HANDLER_FAILED']);
  state.answer = (response) => response.writeHead(202).end();
  expect(await deliver('TODO_MOVED')).toBe(204);
  expect(await deliver('TODO_ARCHIVED')).toBe(204);
  expect(received).toHaveLength(4);
});

test('as the handler of a delivery that was stored, it throws what an inbox needs to know', async () => {
  const state: { answer: (response: ServerResponse) => void } = { answer: (response) => response.writeHead(503).end() };
  const { to, received } = await recipient((response) => state.answer(response));
  const receiver = createReceiver({ secret: 's' }).on('TODO_MOVED', pushEventTokens({ to, issuer: tokens }));
  const { event, drift, ...rest } = await verifiedDelivery('TODO_MOVED');
  const stored = { ...rest, signal: new AbortController().signal };
  await expect(receiver.dispatch(stored)).rejects.toMatchObject({ name: 'PushError', status: 503 });
  state.answer = refuse('invalid_audience');
  await expect(receiver.dispatch(stored)).rejects.toSatisfy(UnrecoverableError.is);
  state.answer = (response) => response.writeHead(202).end();
  await receiver.dispatch(stored);
  const ids = received.map(({ body }) => JSON.parse(Buffer.from(body.split('.')[1] ?? '', 'base64url').toString()).jti);
  expect(ids).toEqual([stored.id, stored.id, stored.id]);
});

test('an unsigned delivery is not pushed, unless the issuer vouches for those too', async () => {
  const { to, received } = await recipient((response) => response.writeHead(202).end());
  const delivery = await unsignedDelivery();
  await expect(pushEventTokens({ to, issuer: tokens })(delivery.event, delivery)).rejects.toMatchObject({
    code: 'DELIVERY_UNSIGNED',
  });
  expect(received).toEqual([]);
  const key = pair.privateKey.export({ format: 'jwk' }) as Jwk;
  const lenient = createEventTokenIssuer({ issuer, audience, key, allowUnsigned: true });
  await pushEventTokens({ to, issuer: lenient })(delivery.event, delivery);
  expect(received).toHaveLength(1);
});

test.each<[string, object, string]>([
  ['an invalid URL', { to: 'billing' }, 'absolute URL'],
  ['a URL without TLS', { to: 'http://billing.example/events' }, 'allowHttp: true'],
  ['a loopback look-alike', { to: 'http://127.0.0.1.evil.example/events' }, 'https'],
  ['no issuer', { issuer: undefined }, 'createEventTokenIssuer'],
  ['a timeout of nothing', { timeoutMs: 0 }, 'timeoutMs'],
])('%s throws a TypeError at construction', (_what, wrong, cure) => {
  const options = { to: 'https://billing.example/events', issuer: tokens, ...wrong };
  expect(() => pushEventTokens(options)).toThrow(expect.objectContaining({ name: 'TypeError' }));
  expect(() => pushEventTokens(options)).toThrow(cure);
});

test.each([
  ['https://billing.example/events', {}],
  ['http://localhost:1/events', {}],
  ['http://[::1]:1/events', {}],
  ['http://billing.mesh/events', { allowHttp: true }],
])('%s is a place to push to', (to, more) => {
  expect(pushEventTokens({ to, issuer: tokens, ...more })).toBeTypeOf('function');
});
