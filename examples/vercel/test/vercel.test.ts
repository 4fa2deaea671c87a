import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { POST } from '../api/blue';

const secret = process.env.BLUE_WEBHOOK_SECRET;
const url = 'https://a-project.vercel.app/api/blue';

/** Where the platform keeps the context of the running request; `@vercel/functions` reads it. */
const requestContext = Symbol.for('@vercel/request-context');

test('the function handles a delivery, refuses a forgery, and hands its hook to the platform', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  const kept: Promise<unknown>[] = [];
  const get = () => ({ waitUntil: (work: Promise<unknown>) => void kept.push(work) });
  Object.assign(globalThis, { [requestContext]: { get } });
  onTestFinished(() => void Reflect.deleteProperty(globalThis, requestContext));

  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  expect((await POST(new Request(url, { method: 'POST', body, headers }))).status).toBe(204);
  expect((await POST(new Request(url, { method: 'POST', body: '{}', headers }))).status).toBe(401);
  expect(log.mock.calls).toEqual([[`New record: ${fixtures.TODO_CREATED.currentValue.title}`]]);
  expect(kept.length).toBeGreaterThan(0);
  await Promise.all(kept);
  expect(error.mock.calls.map(([code]) => code)).toEqual(['SIGNATURE_MISMATCH']);
});
