import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { Elysia } from 'elysia';
import { expect, test, vi } from 'vitest';
import { app } from '../src/app';

const secret = process.env.BLUE_WEBHOOK_SECRET;
const url = 'http://localhost/webhooks/blue';

test('the example handles a delivery, and refuses a forgery', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  expect((await app.handle(new Request(url, { method: 'POST', body, headers }))).status).toBe(204);
  const forged = `${new TextDecoder().decode(body)} `;
  expect((await app.handle(new Request(url, { method: 'POST', body: forged, headers }))).status).toBe(401);
  expect(log.mock.calls).toEqual([[`New record: ${fixtures.TODO_CREATED.currentValue.title}`]]);
});

test('without `parse: none`, Elysia reads a body that a hook asks for before the route', async () => {
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  const seen: boolean[] = [];
  const parsed = new Elysia().post('/webhooks/blue', ({ request, body: value }) => {
    seen.push(request.bodyUsed, typeof value === 'object');
  });
  await parsed.handle(new Request(url, { method: 'POST', body, headers }));
  expect(seen).toEqual([true, true]);
});
