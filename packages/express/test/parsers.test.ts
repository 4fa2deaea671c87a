import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { createReceiver, type WebhookError } from '@blue-webhooks/core';
import { signedDelivery } from '@blue-webhooks/testing';
import express from 'express';
import express4 from 'express4';
import { describe, expect, test } from 'vitest';
import { blueWebhook, keepRawBody, type NodeRequest } from '../src/index';
import { listen } from './serve';

const secret = 'a secret';
const path = '/webhooks/blue';

type Middleware = (req: IncomingMessage & NodeRequest, res: unknown, next: (error?: unknown) => void) => void;

/** A platform that has read the body and left it on the request, as Cloud Functions and Nest do. */
const platform =
  (keep: (bytes: Buffer) => unknown): Middleware =>
  (req, _res, next) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => {
      const bytes = Buffer.concat(chunks);
      Object.assign(req, { rawBody: keep(bytes) });
      req.body = JSON.parse(String(bytes));
      next();
    });
  };

const consumed: Middleware = (req, _res, next) => {
  req.resume().on('end', () => next());
};
const encodedAs =
  (encoding: BufferEncoding): Middleware =>
  (req, _res, next) => {
    req.setEncoding(encoding);
    next();
  };
const paused: Middleware = (req, _res, next) => {
  req.pause();
  setImmediate(next);
};
/** Reads the first piece and puts it back, as some do to look at the beginning. */
const peeked: Middleware = (req, _res, next) => {
  req.once('readable', () => {
    req.unshift(req.read() as Buffer);
    next();
  });
};
/** Hears the body go by while we read it. */
const overheard: Middleware = (req, _res, next) => {
  req.on('data', () => {});
  next();
};
const copied: Middleware = (req, _res, next) => {
  req.pipe(new PassThrough()).resume();
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
    [
      'express.text() that keeps the bytes and takes them for Latin-1',
      [create.text({ type: '*/*', defaultCharset: 'latin1', verify: keepRawBody }) as Middleware],
    ],
    ['someone who switched the stream to strings', [encodedAs('utf8')]],
    ['someone who paused the stream and took a while', [paused]],
    ['someone who listens along', [overheard]],
    ['someone who copies the stream', [copied]],
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
    ['someone who has looked at its beginning', [peeked], 'application/json'],
    ['someone who switched the stream to Latin-1', [encodedAs('latin1')], 'application/json'],
    [
      'a platform that sets rawBody to what it has parsed',
      [platform((bytes) => JSON.parse(String(bytes)))],
      'application/json',
    ],
  ])('a consumed body is reported immediately, with the fix, behind %s', async (_title, earlier, contentType) => {
    const { status, text, errors, titles } = await deliver(earlier as Middleware[], contentType as string);
    expect(status).toBe(500);
    expect(text).toBe('{"error":"BODY_ALREADY_READ"}');
    expect(titles).toEqual([]);
    expect(errors[0]?.message).toContain(
      "app.post('/webhooks/blue', blueWebhook(receiver));\n  app.use(express.json());",
    );
    expect(errors[0]?.message).toContain('express.json({ verify: keepRawBody })');
  });
});
