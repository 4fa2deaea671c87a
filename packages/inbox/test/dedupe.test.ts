import { createReceiver } from '@blue-webhooks/core';
import { toRawDelivery } from '@blue-webhooks/core/adapter';
import { fixtures, signedRequest } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';
import { bullmqInbox } from '../src/bullmq';
import { createInbox, type InboxEvent, type InboxOptions, memoryStore, sqliteStore } from '../src/index';
import { scratchFile } from './scratch';

const secret = ['the old secret', 'the new secret'];
const moved = fixtures.TODO_MOVED;
type Webhook = { key: string; id?: string; name?: string };
const twoWebhooks = secret.map((key, place) => ({ key, id: `webhook-${place}` }));
const editedWebhook = ['Before', 'After'].map((name) => ({ key: 'the old secret', name }));

/** Delivers one change with two forms of its webhook, and returns what came of it. */
async function deliveredTwice(options: Omit<InboxOptions, 'receiver'>, webhooks: readonly Webhook[] = twoWebhooks) {
  const handled: string[] = [];
  const events: InboxEvent[] = [];
  const receiver = createReceiver({ secret }).on('TODO_MOVED', (_, { id }) => void handled.push(id));
  const inbox = createInbox({ receiver, onEvent: (event) => void events.push(event), ...options });
  const outcomes = [];
  for (const { key, ...changes } of webhooks) {
    const payload = { ...moved, webhook: { ...moved.webhook, ...changes } };
    const request = await signedRequest(payload, { secret: key, url: 'http://localhost/' });
    outcomes.push(await inbox.handle(toRawDelivery(request)));
  }
  await inbox.start();
  await expect.poll(async () => (await inbox.stats()).waiting + (await inbox.stats()).active).toBe(0);
  const stats = await inbox.stats();
  await inbox.stop();
  return { handled, outcomes, stats, types: events.map(({ type }) => type) };
}

test.each([
  ['memoryStore', () => memoryStore()],
  ['sqliteStore', () => sqliteStore(scratchFile())],
] as const)("handles a change that two webhooks deliver once with dedupe: 'change' in %s", async (_, store) => {
  expect((await deliveredTwice({ store: store() })).handled).toHaveLength(2);
  const { handled, outcomes, stats, types } = await deliveredTwice({ store: store(), dedupe: 'change' });
  expect(handled).toHaveLength(1);
  expect(stats).toMatchObject({ done: 1, waiting: 0 });
  expect(types.filter((type) => type === 'stored' || type === 'duplicate')).toEqual(['stored', 'duplicate']);
  expect(outcomes.map(({ status, duplicate }) => [status, duplicate])).toEqual([
    [204, false],
    [204, true],
  ]);
});

test("stores a delivery once with dedupe: 'change' if its webhook is edited before a retry", async () => {
  expect((await deliveredTwice({ store: memoryStore() }, editedWebhook)).handled).toHaveLength(2);
  const { handled, outcomes } = await deliveredTwice({ store: memoryStore(), dedupe: 'change' }, editedWebhook);
  expect(handled).toHaveLength(1);
  expect(outcomes.map(({ status, duplicate }) => [status, duplicate])).toEqual([
    [204, false],
    [204, true],
  ]);
});

test('throws TypeError for another value', () => {
  const receiver = createReceiver({ secret });
  const dedupe = 'bytes' as never;
  expect(() => createInbox({ receiver, store: memoryStore(), dedupe })).toThrow(
    "dedupe must be 'delivery' or 'change'",
  );
  const connection = { url: 'redis://127.0.0.1:1' };
  expect(() => bullmqInbox({ receiver, connection, dedupe })).toThrow("dedupe must be 'delivery' or 'change'");
});
