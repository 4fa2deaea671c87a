import { createReceiver, type WebhookError } from '@blue-webhooks/core';
import { signedDelivery } from '@blue-webhooks/testing';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Hono as MiddleHono } from 'hono-middle';
import { bodyLimit as middleBodyLimit } from 'hono-middle/body-limit';
import { Hono as OldestHono } from 'hono-oldest';
import { describe, expect, test } from 'vitest';
import { blueWebhook, verifyBlueWebhook } from '../src/index';

const secret = 'a secret';
const text = '{ "event":"TODO_CREATED", "currentValue":{"id":"1","title":"Grüße 👋","position":1.0} }';
const body = new TextEncoder().encode(text);
const title = 'Grüße 👋';

/** A genuine delivery, with a Content-Length or as a stream without one. */
async function genuine(chunked: boolean): Promise<Request> {
  const { headers } = await signedDelivery(body, { secret });
  const init = chunked
    ? { headers, body: new Blob([body]).stream(), duplex: 'half' }
    : { headers: { ...headers, 'content-length': String(body.length) }, body };
  return new Request('http://localhost/', { method: 'POST', ...init } as RequestInit);
}

/** Reads the body in some way before us; what that throws does not concern us. */
const reads =
  (read: (c: Context) => Promise<unknown>): MiddlewareHandler =>
  async (c, next) => {
    await read(c).catch(() => {});
    await next();
  };

/** `limit` is each version's own; the oldest's throws on a body in pieces wherever it is used. */
const versions = {
  'the newest Hono': { App: Hono, limit: bodyLimit, keepsText: true },
  'a Hono in the middle': { App: MiddleHono as unknown as typeof Hono, limit: middleBodyLimit, keepsText: true },
  'the oldest Hono': { App: OldestHono as unknown as typeof Hono, limit: undefined, keepsText: false },
};
const deliveries = [
  ['with a Content-Length', false],
  ['in pieces', true],
] as const;

for (const [version, { App, limit, keepsText }] of Object.entries(versions)) {
  describe.each(deliveries)(`${version}, a delivery %s`, (_how, chunked) => {
    async function deliver(...earlier: MiddlewareHandler[]) {
      const errors: WebhookError[] = [];
      const titles: unknown[] = [];
      const receiver = createReceiver({ secret, onFailure: (error) => errors.push(error) });
      receiver.on('TODO_CREATED', ({ currentValue }) => titles.push(currentValue.title));
      const app = new App().use('*', ...earlier).post('/', blueWebhook(receiver));
      const response = await app.request(await genuine(chunked));
      return { status: response.status, text: await response.text(), codes: errors.map(({ code }) => code), titles };
    }

    const accepted = { status: 204, text: '', codes: [], titles: [title] };
    const gone = { status: 500, text: '{"error":"BODY_ALREADY_READ"}', codes: ['BODY_ALREADY_READ'], titles: [] };

    test.each<readonly [string, MiddlewareHandler]>([
      ['c.req.text()', reads((c) => c.req.text())],
      ['c.req.arrayBuffer()', reads((c) => c.req.arrayBuffer())],
      ['c.req.blob()', reads((c) => c.req.blob())],
      ['c.req.bytes(), where Hono has it', reads(async (c) => 'bytes' in c.req && c.req.bytes())],
      ['c.req.parseBody(), which leaves JSON alone', reads((c) => c.req.parseBody())],
      ...(limit ? [["Hono's own body limit", limit({ maxSize: 1_000_000 }) as MiddlewareHandler] as const] : []),
    ])('is accepted after %s', async (_read, earlier) => {
      expect(await deliver(earlier)).toEqual(accepted);
    });

    test(`after c.req.json() ${keepsText ? 'is accepted, since Hono keeps the text' : 'is said to be gone, since Hono keeps no text'}`, async () => {
      expect(await deliver(reads((c) => c.req.json()))).toEqual(keepsText ? accepted : gone);
    });

    test.each<[string, MiddlewareHandler]>([
      ['c.req.raw.text()', reads((c) => c.req.raw.text())],
      ['c.req.raw.json()', reads((c) => c.req.raw.json())],
      ['c.req.formData()', reads((c) => c.req.formData())],
    ])('is said to be gone after %s', async (_read, earlier) => {
      expect(await deliver(earlier)).toEqual(gone);
    });

    test.each<[string, (c: Context) => Promise<unknown>, unknown]>([
      ['json', (c) => c.req.json(), JSON.parse(text)],
      ['text', (c) => c.req.text(), text],
      ['bytes', async (c) => new TextDecoder().decode(await c.req.arrayBuffer()), text],
    ])('can still be read after verifyBlueWebhook, mounted once or twice, as %s', async (_as, read, expected) => {
      for (const mounted of [1, 2]) {
        const seen: unknown[] = [];
        const verify = Array.from({ length: mounted }, () => verifyBlueWebhook({ secret }));
        const app = new App().use('*', ...verify).post('/', async (c) => {
          seen.push(await read(c), c.var.blue.id);
          return c.body(null, 202);
        });
        const request = await genuine(chunked);
        expect((await app.request(request)).status).toBe(202);
        expect(seen).toEqual([expected, request.headers.get('x-signature')?.slice(0, 32)]);
      }
    });

    test('is handled once behind verifyBlueWebhook', async () => {
      expect(await deliver(verifyBlueWebhook({ secret }))).toEqual(accepted);
    });
  });
}

test('a request without a body has an empty one, which can be signed', async () => {
  const codes: string[] = [];
  const app = new Hono().post('/', blueWebhook(createReceiver({ secret, onFailure: ({ code }) => codes.push(code) })));
  const { headers } = await signedDelivery(new Uint8Array(), { secret });
  expect((await app.request('/', { method: 'POST', headers })).status).toBe(400);
  expect(codes).toEqual(['BODY_NOT_JSON']);
});
