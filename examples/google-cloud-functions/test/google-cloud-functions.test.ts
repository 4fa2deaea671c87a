import '../src/index';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { expect, onTestFinished, test, vi } from 'vitest';

const secret = process.env.BLUE_WEBHOOK_SECRET;

test('the Functions Framework serves the function: a delivery reaches the handler, a forgery is refused', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const server = getTestServer('blue').listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(204);
  expect((await fetch(url, { method: 'POST', body: `${new TextDecoder().decode(body)} `, headers })).status).toBe(401);
  expect(log.mock.calls).toEqual([[`New record: ${fixtures.TODO_CREATED.currentValue.title}`]]);
});
