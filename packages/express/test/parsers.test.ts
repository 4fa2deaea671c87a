import { createReceiver, type WebhookError } from '@blue-webhooks/core';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import express from 'express';
import express4 from 'express4';
import { describe, expect, test } from 'vitest';
import { blueWebhook, keepRawBody, type NodeRequest, verifyBlueWebhook } from '../src/index';
import { listen } from './serve';

const secret = 'a secret';
const path = '/webhooks/blue';

type Middleware = (req: NodeRequest, res: unknown, next: (error?: unknown) => void) => void;

/** A platform that has read the body and left it on the request, as Cloud Functions and Nest do. */
const platform =
  (keep: (bytes: Buffer) => string | Buffer): Middleware =>
  (req, _res, next) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => {
      req.rawBody = keep(Buffer.concat(chunks));
      req.body = JSON.parse(String(req.rawBody));
      next();
    });
  };

const consumed: Middleware = (req, _res, next) => {
  req.resume().on('end', () => next());
};
const asStrings: Middleware = (req, _res, next) => {
  req.setEncoding('utf8');
  next();
};

describe.each([
  ['Express 5', express],
  ['Express 4', express4],
])('%s', (_version, create) => {
  /** Sends a genuine delivery, odd formatting and characters included, through an app that has `earlier` mounted first. */
  async function deliver(earlier: Middleware[], contentType = 'application/json') {
    const errors: WebhookError[] = [];
    const titles: unknown[] = [];
    const receiver = createReceiver({ secret, onFailure: (error) => errors.push(error) });
    receiver.on('TODO_CREATED', (event) => titles.push(event.currentValue.title));
    const app = create();
    for (const middleware of earlier) app.use(middleware as express.RequestHandler);
    app.post(path, blueWebhook(receiver));
    const { url } = await listen(app);
    const body = new TextEncoder().encode(
      '{ "event":"TODO_CREATED", "currentValue":{"id":"1","title":"Grüße 👋","position":1.0} }',
    );
    const { headers } = await signedDelivery(body, { secret });
    const response = await fetch(url, { method: 'POST', body, headers: { ...headers, 'content-type': contentType } });
    return { status: response.status, text: await response.text(), errors, titles };
  }

  test.each([
    ['no parser', []],
    ['express.json() that keeps the bytes', [create.json({ verify: keepRawBody }) as Middleware]],
    ['express.raw()', [create.raw({ type: '*/*' }) as Middleware]],
    ['express.text()', [create.text({ type: '*/*' }) as Middleware]],
    ['express.urlencoded(), which leaves JSON alone', [create.urlencoded({ extended: true }) as Middleware]],
    ['a platform that sets rawBody to a Buffer', [platform((bytes) => bytes)]],
    ['a platform that sets rawBody to a string', [platform(String)]],
    ['someone who switched the stream to strings', [asStrings]],
  ])('a genuine delivery is accepted behind %s', async (_title, earlier) => {
    const { status, titles } = await deliver(earlier as Middleware[]);
    expect(status).toBe(204);
    expect(titles).toEqual(['Grüße 👋']);
  });

  test.each([
    ['express.json()', [create.json() as Middleware], 'application/json'],
    [
      'express.urlencoded() and a form content type',
      [create.urlencoded({ extended: true }) as Middleware],
      'application/x-www-form-urlencoded',
    ],
    ['someone who has consumed the body', [consumed], 'application/json'],
  ])('a body that is gone is said at once, with the cure, behind %s', async (_title, earlier, contentType) => {
    const { status, text, errors, titles } = await deliver(earlier as Middleware[], contentType as string);
    expect(status).toBe(500);
    expect(text).toBe('{"error":"BODY_ALREADY_READ"}');
    expect(titles).toEqual([]);
    expect(errors[0]?.message).toContain(
      "app.post('/webhooks/blue', blueWebhook(receiver));\n  app.use(express.json());",
    );
    expect(errors[0]?.message).toContain('express.json({ verify: keepRawBody })');
  });

  test('verifyBlueWebhook hands the delivery on, and the body stays there for whoever verifies it again', async () => {
    const ids: unknown[] = [];
    const receiver = createReceiver({ secret }).on('TODO_CREATED', (_event, { id }) => ids.push(id));
    const app = create();
    app.use(verifyBlueWebhook({ secret }));
    app.use(verifyBlueWebhook({ secret }));
    app.use((req, _res, next) => {
      ids.push(req.blue?.id);
      next();
    });
    app.post(path, blueWebhook(receiver), blueWebhook(receiver));
    const { url } = await listen(app);
    const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
    const response = await fetch(url, { method: 'POST', body, headers });
    expect(response.status).toBe(204);
    const id = headers['x-signature'].slice(0, 32);
    expect(ids).toEqual([id, id]);
  });

  test('on a router, several receivers have a path each', async () => {
    const seen: string[] = [];
    const router = create.Router();
    router.post('/one', blueWebhook(createReceiver({ secret }).on('TODO_CREATED', () => seen.push('one'))));
    router.post('/two', blueWebhook(createReceiver({ secret: 'another' }).on('TODO_CREATED', () => seen.push('two'))));
    const { url } = await listen(create().use(path, router));
    const delivery = { method: 'POST', ...(await signedDelivery('TODO_CREATED', { secret })) };
    expect((await fetch(`${url}/one`, delivery)).status).toBe(204);
    expect((await fetch(`${url}/two`, delivery)).status).toBe(401);
    expect(seen).toEqual(['one']);
  });

  test('a forgery goes to the error handler with its status; the default error page shows no secret, signature or stack', async () => {
    const app = create().post(path, verifyBlueWebhook({ secret }), (_req, res) => {
      res.sendStatus(200);
    });
    const { url } = await listen(app);
    const { body, headers } = await signedDelivery(fixtures.TODO_CREATED, { secret: 'not the secret' });
    const response = await fetch(url, { method: 'POST', body, headers });
    const page = await response.text();
    expect(response.status).toBe(401);
    for (const hidden of [secret, headers['x-signature'], 'node_modules', 'index.ts', ' at '])
      expect(page).not.toContain(hidden);
  });
});
