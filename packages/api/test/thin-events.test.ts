import { readCurrent } from '@blue-webhooks/api';
import { createReceiver, eventNames } from '@blue-webhooks/core';
import { createInbox, memoryStore } from '@blue-webhooks/inbox';
import { scenario } from '@blue-webhooks/testing';
import { expect, onTestFinished, test } from 'vitest';
import { busiestMinute, secret, world } from './world';

test('a handler in an inbox mirrors the current state, batched over the deliveries that wait, within the budget', async () => {
  const { blue, client } = world();
  await blue.play(scenario({ seed: 4, records: 60 }));
  const one = client();
  const receiver = createReceiver({ secret });
  const mirror = new Map<string, unknown>();
  receiver.on(eventNames.record, async (event, delivery) => {
    const row = await readCurrent(one, event, delivery);
    const { id } = (event.currentValue ?? event.previousValue) as { id: string };
    if (row) mirror.set(id, row.title);
    else mirror.delete(id);
  });
  const inbox = createInbox({ receiver, store: memoryStore(), concurrency: 100 });
  onTestFinished(() => inbox.stop());
  const [deleted] = blue.api.rows('record') as { id: string }[];
  const records = blue.api.rows('record') as { id: string; title: string }[];
  expect(records.length).toBeGreaterThan(40);
  for (const [place, { id }] of records.entries()) {
    mirror.set(id, 'outdated');
    const currentValue = { id, title: 'outdated, too' };
    await inbox.accept({
      id: String(place).padStart(32, '0'),
      rawBody: JSON.stringify({ event: 'TODO_NAME_CHANGED', previousValue: null, currentValue }),
      signature: 'verified',
      secretId: undefined,
      receivedAt: new Date(),
      attempt: undefined,
      signal: new AbortController().signal,
    });
  }
  blue.api.remove('record', deleted?.id ?? '');
  await inbox.start();
  await expect.poll(async () => (await inbox.stats()).done, { timeout: 20_000 }).toBe(records.length);
  expect(mirror).toEqual(new Map(records.slice(1).map(({ id, title }) => [id, title])));
  // One detects the schema, and two read a batch: the first call does not wait for the others.
  expect(blue.api.requests.length).toBeLessThanOrEqual(1 + 2 * 3);
  expect(busiestMinute(blue.api.requests)).toBeLessThanOrEqual(20);
});
