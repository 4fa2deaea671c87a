import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook } from '@blue-webhooks/hono';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { run, testSecret } from './run';
import { serve, serveApp } from './serve';

async function examine(url: string) {
  const { code, out } = await run(['doctor', '--url', url, '--json']);
  const { findings } = JSON.parse(out) as { findings: { probe: string; ok: boolean; explanation: string }[] };
  return { code, findings };
}

const receiverWith = (secret: string) => {
  const app = new Hono().post('/webhooks/blue', blueWebhook(createReceiver({ secret })));
  return serve(getRequestListener(app.fetch));
};

test('accepts an endpoint that verifies', async () => {
  const { code, findings } = await examine(await receiverWith(testSecret));
  expect(findings.map(({ probe, ok }) => [probe, ok])).toEqual([
    ['signed', true],
    ['forged', true],
    ['unsigned', true],
  ]);
  expect(code).toBe(0);
});

test('explains an endpoint with another secret', async () => {
  const { code, findings } = await examine(await receiverWith('another'));
  expect(findings[0]).toMatchObject({ probe: 'signed', ok: false });
  expect(findings[0]?.explanation).toContain('another secret');
  expect(code).toBe(1);
});

test('detects an endpoint that verifies a body serialised again', async () => {
  const receiver = createReceiver({ secret: testSecret });
  const app = new Hono().post('/webhooks/blue', async (c) => {
    const body = JSON.stringify(await c.req.json());
    return receiver.fetch(new Request(c.req.url, { method: 'POST', headers: c.req.raw.headers, body }));
  });
  const { code, findings } = await examine(await serve(getRequestListener(app.fetch)));
  expect(findings.map(({ probe, ok }) => [probe, ok])).toContainEqual(['signed, plain', false]);
  expect(findings[1]?.explanation).toContain('raw bytes');
  expect(code).toBe(1);
});

test('explains an endpoint whose parser already consumed the raw body', async () => {
  const app = new Hono();
  app.use(async (c, next) => {
    await c.req.raw.text();
    await next();
  });
  app.post('/webhooks/blue', blueWebhook(createReceiver({ secret: testSecret })));
  const { findings } = await examine(await serve(getRequestListener(app.fetch)));
  expect(findings[0]?.explanation).toContain('before the parser');
});

test('detects an endpoint that accepts everything', async () => {
  const { url } = await serveApp();
  const { code, findings } = await examine(url);
  expect(findings.filter(({ ok }) => !ok).map(({ probe }) => probe)).toEqual(['forged', 'unsigned']);
  expect(code).toBe(1);
});

test.each([
  [302, 'redirected'],
  [404, 'no route'],
  [405, 'POST'],
  [413, 'limit'],
  [500, 'fails'],
])('explains a response with status %i', async (status, words) => {
  const { url } = await serveApp(() => status);
  expect((await examine(url)).findings[0]?.explanation).toContain(words);
});

test('reports a refused connection in one line', async () => {
  const { code, findings } = await examine('http://127.0.0.1:1/');
  expect(findings).toHaveLength(1);
  expect(findings[0]?.explanation).toContain('connection refused');
  expect(code).toBe(1);
});
