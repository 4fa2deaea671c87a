import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createReceiver, type WebhookError } from '@blue-webhooks/core';
import { signedDelivery } from '@blue-webhooks/testing';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { Hono as OldestHono } from 'hono-oldest';
import { describe, expect, onTestFinished, test } from 'vitest';
import { blueWebhook } from '../src/index';

const secret = 'a secret';
const versions = { 'the newest Hono': Hono, 'the oldest Hono': OldestHono as unknown as typeof Hono };

/** An app in which a middleware touches the body before the webhook route. */
function appWith(App: typeof Hono, touch: (c: Context) => unknown) {
  const errors: WebhookError[] = [];
  const app = new App();
  app.use('*', async (c, next) => {
    await Promise.resolve(touch(c)).catch(() => {});
    await next();
  });
  app.post('/', blueWebhook(createReceiver({ secret, onFailure: (error) => errors.push(error) })));
  return { app, errors };
}

async function genuine(chunked: boolean): Promise<RequestInit & { body: Uint8Array<ArrayBuffer> }> {
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  return chunked
    ? ({ method: 'POST', headers, body: new Blob([body]).stream(), duplex: 'half' } as never)
    : { method: 'POST', headers: { ...headers, 'content-length': String(body.length) }, body };
}

describe.each(Object.entries(versions))('%s', (_version, App) => {
  describe.each([
    ['with a Content-Length', false],
    ['in chunks', true],
  ])('a delivery %s', (_how, chunked) => {
    test.each<[string, (c: Context) => unknown]>([
      ['c.req.raw.text() and then c.req.text()', (c) => c.req.raw.text().then(() => c.req.text())],
      ['c.req.raw.body.getReader(), which keeps the lock', (c) => c.req.raw.body?.getReader()],
      ['a reader that read a part', (c) => c.req.raw.body?.getReader().read()],
      ['new Request(c.req.raw)', (c) => new Request(c.req.raw)],
      ['c.req.raw.body.cancel()', (c) => c.req.raw.body?.cancel()],
      ['c.req.raw.blob()', (c) => c.req.raw.blob()],
      ['c.req.raw.formData()', (c) => c.req.raw.formData()],
    ])('is reported as consumed, with the cure for Hono, after %s', async (_read, touch) => {
      const { app, errors } = appWith(App, touch);
      const response = await app.request('/', await genuine(chunked));
      expect([response.status, await response.text()]).toEqual([500, '{"error":"BODY_ALREADY_READ"}']);
      expect(errors.map(({ code }) => code)).toEqual(['BODY_ALREADY_READ']);
      expect(errors[0]?.message).toContain('c.req.arrayBuffer()');
    });

    test.each<[string, (c: Context) => unknown]>([
      ['c.req.raw.clone(), read to its end', (c) => c.req.raw.clone().text()],
      ['c.req.raw.clone(), left unread', (c) => c.req.raw.clone()],
      ['a look at c.req.raw.body', (c) => c.req.raw.body],
      ['a look at c.req.raw.bodyUsed', (c) => c.req.raw.bodyUsed],
    ])('is accepted after %s', async (_read, touch) => {
      const { app } = appWith(App, touch);
      expect((await app.request('/', await genuine(chunked))).status).toBe(204);
    });
  });
});

/** Listens until the test is over. */
async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe.each([
  ['with a Content-Length', false],
  ['in chunks', true],
])('behind a Node parser that read the request before Hono, a delivery %s', (_how, chunked) => {
  async function deliver(keep: (req: IncomingMessage, bytes: Buffer) => void) {
    const { app, errors } = appWith(Hono, () => {});
    const listener = getRequestListener(app.fetch);
    const url = await listen(async (req, res) => {
      keep(req, Buffer.concat(await req.toArray()));
      listener(req, res);
    });
    const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
    const sent = chunked ? { body: new Blob([body]).stream(), duplex: 'half' } : { body };
    const response = await fetch(url, { method: 'POST', headers, ...sent } as RequestInit);
    return [response.status, ...errors.map(({ code }) => code)];
  }

  test('is reported as consumed', async () => {
    expect(await deliver(() => {})).toEqual([500, 'BODY_ALREADY_READ']);
  });

  test('is accepted if the parser kept the bytes in rawBody', async () => {
    const keep = (req: IncomingMessage, bytes: Buffer) => void Object.assign(req, { rawBody: bytes });
    expect(await deliver(keep)).toEqual([204]);
  });
});
