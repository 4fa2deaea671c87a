import { createReceiver, type Delivery, UnrecoverableError } from '@blue-webhooks/core';
import { fixtures, signedRequest } from '@blue-webhooks/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { type InboxEvent, RetryLater } from '../src/index';
import { type TestInbox, type TestInboxOptions, testInbox } from '../src/testing';

const secret = 'a secret of the tests';
afterEach(() => void vi.useRealTimers());

function inboxOf(handler: (delivery: Delivery) => unknown, options?: TestInboxOptions): TestInbox {
  const handle = (_event: unknown, delivery: Delivery) => handler(delivery);
  return testInbox(createReceiver({ secret }).on(['TODO_CREATED', 'TODO_MOVED'], handle), options);
}

let sent = 0;

/** Sends a delivery. Returns its id. */
async function send(inbox: TestInbox, payload: object = fixtures.TODO_CREATED): Promise<string> {
  sent += 1;
  const request = await signedRequest({ ...payload, sent }, { secret, url: 'http://localhost/' });
  const id = request.headers.get('x-signature')?.slice(0, 32) ?? '';
  expect((await inbox.fetch(request)).status).toBe(204);
  return id;
}

test('handles deliveries only when it is drained, each once and in order', async () => {
  const handled: string[] = [];
  const inbox = inboxOf(({ id }) => void handled.push(id));
  const ids = [await send(inbox), await send(inbox), await send(inbox)];
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(handled).toEqual([]);
  await inbox.drain();
  expect(handled).toEqual(ids);
  await inbox.drain();
  expect([handled.length, inbox.failures, inbox.elapsedMs]).toEqual([3, [], 0]);
});

test('runs a night of retries in virtual time, and lists the failures', async () => {
  const attempts: unknown[] = [];
  const events: InboxEvent['type'][] = [];
  const inbox = inboxOf(
    ({ attempt }) => {
      attempts.push(attempt);
      throw new Error('down');
    },
    { onEvent: ({ type }) => events.push(type), retry: { jitter: 0 } },
  );
  const startedAt = performance.now();
  const id = await send(inbox);
  await inbox.drain();
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  expect(attempts).toEqual(Array.from({ length: 24 }, (_, place) => place + 1));
  const hours = inbox.elapsedMs / 3_600_000;
  expect([hours > 14, hours < 16]).toEqual([true, true]);
  expect(inbox.failures).toHaveLength(24);
  expect(inbox.failures.at(0)).toMatchObject({ id, event: 'TODO_CREATED', attempt: 1, dead: false });
  expect(inbox.failures.at(-1)).toMatchObject({ attempt: 24, dead: true, error: { message: 'down' } });
  expect(events).not.toContain('not-durable');
});

test('passes the time of RetryLater as well', async () => {
  let runs = 0;
  const inbox = inboxOf(() => {
    runs += 1;
    if (runs < 3) throw new RetryLater({ afterMs: 3_600_000 });
  });
  const id = await send(inbox);
  await inbox.drain();
  expect(await inbox.get(id)).toMatchObject({ state: 'done', attempts: 1 });
  expect(inbox.failures).toEqual([]);
  expect(Math.round(inbox.elapsedMs / 60_000)).toBe(120);
});

test('waits for a delivery to be in a state, and rejects if it ends in another', async () => {
  const inbox = inboxOf(({ id }) => {
    if (id === dead) throw new UnrecoverableError('no such list');
  });
  const done = await send(inbox);
  const dead = await send(inbox);
  expect(await inbox.waitFor(done)).toMatchObject({ id: done, state: 'done', event: 'TODO_CREATED' });
  expect(await inbox.waitFor(dead, 'dead')).toMatchObject({ lastError: 'UnrecoverableError: no such list' });
  await expect(inbox.waitFor(dead)).rejects.toThrow(
    `${dead} is dead (UnrecoverableError: no such list), and not done.`,
  );
  await expect(inbox.waitFor('f'.repeat(32), 'done', { timeoutMs: 30 })).rejects.toThrow('was not received');
});

test('waits for a delivery that is received later', async () => {
  const inbox = inboxOf(() => {});
  const request = await signedRequest('TODO_MOVED', { secret, url: 'http://localhost/' });
  const waiting = inbox.waitFor(request.headers.get('x-signature')?.slice(0, 32) ?? '');
  await new Promise((resolve) => setTimeout(resolve, 50));
  await inbox.fetch(request);
  expect(await waiting).toMatchObject({ event: 'TODO_MOVED' });
});

test('leaves what is paused, and handles it after the resume', async () => {
  const inbox = inboxOf(() => {});
  await inbox.pause({ event: 'TODO_MOVED', reason: 'a test' });
  const paused = await send(inbox, fixtures.TODO_MOVED);
  const created = fixtures.TODO_CREATED;
  const other = await send(inbox, { ...created, currentValue: { ...created.currentValue, id: 'another' } });
  await inbox.drain();
  expect([(await inbox.get(paused))?.state, (await inbox.get(other))?.state]).toEqual(['waiting', 'done']);
  await expect(inbox.waitFor(paused)).rejects.toThrow('is waiting, and not done.');
  await inbox.resume({ event: 'TODO_MOVED' });
  await inbox.drain();
  expect((await inbox.get(paused))?.state).toBe('done');
});

test.each([86_400_000, 1])(
  'stops if a handler throws RetryLater with %d ms every time',
  { timeout: 60_000 },
  async (afterMs) => {
    const inbox = inboxOf(() => {
      throw new RetryLater({ afterMs });
    });
    const id = await send(inbox);
    await expect(inbox.drain()).rejects.toThrow(`TODO_CREATED ${id} still waits`);
  },
);

test('works while the timers of the test are faked, and with concurrent calls', async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  let runs = 0;
  const inbox = inboxOf(() => {
    runs += 1;
    if (runs === 1) throw new Error('down');
  });
  const id = await send(inbox);
  await Promise.all([inbox.drain(), inbox.waitFor(id), inbox.drain()]);
  expect([runs, inbox.failures.length]).toEqual([2, 1]);
});

test('refuses what is not a receiver, a state or a time', async () => {
  expect(() => testInbox({} as never)).toThrow(TypeError);
  const inbox = inboxOf(() => {});
  await expect(inbox.waitFor(7 as never)).rejects.toThrow(TypeError);
  await expect(inbox.waitFor('a', 'gone' as never)).rejects.toThrow(TypeError);
  await expect(inbox.waitFor('a', 'done', { timeoutMs: 0 })).rejects.toThrow(TypeError);
});
