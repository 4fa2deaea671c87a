import { testInbox } from '@blue-webhooks/inbox/testing';
import { fixtures, signedRequest } from '@blue-webhooks/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHandlers } from '../src/handlers.js';

const secret = 'a secret of the tests';
const url = 'http://localhost/webhooks/blue';

// The handlers report failures, which these tests provoke.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

test('a new record reaches the service, once that is up again', async () => {
  const recordCreated = vi.fn(async () => {}).mockRejectedValueOnce(new Error('The service is down.'));
  const inbox = testInbox(createHandlers(secret, { recordCreated }));

  const { status } = await inbox.fetch(await signedRequest('TODO_CREATED', { secret, url }));
  expect(status).toBe(204);
  await inbox.drain();

  const { id, title } = fixtures.TODO_CREATED.currentValue;
  expect(recordCreated).toHaveBeenCalledTimes(2);
  expect(recordCreated).toHaveBeenLastCalledWith({ id, title }, expect.any(AbortSignal));
  expect(inbox.failures).toHaveLength(1);
});

test('a delivery signed with another secret is refused', async () => {
  const recordCreated = vi.fn(async () => {});
  const inbox = testInbox(createHandlers(secret, { recordCreated }));

  const { status } = await inbox.fetch(await signedRequest('TODO_CREATED', { secret: 'another', url }));
  expect(status).toBe(401);
  await inbox.drain();
  expect(recordCreated).not.toHaveBeenCalled();
});
