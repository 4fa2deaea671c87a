import { createReceiver } from '@blue-webhooks/core';
import { signedRequest } from '@blue-webhooks/testing';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createInbox, type InboxEvent, type InboxOptions, memoryStore } from '../src/index';
import { eventually, moved, secret } from './endpoint';

const unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);
// Vitest's own listeners would end the run.
let others: NodeJS.UnhandledRejectionListener[] = [];
beforeEach(() => {
  unhandled.length = 0;
  others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
});
afterEach(() => {
  process.removeAllListeners('unhandledRejection');
  for (const other of others) process.on('unhandledRejection', other);
});

const rejected = () => Promise.reject(new Error('a hook of the user'));
test.each<[string, () => unknown]>([
  ['throw', () => JSON.parse('{')],
  ['reject', rejected],
  [
    'throw a rejected promise',
    () => {
      throw rejected();
    },
  ],
  ['reject with a rejected promise', () => Promise.reject(rejected())],
  ['return what throws when it is awaited', () => Object.defineProperty({}, 'then', { get: () => JSON.parse('{') })],
])('hooks that %s change nothing and leave no unhandled rejection', async (_, hook) => {
  const events: InboxEvent['type'][] = [];
  const receiver = createReceiver({ secret }).onAny(() => JSON.parse('{'));
  const onEvent: InboxOptions['onEvent'] = ({ type }) => {
    events.push(type);
    return hook();
  };
  const inbox = createInbox({ receiver, store: memoryStore(), retry: { maxAttempts: 1 }, onEvent, onDeadLetter: hook });
  await inbox.start();
  onTestFinished(() => inbox.stop());
  const response = await inbox.fetch(await signedRequest(moved('1'), { secret, url: 'http://localhost/' }));
  expect(response.status).toBe(204);
  await eventually(() => events.includes('dead-letter'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(unhandled).toEqual([]);
});
