import { fileURLToPath } from 'node:url';
import { createBlueSimulator } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';
import { startWorker } from '../../../packages/queue/test/services/cloudflare';

test('while the CRM is down, every delivery is acknowledged and kept, and handled in order of its record when it is back', async () => {
  const secret = 'the secret of the Worker';
  const handled: Record<string, string[]> = {};
  let isDown = true;
  const refused: string[] = [];
  const { url } = await startWorker({
    entry: fileURLToPath(new URL('../src/worker.ts', import.meta.url)),
    bindings: { BLUE_WEBHOOK_SECRET: secret },
    objects: { BLUE_INBOX: { className: 'BlueInbox' } },
    crm(body) {
      const { id, title } = JSON.parse(body);
      if (isDown) {
        refused.push(`${id} ${title}`);
        throw new Error('The CRM is down.');
      }
      handled[id] = [...(handled[id] ?? []), title];
    },
  });
  const blue = createBlueSimulator({ url, secret, delayMs: 0, concurrency: 4 });
  expect((await blue.enable()).status).toBe('HEALTHY');
  const ids = Array.from({ length: 6 }, (_, at) => `record ${at}`);
  for (const title of ['1', '2', '3']) {
    const fates = await Promise.all(ids.map((id) => blue.emit('TODO_MOVED', { currentValue: { id, title } })));
    expect(fates.map(({ outcome, attempts }) => [outcome, attempts.length])).toEqual(ids.map(() => ['delivered', 1]));
  }
  await expect.poll(() => refused.length, { timeout: 10_000 }).toBe(6);
  expect(refused.sort()).toEqual(ids.map((id) => `${id} 1`)); // the first of each record holds up the others
  isDown = false;
  const all = Object.fromEntries(ids.map((id) => [id, ['1', '2', '3']]));
  await expect.poll(() => handled, { timeout: 25_000 }).toEqual(all);
  expect(blue.webhook.enabled).toBe(true);
}, 60_000);
