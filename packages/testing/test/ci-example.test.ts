import { createReceiver, UnrecoverableError } from '@blue-webhooks/core';
import { createBlueSimulator, createVirtualClock } from '@blue-webhooks/testing';
import { expect, test } from 'vitest';

const secret = 'test-secret';
const clock = createVirtualClock({ patienceMs: 200 });
const server = { isUp: true, queryMs: 0 };
const receiver = createReceiver({ secret }).on('TODO_CREATED', async ({ currentValue }) => {
  if (currentValue.title === '') throw new UnrecoverableError('A record without a title.');
  if (server.queryMs > 0) await clock.sleep(server.queryMs);
});
const fetch = (request: Request) => (server.isUp ? receiver.fetch(request) : Promise.reject(new Error('down')));
const blue = createBlueSimulator({ url: 'http://localhost/webhooks/blue', secret, clock, fetch });

test('my handler survives a slow database', async () => {
  server.queryMs = 8_000; // longer than Blue waits
  const fate = blue.emit('TODO_CREATED');
  await clock.sleep(12_500);
  server.queryMs = 0;
  expect((await fate).attempts.map(({ status }) => status)).toEqual([undefined, 204]);
});

test('an event that always fails does not disable my webhook', async () => {
  await blue.emit('TODO_CREATED', { currentValue: { title: '' } });
  expect(blue.webhook.enabled).toBe(true);
});

test('a redeploy loses nothing', async () => {
  const fate = blue.emit('TODO_CREATED');
  server.isUp = false;
  await clock.sleep(10_000);
  server.isUp = true;
  expect(await fate).toMatchObject({ outcome: 'delivered', attempts: { length: 4 } });
});
