import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { bodyParser } from '@koa/bodyparser';
import { expect, onTestFinished, test, vi } from 'vitest';
import { app } from '../src/app';

const secret = process.env.BLUE_WEBHOOK_SECRET;

test('the example handles a delivery, refuses a forgery, and leaves other routes to the parser', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  app.use(bodyParser()).use((ctx) => {
    ctx.body = ctx.request.body;
  });
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/blue`;

  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(204);
  expect((await fetch(url, { method: 'POST', body: `${new TextDecoder().decode(body)} `, headers })).status).toBe(401);
  expect(log.mock.calls).toEqual([[`New record: ${fixtures.TODO_CREATED.currentValue.title}`]]);
  expect(error.mock.calls.map(([code]) => code)).toEqual(['SIGNATURE_MISMATCH']);

  const json = { method: 'POST', body: '{"parsed":true}', headers: { 'content-type': 'application/json' } };
  expect(await (await fetch(new URL('/other', url), json)).json()).toEqual({ parsed: true });
});
