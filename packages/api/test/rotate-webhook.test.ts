import { deleteWebhook, RotationError, rotateWebhook, watchWebhook } from '@blue-webhooks/api';
import { createReceiver } from '@blue-webhooks/core';
import { expect, test, vi } from 'vitest';
import { secret, world } from './world';

function rotating(api: Parameters<typeof world>[0] = {}) {
  const secrets = [{ id: 'old', secret }];
  const receiver = createReceiver({ secret: () => secrets }).on('TODO_MOVED', () => {});
  return { secrets, receiver, ...world(api, receiver.fetch) };
}

test('replaces a webhook once a delivery of the new one was verified', async () => {
  const { blue, clock, secrets, receiver, client } = rotating();
  const old = blue.webhook;
  const rotation = rotateWebhook(client(), old.id, {
    receiver,
    onSecret: ({ secret }) => void secrets.push({ id: 'new', secret }),
  });
  await clock.sleep(30_000);
  expect(blue.api.webhooks).toHaveLength(2);
  void blue.emit('TODO_MOVED');
  const { webhook, deleted } = await rotation;
  expect(deleted).toBe(old.id);
  expect(blue.api.webhooks).toMatchObject([{ id: webhook.id, url: old.url, name: old.name ?? '', enabled: true }]);
});

test('leaves both webhooks where no delivery of the new one is verified', async () => {
  const { blue, receiver, client } = rotating();
  const rotation = rotateWebhook(client(), blue.webhook.id, { receiver, onSecret: () => {}, timeoutMs: 60_000 });
  void blue.emit('TODO_MOVED'); // the new secret is not accepted
  const error = await rotation.catch((error: unknown) => error);
  expect(error).toBeInstanceOf(RotationError);
  expect(error).toMatchObject({ code: 'NOT_SEEN', newWebhookId: blue.api.webhooks[1]?.id });
  expect(blue.api.webhooks.map(({ enabled }) => enabled)[0]).toBe(true);
});

test('leaves no handler behind, whether it succeeds or fails', async () => {
  const { blue, receiver, client } = rotating({ maxEnabledWebhooks: 1 });
  const added = vi.spyOn(receiver, 'onAny');
  const removed = vi.spyOn(receiver, 'off');
  await rotateWebhook(client(), blue.webhook.id, { receiver, onSecret: () => {} }).catch(() => {});
  expect(added).toHaveBeenCalledOnce();
  expect(removed.mock.calls).toEqual(added.mock.calls);
});

test('leaves the old webhook unchanged if the plan is full, and reports the limit', async () => {
  const { blue, receiver, client } = rotating({ maxEnabledWebhooks: 1 });
  const before = blue.webhook;
  const error = await rotateWebhook(client(), before.id, { receiver, onSecret: () => {} }).catch(
    (error: unknown) => error,
  );
  expect(error).toMatchObject({ name: 'RotationError', code: 'PLAN_LIMIT_REACHED' });
  expect((error as Error).message).toMatch(/1 of 1 enabled webhooks.*catchUp/s);
  expect(blue.webhook).toEqual(before);
});

test.each([undefined, null, '', 7, {}, ['id'], Symbol('id')])(
  'an id that is %s is a TypeError before a request is sent',
  async (id) => {
    const { blue, receiver, client } = rotating();
    const given = id as string;
    await expect(rotateWebhook(client(), given, { receiver, onSecret: () => {} })).rejects.toThrow(TypeError);
    await expect(deleteWebhook(client(), given)).rejects.toThrow(TypeError);
    expect(() => watchWebhook(client(), { webhookId: given, onChange: () => {} })).toThrow(TypeError);
    expect(blue.api.requests).toEqual([]);
  },
);
