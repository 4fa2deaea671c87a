import { fileURLToPath } from 'node:url';
import { createBlueSimulator } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';
import { startWorker } from '../../../packages/queue/test/services/cloudflare';

test('while the CRM is down, every delivery is acknowledged and kept, and handled when it is back', async () => {
  const secret = 'the secret of the Worker';
  const handled = new Set<string>();
  let isDown = true;
  let refused = 0;
  const { url } = await startWorker({
    entry: fileURLToPath(new URL('../src/worker.ts', import.meta.url)),
    bindings: { BLUE_WEBHOOK_SECRET: secret },
    producers: { BLUE_QUEUE: 'blue', BLUE_DEAD_LETTERS: 'blue-dead' },
    consumers: { blue: { maxBatchSize: 10, maxBatchTimeout: 0.1, maxRetries: 30, deadLetterQueue: 'blue-dead' } },
    crm(id) {
      if (isDown) {
        refused += 1;
        throw new Error('The CRM is down.');
      }
      handled.add(id);
    },
  });
  const blue = createBlueSimulator({ url, secret, delayMs: 0, concurrency: 4 });
  expect((await blue.enable()).status).toBe('HEALTHY');
  const ids = Array.from({ length: 12 }, (_, at) => `record ${at}`);
  const fates = await Promise.all(ids.map((id) => blue.emit('TODO_MOVED', { currentValue: { id } })));
  expect(fates.map(({ outcome, attempts }) => [outcome, attempts.length])).toEqual(ids.map(() => ['delivered', 1]));
  await expect.poll(() => refused, { timeout: 10_000 }).toBe(12);
  isDown = false;
  await expect.poll(() => [...handled].sort(), { timeout: 25_000 }).toEqual([...ids].sort());
  expect(blue.webhook.enabled).toBe(true);
}, 60_000);
