import type { RequestListener } from 'node:http';
import { request as httpRequest } from 'node:http';
import { type DeliveryHandler, type Ledger, memoryLedger, UnrecoverableError } from '@blue-webhooks/core';
import { blueWebhook as onExpress } from '@blue-webhooks/express';
import { blueWebhook as onHono } from '@blue-webhooks/hono';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import {
  createEventTokenIssuer,
  EventTokenError,
  type EventTokenHandler,
  type EventTokenReceiver,
  type Jwk,
  pushEventTokens,
  type ReceiveEventTokensOptions,
  receiveEventTokens,
  serveKeys,
  type VerifiedEventToken,
} from '../src/index';
import { ed25519, jws } from './by-hand';
import { verifiedDelivery } from './deliveries';
import { hostileTokens } from './hostile-tokens';
import { serve } from './serve';

const issuer = 'https://gateway.example';
const audience = 'https://billing.example';
const pair = ed25519();
const rsaPair = ed25519();
const key = pair.privateKey.export({ format: 'jwk' }) as Jwk;
const keys = { keys: [{ ...(pair.publicKey.export({ format: 'jwk' }) as Jwk), kid: 'now' }] };
const tokens = createEventTokenIssuer({ issuer, audience, key, kid: 'now' });
const path = '/events';

const hosts: Record<string, (receiver: EventTokenReceiver & DeliveryHandler) => RequestListener> = {
  Express: (receiver) => express().all(path, onExpress(receiver)),
  'Express behind a text parser': (receiver) =>
    express()
      .use(express.text({ type: 'application/secevent+jwt' }))
      .all(path, onExpress(receiver)),
  Hono: (receiver) => getRequestListener(new Hono().all(path, onHono(receiver)).fetch),
  'a Fetch handler': ({ fetch }) => getRequestListener(fetch),
};

async function receiving(
  host: (receiver: EventTokenReceiver) => RequestListener,
  handler: EventTokenHandler = () => {},
  more: Partial<ReceiveEventTokensOptions> = {},
) {
  const failures: [string, string | undefined][] = [];
  const receiver = receiveEventTokens(
    { issuer, audience, keys, onFailure: (error, { jti }) => failures.push([error.code, jti]), ...more },
    handler,
  );
  const { url } = await serve(host(receiver));
  return { url: url + path, failures };
}

const post = (url: string, body: string, more: RequestInit = {}) =>
  fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/secevent+jwt' }, ...more });

describe.each(Object.entries(hosts))('on %s', (_name, host) => {
  test('a pushed token is handled, and accepted with an empty 202', async () => {
    const handled: VerifiedEventToken[] = [];
    const { url, failures } = await receiving(host, (token) => handled.push(token));
    const delivery = await verifiedDelivery();
    await pushEventTokens({ to: url, issuer: tokens })(delivery.event, delivery);
    expect(handled).toMatchObject([{ jti: delivery.id, event: { event: 'TODO_MOVED' } }]);
    const response = await post(url, await tokens.issue(delivery));
    expect([response.status, await response.text()]).toEqual([202, '']);
    expect(failures).toEqual([]);
  });

  test.each([
    ['invalid_request', 'an invalid token', 'x'],
    [
      'invalid_key',
      'a token under an unknown kid',
      jws({ alg: 'EdDSA', kid: 'x', typ: 'secevent+jwt' }, {}, pair.privateKey),
    ],
    [
      'authentication_failed',
      'a stranger’s token',
      jws({ alg: 'EdDSA', kid: 'now', typ: 'secevent+jwt' }, {}, ed25519().privateKey),
    ],
    [
      'invalid_issuer',
      'another issuer’s token',
      jws({ alg: 'EdDSA', kid: 'now', typ: 'secevent+jwt' }, { iat: 1, aud: audience, iss: 'x' }, pair.privateKey),
    ],
    [
      'invalid_audience',
      'a token for another',
      jws({ alg: 'EdDSA', kid: 'now', typ: 'secevent+jwt' }, { iat: 1, iss: issuer, aud: 'x' }, pair.privateKey),
    ],
  ])('%s answers %s, with a description and its language', async (err, _what, token) => {
    const { url, failures } = await receiving(host, () => {
      throw new Error('It must not get here.');
    });
    const response = await post(url, token);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('content-language')).toBe('en');
    expect(await response.json()).toEqual({ err, description: expect.any(String) });
    expect(failures).toEqual([[expect.stringMatching(/^TOKEN_/), undefined]]);
  });

  test('what is not posted as RFC 8935 says is refused before it is read', async () => {
    const { url, failures } = await receiving(host);
    const token = await tokens.issue(await verifiedDelivery());
    const wrong = await post(url, token, { headers: { 'content-type': 'text/plain' } });
    expect([wrong.status, ((await wrong.json()) as { err: string }).err]).toEqual([400, 'invalid_request']);
    const put = await post(url, token, { method: 'PUT' });
    expect([put.status, put.headers.get('allow'), await put.text()]).toEqual([405, 'POST', '']);
    expect(failures.map(([code]) => code)).toEqual(['MEDIA_TYPE', 'METHOD_NOT_ALLOWED']);
    const withParameter = { 'content-type': 'Application/SecEvent+JWT; charset=utf-8' };
    if (host !== hosts['Express behind a text parser']) {
      expect((await post(url, token, { headers: withParameter })).status).toBe(202);
    }
  });

  test('more than maxTokenBytes is not read', async () => {
    const { url, failures } = await receiving(host, undefined, { maxTokenBytes: 50_000 });
    const response = await post(url, 'A'.repeat(60_000));
    expect([response.status, await response.text()]).toEqual([413, '']);
    expect(failures).toEqual([['BODY_TOO_LARGE', undefined]]);
  });
});

const inProcess = ({ fetch }: EventTokenReceiver): RequestListener => getRequestListener(fetch);

test('no hostile token gets to the handler, and each is answered with an error of RFC 8935 or 503', async () => {
  const { url } = await receiving(inProcess, () => {
    throw new Error('It must not get here.');
  });
  const now = Math.floor(Date.now() / 1000);
  const events = { 'https://blue.cc/webhooks/events/TODO_CREATED': { event: 'TODO_CREATED', currentValue: null } };
  const claims = { iss: issuer, aud: audience, iat: now, jti: 'a delivery', events };
  for (const [title, code, make] of hostileTokens) {
    const token = make({ trusted: pair, kid: 'now', stranger: ed25519(), rsa: rsaPair, claims, now });
    if (typeof token !== 'string' || code === 'TOKEN_TOO_LARGE') continue; // which is refused unread, see above
    const response = await post(url, token);
    const { status, err } = new EventTokenError(code);
    const text = await response.text();
    // A wrong clock is not a refusal.
    expect(status, title).toBe(['TOKEN_EXPIRED', 'TOKEN_FROM_FUTURE'].includes(code) ? 503 : 400);
    expect(response.status, title).toBe(status);
    expect(text === '' ? undefined : (JSON.parse(text) as { err: string }).err, title).toBe(err);
  }
});

describe('a body that', () => {
  test('does not come to its end in time is not waited for', async () => {
    const { url, failures } = await receiving(inProcess, undefined, { bodyTimeoutMs: 50 });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/secevent+jwt', 'content-length': '100' };
      const slow = httpRequest(url, { method: 'POST', headers }, (response) => {
        resolve(response.statusCode);
        slow.destroy();
      });
      slow.on('error', reject).write('eyJ');
    });
    expect(status).toBe(408);
    expect(failures).toEqual([['BODY_TIMEOUT', undefined]]);
  });

  test('is not valid text is refused', async () => {
    const { url } = await receiving(inProcess);
    const response = await fetch(url, {
      method: 'POST',
      body: Uint8Array.of(0xff, 0xfe, 0x2e),
      headers: { 'content-type': 'application/secevent+jwt' },
    });
    expect(((await response.json()) as { err: string }).err).toBe('invalid_request');
  });
});

describe('a handler that', () => {
  test('fails makes the transmitter send again', async () => {
    const { url, failures } = await receiving(inProcess, () => Promise.reject(new Error('The database is away.')));
    const delivery = await verifiedDelivery();
    const response = await post(url, await tokens.issue(delivery));
    expect([response.status, await response.text()]).toEqual([500, '']);
    expect(failures).toEqual([['HANDLER_FAILED', delivery.id]]);
  });

  test('throws UnrecoverableError is reported, and the token accepted', async () => {
    const { url, failures } = await receiving(inProcess, () => {
      throw new UnrecoverableError('The account is closed.');
    });
    const delivery = await verifiedDelivery();
    expect((await post(url, await tokens.issue(delivery))).status).toBe(202);
    expect(failures).toEqual([['HANDLER_FAILED', delivery.id]]);
  });
});

test('what the hook throws changes nothing', async () => {
  for (const onFailure of [
    () => Promise.reject(new Error('no')),
    () => Promise.reject(Promise.reject(new Error('no'))),
    () => {
      throw new Error('no');
    },
    () => {
      throw Promise.reject(new Error('no'));
    },
  ]) {
    const { url } = await receiving(inProcess, undefined, { onFailure });
    expect((await post(url, 'x')).status).toBe(400);
  }
});

describe('with a ledger', () => {
  test('a duplicate is accepted but not handled twice, even with a newly issued token', async () => {
    let handled = 0;
    const { url } = await receiving(
      inProcess,
      () => {
        handled += 1;
      },
      { ledger: memoryLedger() },
    );
    const delivery = await verifiedDelivery();
    const first = await tokens.issue(delivery);
    const again = jws(
      { alg: 'EdDSA', kid: 'now', typ: 'secevent+jwt' },
      { ...payloadOf(first), iat: Math.floor(Date.now() / 1000) - 5 },
      pair.privateKey,
    );
    for (const token of [first, first, again]) {
      const response = await post(url, token);
      expect([response.status, await response.text()]).toEqual([202, '']); // RFC 8935 section 2: as if it had not come before
    }
    expect(handled).toBe(1);
    await post(url, await tokens.issue(await verifiedDelivery('TAG_CREATED')));
    expect(handled).toBe(2);
  });

  test('what failed is handled again', async () => {
    let attempts = 0;
    const { url } = await receiving(
      inProcess,
      () => {
        attempts += 1;
        if (attempts === 1) throw new Error('The database is away.');
      },
      { ledger: memoryLedger() },
    );
    const token = await tokens.issue(await verifiedDelivery());
    expect([(await post(url, token)).status, (await post(url, token)).status, attempts]).toEqual([500, 202, 2]);
  });

  test('a token with an UnrecoverableError is not handled again', async () => {
    let attempts = 0;
    const handler = () => {
      attempts += 1;
      throw new UnrecoverableError('The account is closed.');
    };
    const { url } = await receiving(inProcess, handler, { ledger: memoryLedger() });
    const token = await tokens.issue(await verifiedDelivery());
    expect([(await post(url, token)).status, (await post(url, token)).status, attempts]).toEqual([202, 202, 1]);
  });

  test('what is being handled is not begun a second time', async () => {
    let release = () => {};
    let begun = () => {};
    const handling = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const handler = () =>
      new Promise<void>((resolve) => {
        release = resolve;
        begun();
      });
    const { url, failures } = await receiving(inProcess, handler, { ledger: memoryLedger() });
    const delivery = await verifiedDelivery();
    const token = await tokens.issue(delivery);
    const first = post(url, token);
    await handling;
    expect((await post(url, token)).status).toBe(409);
    release();
    expect((await first).status).toBe(202);
    expect(failures).toEqual([['IN_PROGRESS', delivery.id]]);
  });

  test('two recipients and a gateway may share it', async () => {
    const ledger = memoryLedger();
    const delivery = await verifiedDelivery();
    ledger.begin(delivery.id);
    const handled: string[] = [];
    for (const name of ['billing', 'search']) {
      const { url } = await receiving(inProcess, () => void handled.push(name), { ledger, audience: name });
      const own = createEventTokenIssuer({ issuer, audience: ['billing', 'search'], key, kid: 'now' });
      expect((await post(url, await own.issue(delivery))).status).toBe(202);
    }
    expect(handled).toEqual(['billing', 'search']);
  });

  test('is called with ids of at most 64 characters, however long the names', async () => {
    const ids: string[] = [];
    const inner = memoryLedger();
    const ledger: Ledger = {
      ...inner,
      begin(id) {
        ids.push(id);
        return inner.begin(id);
      },
    };
    const name = `https://recipient.example/${'x'.repeat(100)}`;
    const { url } = await receiving(inProcess, () => {}, { ledger, audience: name });
    const own = createEventTokenIssuer({ issuer, audience: name, key, kid: 'now' });
    const delivery = await verifiedDelivery();
    for (let i = 0; i < 2; i++) expect((await post(url, await own.issue(delivery))).status).toBe(202);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]?.length).toBeLessThanOrEqual(64);
  });

  test('whose lease lapsed while the handler ran is reported', async () => {
    const ledger: Ledger = { ...memoryLedger(), finish: () => 'stale' };
    const { url, failures } = await receiving(inProcess, () => {}, { ledger });
    expect((await post(url, await tokens.issue(await verifiedDelivery()))).status).toBe(202);
    expect(failures.map(([code]) => code)).toEqual(['LEASE_LOST']);
  });

  test('whose lease is longer than any timer is not renewed continuously', async () => {
    const inner = memoryLedger({ leaseMs: Number.MAX_SAFE_INTEGER });
    let renewals = 0;
    const ledger: Ledger = {
      ...inner,
      renew(id, token) {
        renewals += 1;
        return inner.renew(id, token);
      },
    };
    const { url } = await receiving(inProcess, () => new Promise((resolve) => setTimeout(resolve, 100)), { ledger });
    expect((await post(url, await tokens.issue(await verifiedDelivery()))).status).toBe(202);
    expect(renewals).toBe(0);
  });

  test('without all its functions is a TypeError', async () => {
    const ledger = { ...memoryLedger(), renew: undefined } as unknown as Ledger;
    await expect(async () => receiving(inProcess, () => {}, { ledger })).rejects.toThrow('ledger.renew');
  });

  test('that fails to say whether it is new, the token is to be sent again', async () => {
    const away = () => Promise.reject(new Error('away'));
    const handler = () => {
      throw new Error('It must not get here.');
    };
    const { url, failures } = await receiving(inProcess, handler, {
      ledger: { ...memoryLedger(), begin: away },
    });
    const delivery = await verifiedDelivery();
    expect((await post(url, await tokens.issue(delivery))).status).toBe(503);
    expect(failures).toEqual([['LEDGER_FAILED', delivery.id]]);
  });

  test('that fails to take note afterwards, the answer is what the handler’s end was', async () => {
    const away = () => Promise.reject(new Error('away'));
    const ledger = { ...memoryLedger(), finish: away, fail: away };
    const { url, failures } = await receiving(inProcess, () => {}, { ledger });
    expect((await post(url, await tokens.issue(await verifiedDelivery()))).status).toBe(202);
    const failing = await receiving(inProcess, () => Promise.reject(new Error('no')), {
      ledger: { ...memoryLedger(), fail: away },
    });
    expect((await post(failing.url, await tokens.issue(await verifiedDelivery()))).status).toBe(500);
    expect([...failures, ...failing.failures].map(([code]) => code)).toEqual([
      'LEDGER_FAILED',
      'LEDGER_FAILED',
      'HANDLER_FAILED',
    ]);
  });
});

test('a gateway whose keys cannot be had is answered 503, and its token accepted once they can', async () => {
  const state = { down: true };
  const gateway = await serve((request, response) => {
    if (state.down) response.writeHead(500).end();
    else void serveKeys(tokens).node(request, response);
  });
  const keysUrl = (tenant: number) => `${gateway.url}/.well-known/jwks.json?tenant=${tenant}`;
  const down = await receiving(inProcess, undefined, { keys: keysUrl(1) });
  const token = await tokens.issue(await verifiedDelivery());
  expect((await post(down.url, token)).status).toBe(503);
  expect(down.failures).toEqual([['KEYS_UNAVAILABLE', undefined]]);
  state.down = false;
  const up = await receiving(inProcess, undefined, { keys: keysUrl(2) });
  expect((await post(up.url, token)).status).toBe(202);
});

test('the outcome names the token and the event, and nothing of its content', async () => {
  const delivery = await verifiedDelivery();
  const receiver = receiveEventTokens({ issuer, audience, keys }, () => {});
  const header = (name: string) => (name === 'content-type' ? 'application/secevent+jwt' : undefined);
  const body = new TextEncoder().encode(await tokens.issue(delivery));
  expect(await receiver.handle({ method: 'POST', header, body })).toEqual({
    status: 202,
    headers: {},
    duplicate: false,
    body: null,
    code: undefined,
    deliveryId: delivery.id,
    event: 'TODO_MOVED',
    durationMs: expect.any(Number),
  });
});

test.each<[string, object, unknown, string]>([
  ['options that are unsafe', { keys: { kty: 'oct' } }, () => {}, 'symmetric'],
  ['no handler', {}, undefined, 'handler'],
  ['a timeout of nothing', { bodyTimeoutMs: 0 }, () => {}, 'bodyTimeoutMs'],
])('%s throws a TypeError at construction', (_what, wrong, handler, cure) => {
  const make = () => receiveEventTokens({ issuer, audience, keys, ...wrong }, handler as EventTokenHandler);
  expect(make).toThrow(expect.objectContaining({ name: 'TypeError' }));
  expect(make).toThrow(cure);
});

function payloadOf(token: string): object {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

describe('the promise that onFailure returns', () => {
  /** A Worker's context: its method throws when it is called without its `this`. */
  class ExecutionContext {
    readonly #promises: Promise<unknown>[] = [];
    waitUntil(work: Promise<unknown>): void {
      this.#promises.push(work);
    }
    async settled(): Promise<number> {
      return (await Promise.all(this.#promises)).length;
    }
  }
  const refused = () =>
    new Request('http://localhost/', {
      method: 'POST',
      body: 'x',
      headers: { 'content-type': 'application/secevent+jwt' },
    });

  test('is passed to the waitUntil of the context of fetch, and of Hono', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const ended: string[] = [];
    const receiver = receiveEventTokens(
      { issuer, audience, keys, onFailure: () => gate.then(() => ended.push('a hook')) },
      () => {},
    );
    const context = Object.assign(new ExecutionContext(), { passThroughOnException: () => {}, props: {} });
    const env = { A_BINDING: 'a' };
    expect((await receiver.fetch(refused(), env, context)).status).toBe(400);
    const app = new Hono().post('/', onHono(receiver));
    expect((await app.fetch(refused(), env, context)).status).toBe(400);
    expect(ended).toEqual([]);
    release();
    expect(await context.settled()).toBe(2);
    expect(ended).toHaveLength(2);
  });

  test('is passed to the option where the request has no context', async () => {
    const context = new ExecutionContext();
    const receiver = receiveEventTokens(
      { issuer, audience, keys, onFailure: async () => {}, waitUntil: (work) => context.waitUntil(work) },
      () => {},
    );
    expect((await receiver.fetch(refused())).status).toBe(400);
    expect(await context.settled()).toBe(1);
  });

  test('needs a waitUntil that is a function', () => {
    expect(() => receiveEventTokens({ issuer, audience, keys, waitUntil: {} as never }, () => {})).toThrow(
      'waitUntil must be a function',
    );
  });
});

test.each([0, 1.5, Number.NaN, 2 ** 31, Number.MAX_SAFE_INTEGER, '5'])(
  'a bodyTimeoutMs of %s is a TypeError',
  (value) => {
    expect(() => receiveEventTokens({ issuer, audience, keys, bodyTimeoutMs: value as number }, () => {})).toThrow(
      'bodyTimeoutMs must be a positive integer, at most 2147483647',
    );
  },
);
