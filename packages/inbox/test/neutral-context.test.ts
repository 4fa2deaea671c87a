import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { eventually, post, secret, signed } from './endpoint';

test('handlers see nothing of the request that loads the package', async () => {
  const storage = new AsyncLocalStorage<string>();
  vi.resetModules();
  const { createInbox, memoryStore } = await storage.run('first request', () => import('../src/index'));
  const { createReceiver } = await import('@blue-webhooks/core');
  const seen: unknown[] = [];
  const receiver = createReceiver({ secret }).on('TODO_MOVED', ({ event }) => {
    seen.push([event, storage.getStore()]);
  });
  const inbox = createInbox({ receiver, store: memoryStore(), pollMs: 20 });
  onTestFinished(() => inbox.stop({ timeoutMs: 0 }));
  await storage.run('second request', () => inbox.start());
  const delivery = await signed();
  expect(await storage.run('third request', () => post(inbox, delivery))).toBe(204);
  await eventually(async () => (await inbox.get(delivery.id))?.state === 'done');
  expect(seen).toEqual([['TODO_MOVED', undefined]]);
});
