import { testInbox } from '@blue-webhooks/inbox/testing';
import { fixtures, signedRequest } from '@blue-webhooks/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createHandlers, type ReceiverOptions } from '../src/receiver';

const secret = 'a secret of the example';
const url = 'http://localhost/webhooks/blue';

// The example logs failures, which these tests provoke.
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

const inboxWith = (syncRecord: ReceiverOptions['syncRecord']) => testInbox(createHandlers({ secret, syncRecord }));

test('a record is synchronised once the other system is up again, hours later', async () => {
  const synchronised: string[] = [];
  let attempts = 0;
  const inbox = inboxWith(async (_id, title) => {
    attempts += 1;
    if (attempts <= 10) throw new Error('The other system is down.');
    synchronised.push(title);
  });
  await inbox.fetch(await signedRequest('TODO_CREATED', { secret, url }));
  expect(synchronised).toEqual([]);
  await inbox.drain();
  expect(synchronised).toEqual([fixtures.TODO_CREATED.currentValue.title]);
  expect(inbox.failures).toHaveLength(10);
  expect(inbox.elapsedMs).toBeGreaterThan(3_600_000);
});

test('a record without a title becomes a dead letter at the first attempt', async () => {
  const inbox = inboxWith(async () => {});
  const created = fixtures.TODO_CREATED;
  const payload = { ...created, currentValue: { ...created.currentValue, title: '' } };
  await inbox.fetch(await signedRequest(payload, { secret, url }));
  await inbox.drain();
  expect(inbox.failures).toMatchObject([{ attempt: 1, dead: true, error: { message: 'A record without a title.' } }]);
});
