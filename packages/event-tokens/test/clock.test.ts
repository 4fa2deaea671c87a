import type { ServerResponse } from 'node:http';
import { createReceiver, memoryLedger, UnrecoverableError } from '@blue-webhooks/core';
import { signedRequest } from '@blue-webhooks/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createEventTokenIssuer,
  EventTokenError,
  type Jwk,
  PushError,
  pushEventTokens,
  receiveEventTokens,
  serveKeys,
  verifyEventToken,
} from '../src/index';
import { ed25519, jws } from './by-hand';
import { verifiedDelivery } from './deliveries';
import { serve } from './serve';

const issuer = 'https://gateway.example';
const audience = 'https://billing.example';
const pair = ed25519();
const key = pair.privateKey.export({ format: 'jwk' }) as Jwk;
const keys = { keys: [{ ...(pair.publicKey.export({ format: 'jwk' }) as Jwk), kid: 'now' }] };
const tokens = createEventTokenIssuer({ issuer, audience, key, kid: 'now' });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// The clock of this process, which is the recipient's while a token is checked and the gateway's while one is issued.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** A recipient whose clock is wrong by this number of milliseconds. */
async function recipientWithClock(state: { offMs: number }) {
  const handled: string[] = [];
  const failures: string[] = [];
  const receiver = receiveEventTokens(
    { issuer, audience, keys, ledger: memoryLedger(), onFailure: ({ code }) => failures.push(code) },
    ({ jti }) => handled.push(jti),
  );
  const { url } = await serve(async (request, response) => {
    const now = Date.now();
    vi.setSystemTime(now + state.offMs);
    try {
      const body: Uint8Array[] = [];
      for await (const chunk of request) body.push(chunk);
      const header = (name: string) => request.headers[name];
      const outcome = await receiver.handle({ method: 'POST', header, body: Buffer.concat(body) });
      response.writeHead(outcome.status, outcome.headers).end(outcome.body ?? undefined);
    } finally {
      vi.setSystemTime(now);
    }
  });
  return { to: url, handled, failures };
}

describe.each<[string, number, string]>([
  ['two minutes behind', -2 * MINUTE, 'TOKEN_FROM_FUTURE'],
  ['a year behind', -365 * DAY, 'TOKEN_FROM_FUTURE'],
  ['at the start of 1970', -Date.now(), 'TOKEN_FROM_FUTURE'],
  ['two days ahead', 2 * DAY, 'TOKEN_EXPIRED'],
  ['a year ahead', 365 * DAY, 'TOKEN_EXPIRED'],
])('a recipient whose clock is %s', (_how, offMs, code) => {
  test('loses no event: each push causes a retry, and the retry after the correction is accepted', async () => {
    const state = { offMs };
    const { to, handled, failures } = await recipientWithClock(state);
    const push = pushEventTokens({ to, issuer: tokens });
    const delivery = await verifiedDelivery();
    for (const _attempt of [1, 2]) {
      const error = await push(delivery.event, delivery).catch((thrown: unknown) => thrown);
      expect(UnrecoverableError.is(error)).toBe(false);
      expect(error).toMatchObject({ name: 'PushError', status: 503 });
    }
    expect(failures).toEqual([code, code]);
    state.offMs = 0;
    await push(delivery.event, delivery);
    expect(handled).toEqual([delivery.id]);
  });

  test('makes Blue retry, where a receiver pushes without an inbox', async () => {
    const state = { offMs };
    const { to, handled } = await recipientWithClock(state);
    const receiver = createReceiver({ secret: 's' }).on('TODO_MOVED', pushEventTokens({ to, issuer: tokens }));
    const deliver = async () =>
      (await receiver.fetch(await signedRequest('TODO_MOVED', { secret: 's', url: 'http://localhost/' }))).status;
    expect(await deliver()).toBe(500);
    state.offMs = 0;
    expect(await deliver()).toBe(204);
    expect(handled).toHaveLength(1);
  });
});

test.each<[string, object, string]>([
  ['iat in the future', { iat: 3_600 }, 'TOKEN_FROM_FUTURE'],
  ['iat in milliseconds', { iat: Date.now() }, 'TOKEN_FROM_FUTURE'],
  ['nbf in the future', { nbf: 3_600 }, 'TOKEN_FROM_FUTURE'],
  ['an old iat', { iat: -2 * 86_400 }, 'TOKEN_EXPIRED'],
  ['exp in the past', { exp: -3_600 }, 'TOKEN_EXPIRED'],
])('%s is answered 503 without an RFC 8935 refusal', async (_what, times, code) => {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    aud: audience,
    iat: now,
    jti: 'a delivery',
    events: { 'https://blue.cc/webhooks/events/TODO_CREATED': { event: 'TODO_CREATED', currentValue: { id: '1' } } },
    ...Object.fromEntries(Object.entries(times).map(([name, seconds]) => [name, now + seconds])),
  };
  const token = jws({ alg: 'EdDSA', kid: 'now', typ: 'secevent+jwt' }, claims, pair.privateKey);
  const failures: unknown[] = [];
  const receiver = receiveEventTokens({ issuer, audience, keys, onFailure: (error) => failures.push(error) }, () => {});
  const request = new Request('https://billing.example/', {
    method: 'POST',
    headers: { 'content-type': 'application/secevent+jwt' },
    body: token,
  });
  const response = await receiver.fetch(request);
  expect([response.status, await response.text()]).toEqual([503, '']);
  expect(failures).toEqual([expect.objectContaining({ name: 'EventTokenError', code, err: undefined })]);
});

test('a permanently refused token is not retried although a clock is wrong as well', async () => {
  const { to } = await recipientWithClock({ offMs: 365 * DAY });
  const others = createEventTokenIssuer({ issuer, audience: 'another', key, kid: 'now' });
  const delivery = await verifiedDelivery();
  const error = await pushEventTokens({ to, issuer: others })(delivery.event, delivery).catch((thrown) => thrown);
  expect(UnrecoverableError.is(error)).toBe(true);
  expect(error.cause).toMatchObject({ name: 'PushError', err: 'invalid_audience' });
});

describe('a recipient of another make that answers a wrong clock', () => {
  const refuse = (err: unknown) => (response: ServerResponse) =>
    void response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ err, description: 'iat is in the future' }));

  test.each<[string, (response: ServerResponse) => void]>([
    ['with invalid_request', refuse('invalid_request')],
    ['with authentication_failed', refuse('authentication_failed')],
    ['with a code that is not registered', refuse('jwtIat')],
    ['with the code of another refusal in capitals', refuse('INVALID_AUDIENCE')],
    ['with 400 alone', (response) => void response.writeHead(400).end()],
    ['with 401', (response) => void response.writeHead(401).end()],
    ['with 403', (response) => void response.writeHead(403).end()],
    ['with 422', (response) => void response.writeHead(422).end()],
  ])('%s is asked again', async (_how, answer) => {
    const { url } = await serve((_request, response) => answer(response));
    const delivery = await verifiedDelivery();
    const error = await pushEventTokens({ to: url, issuer: tokens })(delivery.event, delivery).catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(PushError);
    expect(UnrecoverableError.is(error)).toBe(false);
  });
});

describe('a recipient whose clock is corrected', () => {
  test.each([
    ['back', -DAY],
    ['forward', DAY],
  ])('%s finds a new key as soon as the cooldown of 30 seconds is over', async (_how, stepMs) => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const [old, next] = ['old', 'next'].map((kid) =>
      createEventTokenIssuer({ issuer, audience, key: ed25519().privateKey.export({ format: 'jwk' }) as Jwk, kid }),
    ) as [typeof tokens, typeof tokens];
    let current = old;
    const { url } = await serve((request, response) => void serveKeys(current).node(request, response));
    const check = async (made: typeof tokens) =>
      verifyEventToken(await made.issue(await verifiedDelivery()), { issuer, audience, keys: url });
    await check(old);
    vi.setSystemTime(Date.now() + stepMs);
    await check(old);
    current = next;
    vi.advanceTimersByTime(31_000);
    expect(EventTokenError.is(await check(next).catch((error: unknown) => error))).toBe(false);
  });
});
