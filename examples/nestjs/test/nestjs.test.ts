import type { AddressInfo } from 'node:net';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp } from '../src/create-app';
import { Records } from '../src/records';

const secret = process.env.BLUE_WEBHOOK_SECRET;
let app: NestExpressApplication;
let url = '';

beforeAll(async () => {
  app = await createApp({ logger: false });
  await app.listen(0, '127.0.0.1');
  url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}/webhooks/blue`;
});
afterAll(() => app.close());

test('a genuine delivery reaches the injected service after Nest parsed its body', async () => {
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(204);
  const { id, title } = fixtures.TODO_CREATED.currentValue;
  expect(app.get(Records).titles.get(id)).toBe(title);
});

test('a delivery with an extra byte is refused', async () => {
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  const answer = await fetch(url, { method: 'POST', body: `${new TextDecoder().decode(body)} `, headers });
  expect(answer.status).toBe(401);
  expect(await answer.json()).toEqual({ error: 'SIGNATURE_INVALID' });
});

test('a body of two megabytes, which Nest rejects by default, is accepted', async () => {
  const large = fixtures.TODO_CREATED;
  large.currentValue.title = 'x'.repeat(2_000_000);
  const { body, headers } = await signedDelivery(large, { secret });
  expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(204);
});
