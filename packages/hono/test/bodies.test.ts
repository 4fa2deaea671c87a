import { createReceiver, type WebhookError } from '@blue-webhooks/core';
import { signedDelivery } from '@blue-webhooks/testing';
import { Hono, type MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { Hono as OldestHono } from 'hono-oldest';
import { describe, expect, test } from 'vitest';
import { blueWebhook, verifyBlueWebhook } from '../src/index';

const secret = 'a secret';
const body = new TextEncoder().encode(
  '{ "event":"TODO_CREATED", "currentValue":{"id":"1","title":"Grüße 👋","position":1.0} }',
);

async function genuine(chunked = false): Promise<Request> {
  const { headers } = await signedDelivery(body, { secret });
  const init = chunked ? { body: new Blob([body]).stream(), duplex: 'half' } : { body };
  return new Request('http://localhost/', { method: 'POST', headers, ...init } as RequestInit);
}

const upstream: Record<string, MiddlewareHandler> = {
  'c.req.json()': async (c, next) => {
    await c.req.json();
    await next();
  },
  'c.req.text()': async (c, next) => {
    await c.req.text();
    await next();
  },
  'c.req.arrayBuffer()': async (c, next) => {
    await c.req.arrayBuffer();
    await next();
  },
  'c.req.raw.text()': async (c, next) => {
    await c.req.raw.text();
    await next();
  },
};

describe.each([
  ['the newest Hono', Hono],
  ['the oldest Hono', OldestHono as unknown as typeof Hono],
])('%s', (version, App) => {
  async function deliver(earlier: MiddlewareHandler) {
    const errors: WebhookError[] = [];
    const receiver = createReceiver({ secret, onFailure: (error) => errors.push(error) });
    const response = await new App()
      .use('*', earlier)
      .post('/', blueWebhook(receiver))
      .fetch(await genuine());
    return { status: response.status, code: errors[0]?.code };
  }

  test.each(['c.req.text()', 'c.req.arrayBuffer()'])('a genuine delivery is accepted after %s', async (earlier) => {
    expect(await deliver(upstream[earlier] as MiddlewareHandler)).toEqual({ status: 204, code: undefined });
  });

  test('after c.req.json() the bytes are there in the newest Hono, which caches the text, and known to be gone in the oldest', async () => {
    const expected =
      version === 'the newest Hono' ? { status: 204, code: undefined } : { status: 500, code: 'BODY_ALREADY_READ' };
    expect(await deliver(upstream['c.req.json()'] as MiddlewareHandler)).toEqual(expected);
  });

  test('a body that was consumed past the cache is said to be gone', async () => {
    expect(await deliver(upstream['c.req.raw.text()'] as MiddlewareHandler)).toEqual({
      status: 500,
      code: 'BODY_ALREADY_READ',
    });
  });

  test.each([[false], [true]])('the body can still be read after verifyBlueWebhook (chunked: %s)', async (chunked) => {
    const app = new App()
      .use('*', verifyBlueWebhook({ secret }), verifyBlueWebhook({ secret }))
      .post('/', async (c) => c.json({ id: c.var.blue.id, title: (await c.req.json()).currentValue.title }));
    const request = await genuine(chunked);
    const response = await app.fetch(request);
    const id = request.headers.get('x-signature')?.slice(0, 32);
    expect(await response.json()).toEqual({ id, title: 'Grüße 👋' });
  });
});

test('what is not genuine is thrown as an HTTPException that carries the answer and its cause', async () => {
  const thrown: unknown[] = [];
  const app = new Hono().post('/', verifyBlueWebhook({ secret: 'another' }), (c) => c.text('reached'));
  app.onError((error) => {
    thrown.push(error);
    return (error as HTTPException).getResponse();
  });
  const response = await app.fetch(await genuine());
  expect(response.status).toBe(401);
  expect(await response.text()).toBe('{"error":"SIGNATURE_INVALID"}');
  expect(thrown[0]).toBeInstanceOf(HTTPException);
  expect((thrown[0] as HTTPException).cause).toMatchObject({ code: 'SIGNATURE_MISMATCH' });
});
