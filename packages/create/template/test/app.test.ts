import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { memoryStore } from '@blue-webhooks/inbox';
import { signedDelivery } from '@blue-webhooks/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { listen } from '../src/app.js';
import { createHandlers } from '../src/handlers.js';
import { openInbox } from '../src/inbox.js';

const secret = 'a secret of the tests';

test('the server stores a delivery, answers it, and handles it', async () => {
  const recordCreated = vi.fn(async () => {});
  const inbox = openInbox(createHandlers(secret, { recordCreated }), memoryStore());
  await inbox.start();
  const server = listen(inbox, 0);
  onTestFinished(async () => {
    server.close();
    await inbox.stop();
  });
  await once(server, 'listening');
  const host = `http://localhost:${(server.address() as AddressInfo).port}`;

  const { body, headers } = await signedDelivery('TODO_CREATED', { secret });
  expect((await fetch(`${host}/webhooks/blue`, { method: 'POST', headers, body })).status).toBe(204);
  await expect.poll(() => recordCreated.mock.calls.length).toBe(1);
  expect(await (await fetch(`${host}/health`)).json()).toMatchObject({ started: true, store: 'ok' });
});
