import { createReceiver } from '@blue-webhooks/core';
import { signedRequest } from '@blue-webhooks/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createInbox, type InboxEvent, memoryStore, StoreError } from '../src/index';
import { eventually, moved, secret } from './endpoint';

/** Throws at whatever is asked of it. */
const hostile: object = new Proxy(
  {},
  {
    get() {
      throw new Error('hostile');
    },
    has() {
      throw new Error('hostile');
    },
    getPrototypeOf() {
      throw new Error('hostile');
    },
  },
);
const request = () => signedRequest(moved('1'), { secret, url: 'http://localhost/' });

test('a hostile object is not a StoreError', () => {
  expect(StoreError.is(hostile)).toBe(false);
});

test('a store that rejects with a hostile object is answered 503, and reported', async () => {
  const events: InboxEvent['type'][] = [];
  const store = { ...memoryStore(), put: () => Promise.reject(hostile) };
  const receiver = createReceiver({ secret });
  const inbox = createInbox({ receiver, store, onEvent: ({ type }) => events.push(type) });
  expect((await inbox.fetch(await request())).status).toBe(503);
  expect(events).toEqual(['store-failed']);
});

test('a handler that throws a hostile object makes a dead letter', async () => {
  const events: InboxEvent['type'][] = [];
  const receiver = createReceiver({ secret }).on('TODO_MOVED', () => Promise.reject(hostile));
  const retry = { maxAttempts: 2, firstDelayMs: 1, maxDelayMs: 1 };
  const inbox = createInbox({
    receiver,
    store: memoryStore(),
    retry,
    pollMs: 5,
    onEvent: ({ type }) => events.push(type),
  });
  onTestFinished(() => inbox.stop());
  await inbox.start();
  expect((await inbox.fetch(await request())).status).toBe(204);
  await eventually(() => events.includes('dead-letter'));
  expect(events.slice(1)).toEqual(['stored', 'started', 'retried', 'started', 'dead-letter']);
});
