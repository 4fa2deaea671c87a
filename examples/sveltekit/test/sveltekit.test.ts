import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';
import { serve } from './serve';

const secret = process.env.BLUE_WEBHOOK_SECRET;
const path = '/webhooks/blue';

test('SvelteKit serves the route: a delivery reaches the handler, a forgery is refused', async () => {
  const { url, said } = await serve();
  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  expect((await fetch(url + path, { method: 'POST', body, headers })).status).toBe(204);
  const forged = { method: 'POST', body: `${new TextDecoder().decode(body)} `, headers };
  expect((await fetch(url + path, forged)).status).toBe(401);
  await expect.poll(said).toContain(`New record: ${fixtures.TODO_CREATED.currentValue.title}`);
});

test('a body over BODY_SIZE_LIMIT is refused with that limit named, and accepted when the limit is raised', async () => {
  const large = fixtures.TODO_CREATED;
  large.currentValue.title = 'x'.repeat(600_000);
  const delivery = { method: 'POST', ...(await signedDelivery(large, { secret })) };

  const limited = await serve();
  expect((await fetch(limited.url + path, delivery)).ok).toBe(false);
  await expect.poll(limited.said).toContain('BODY_SIZE_LIMIT');
  const raised = await serve({ BODY_SIZE_LIMIT: '5M' });
  expect((await fetch(raised.url + path, delivery)).status).toBe(204);
});
