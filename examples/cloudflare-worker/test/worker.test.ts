import { fileURLToPath } from 'node:url';
import { fixtures, signedDelivery } from '@blue-webhooks/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { serveWorker } from '../../../tools/workerd';

const secret = 'the secret of the Worker';
let worker: { url: string; close(): Promise<void> };

beforeAll(async () => {
  worker = await serveWorker({
    entry: fileURLToPath(new URL('../src/worker.ts', import.meta.url)),
    bindings: { BLUE_WEBHOOK_SECRET: secret },
    conditions: ['@blue-webhooks/source'],
  });
}, 30_000);
afterAll(() => worker.close());

test('workerd serves the Worker without Node compatibility, and signed requests are accepted', async () => {
  for (const event of [fixtures.TODO_CREATED, fixtures.WEBHOOK_HEALTH_CHECK, { event: 'NOT_KNOWN_YET' }]) {
    const response = await fetch(worker.url, { method: 'POST', ...(await signedDelivery(event, { secret })) });
    expect(response.status).toBe(204);
  }
});

test('a forgery, a missing signature and a GET are refused', async () => {
  const forged = { method: 'POST', ...(await signedDelivery('TODO_CREATED', { secret: 'another' })) };
  const refused = await fetch(worker.url, forged);
  expect([refused.status, await refused.text()]).toEqual([401, '{"error":"SIGNATURE_INVALID"}']);
  expect((await fetch(worker.url, { method: 'POST', body: forged.body })).status).toBe(401);
  expect((await fetch(worker.url)).status).toBe(405);
});
