import type { DeliveryHandler } from '@blue-webhooks/core';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { adapterContract } from '@blue-webhooks/testing/adapter-contract';
import fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { app } from '../src/app';
import { blueWebhook } from '../src/blue-webhook';

const path = '/webhooks/blue';
const secret = process.env.BLUE_WEBHOOK_SECRET;

async function listen(server: FastifyInstance) {
  const address = await server.listen({ port: 0, host: '127.0.0.1' });
  return {
    url: `${address}${path}`,
    close: async () => {
      server.server.closeAllConnections();
      await server.close();
    },
  };
}

describe('the adapter contract on Fastify', () => {
  const adapter = {
    serve: (handler: DeliveryHandler) => listen(fastify().register(blueWebhook(path, handler))),
    serveConsumed: (handler: DeliveryHandler) => {
      const server = fastify();
      server.addHook('onRequest', async ({ raw }) => void (await raw.toArray()));
      return listen(server.register(blueWebhook(path, handler)));
    },
  };
  test.each(adapterContract.map(({ title, run }) => [title, run] as const))('%s', (_title, run) => run(adapter));
});

test('the example handles a delivery, refuses a forgery, and keeps the parsers of other routes', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  app.post('/other', async ({ body }) => body);
  const { url, close } = await listen(app);
  onTestFinished(close);

  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(204);
  expect((await fetch(url, { method: 'POST', body: `${new TextDecoder().decode(body)} `, headers })).status).toBe(401);
  expect(log.mock.calls).toEqual([[`New record: ${fixtures.TODO_CREATED.currentValue.title}`]]);
  expect(error.mock.calls[0]?.[0]).toBe('SIGNATURE_MISMATCH');

  const json = { method: 'POST', body: '{"parsed":true}', headers: { 'content-type': 'application/json' } };
  expect(await (await fetch(new URL('/other', url), json)).json()).toEqual({ parsed: true });
});
