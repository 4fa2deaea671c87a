import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { expect, onTestFinished, test } from 'vitest';
import { server } from '../src/server';

const secret = process.env.BLUE_WEBHOOK_SECRET;

test('the example receives beside the procedures, and refuses a forgery', async () => {
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  const url = `${host}/webhooks/blue`;
  expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(204);
  expect((await fetch(url, { method: 'POST', body: `${new TextDecoder().decode(body)} `, headers })).status).toBe(401);
  const titles = await (await fetch(`${host}/titles`)).json();
  expect(titles).toEqual({ result: { data: [fixtures.TODO_CREATED.currentValue.title] } });
});
