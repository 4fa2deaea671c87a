import { fileURLToPath } from 'node:url';
import { fixtures, type SignedDelivery } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';
import { createCloudflareConsumer, createCloudflareProducer } from '../src/cloudflare/index';
import { moved, receiverWith, secret, signed } from './deliveries';
import { startWorker } from './services/cloudflare';

const post = async (url: string, { body, headers }: SignedDelivery) =>
  (await fetch(url, { method: 'POST', body, headers })).status;

/** Starts the Worker of the tests. What its handlers send to the CRM is in `calls`. */
async function started(options: { offload?: boolean; deadLetters?: boolean; fail?: (body: string) => boolean } = {}) {
  const calls: string[] = [];
  const quick = { maxBatchSize: 10, maxBatchTimeout: 0.1, maxRetries: 4 };
  const { url, miniflare } = await startWorker({
    entry: fileURLToPath(new URL('worker/worker.ts', import.meta.url)),
    bindings: { SECRET: secret, OFFLOAD: `${options.offload === true}` },
    producers: { QUEUE: 'blue', ...(options.deadLetters ? { DEAD: 'dead' } : undefined) },
    consumers: { blue: options.deadLetters ? quick : { ...quick, deadLetterQueue: 'dead' }, dead: quick },
    buckets: { BODIES: 'bodies' },
    crm(body) {
      calls.push(body);
      if (options.fail?.(body)) throw new Error('The CRM is down.');
    },
  });
  const called = (count: number) => expect.poll(() => calls.length, { timeout: 15_000 }).toBe(count);
  return { url, miniflare, calls, called };
}

test('a delivery goes through the queue to the handlers, and a forged one does not', async () => {
  const { url, calls, called } = await started();
  const delivery = await signed(moved('a', { title: 'Zoë 😀' }));
  expect(await post(url, { ...delivery, body: delivery.body.slice(1) })).toBe(401);
  expect(await post(url, delivery)).toBe(204);
  expect(await post(url, await signed(fixtures.WEBHOOK_HEALTH_CHECK))).toBe(204);
  await called(2);
  expect(calls).toContain(`1 ${new TextDecoder().decode(delivery.body)}`);
}, 30_000);

test('only the message that fails is retried, after the delay and with its count', async () => {
  let failures = 2;
  const fail = (body: string) => body.includes('"id":"b"') && failures-- > 0;
  const { url, calls, called } = await started({ fail });
  const startedAt = performance.now();
  for (const id of ['a', 'b', 'c']) expect(await post(url, await signed(moved(id)))).toBe(204);
  await called(5);
  expect(performance.now() - startedAt).toBeGreaterThan(1_900);
  const seen = calls.map((body) => `${body[0]}${JSON.parse(body.slice(2)).currentValue.id}`).sort();
  expect(seen).toEqual(['1a', '1b', '1c', '2b', '3b']);
}, 30_000);

test.each([
  ['deadLetters', true],
  ['the dead letter queue of Cloudflare', false],
])(
  'a dead message, and one of another program, end whole in %s',
  async (_where, deadLetters) => {
    const { url, calls, called } = await started({ deadLetters });
    const delivery = await signed(fixtures.TODO_DELETED);
    expect(await post(url, delivery)).toBe(204);
    await fetch(url, { method: 'PUT', body: 'from another program' });
    await called(2);
    expect(calls).toContain('dead from another program');
    const letter = calls.find((call) => call.includes('blue-webhooks.delivery')) ?? '';
    expect(JSON.parse(letter.slice(5)).rawBody).toBe(new TextDecoder().decode(delivery.body));
  },
  30_000,
);

test('takes the largest message of Cloudflare, and a larger body needs offload', async () => {
  const { url, calls, called } = await started();
  const empty = new TextDecoder().decode((await signed(moved('a', { html: '' }))).body);
  const overhead = 320 + empty.length + (empty.match(/["\\]/g)?.length ?? 0);
  expect(await post(url, await signed(moved('a', { html: 'x'.repeat(127_900 - overhead) })))).toBe(204);
  await called(1);
  expect(calls[0]?.length).toBeGreaterThan(125_000);
  expect(await post(url, await signed(moved('a', { html: 'x'.repeat(128_000) })))).toBe(503);
}, 30_000);

test('a body of 400 KB is stored in R2, handled whole, and deleted', async () => {
  const { url, miniflare, calls, called } = await started({ offload: true });
  const delivery = await signed(moved('a', { html: 'é'.repeat(200_000) }));
  expect(await post(url, delivery)).toBe(204);
  await called(1);
  expect(calls).toEqual([`1 ${new TextDecoder().decode(delivery.body)}`]);
  const bucket = (await miniflare.getR2Bucket('BODIES')) as unknown as { list(): Promise<{ objects: unknown[] }> };
  await expect.poll(async () => (await bucket.list()).objects.length, { timeout: 5_000 }).toBe(0);
}, 30_000);

test('options that cannot work are a TypeError that names the cure', () => {
  const receiver = receiverWith();
  const queue = { send: async () => {} };
  expect(() => createCloudflareProducer({ receiver, queue: undefined as never })).toThrow('`queues.producers`');
  expect(() => createCloudflareConsumer({ receiver, deadLetters: {} as never })).toThrow('deadLetters must be');
  const both = { receiver, deadLetters: queue, deadLetter: () => {} };
  expect(() => createCloudflareConsumer(both)).toThrow('either deadLetter or deadLetters');
});
