import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import type { Context } from '@netlify/functions';
import { expect, test, vi } from 'vitest';
import receive, { config } from '../netlify/functions/blue.mjs';

const secret = process.env.BLUE_WEBHOOK_SECRET;
const url = 'https://a.site/webhooks/blue';

test('the function handles a delivery, refuses a forgery, and hands its hook to the platform', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  const kept: Promise<unknown>[] = [];
  const context = { waitUntil: (work: Promise<unknown>) => void kept.push(work) } as unknown as Context;

  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  expect((await receive(new Request(url, { method: 'POST', body, headers }), context)).status).toBe(204);
  expect((await receive(new Request(url, { method: 'POST', body: '{}', headers }), context)).status).toBe(401);
  expect(log.mock.calls).toEqual([[`New record: ${fixtures.TODO_CREATED.currentValue.title}`]]);
  expect(kept.length).toBeGreaterThan(0);
  await Promise.all(kept);
  expect(error.mock.calls.map(([code]) => code)).toEqual(['SIGNATURE_MISMATCH']);
  expect(config).toEqual({ path: '/webhooks/blue', method: 'POST' });
});
