import { createReceiver } from '@blue-webhooks/core';
import { fixtures, signedRequest } from '@blue-webhooks/testing';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createApp } from '../src/app';
import { logDeliveries } from '../src/log-deliveries';

const secret = process.env.BLUE_WEBHOOK_SECRET ?? '';
const url = 'http://localhost/webhooks/blue';

/** Creates a real logger, and returns the lines that it writes. */
function logger() {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  return { logger: pino({}, { write }), lines };
}

test('a delivery is logged with its event, id and status, next to the log of its handlers', async () => {
  const { logger: log, lines } = logger();
  const request = await signedRequest('TODO_CREATED', { secret, url });
  const deliveryId = request.headers.get('x-signature')?.slice(0, 32);
  expect((await createApp(log).fetch(request)).status).toBe(204);
  expect(lines).toMatchObject([
    { level: 30, msg: 'record created', deliveryId },
    { level: 30, msg: 'delivery answered', component: 'blue-webhooks', event: 'TODO_CREATED', deliveryId, status: 204 },
  ]);
});

test('a forgery is logged as a warning, a failing handler as an error with its cause, and neither contains the body', async () => {
  const { logger: log, lines } = logger();
  const receiver = createReceiver({ secret, ...logDeliveries(log) }).on('TODO_CREATED', () => {
    throw new Error('the database is down');
  });
  const request = await signedRequest('TODO_CREATED', { secret, url });
  const signature = request.headers.get('x-signature') ?? '';
  await receiver.fetch(request);
  await receiver.fetch(await signedRequest('TODO_CREATED', { secret: 'another secret', url }));
  const levels = lines.map(({ level, code, msg }) => [level, code, msg]);
  expect(levels).toEqual([
    [50, 'HANDLER_FAILED', 'delivery failed'],
    [30, 'HANDLER_FAILED', 'delivery answered'],
    [40, 'SIGNATURE_MISMATCH', 'delivery failed'],
    [30, 'SIGNATURE_MISMATCH', 'delivery answered'],
  ]);
  const written = JSON.stringify(lines);
  expect(written).toContain('the database is down');
  for (const text of [secret, signature, fixtures.TODO_CREATED.currentValue.title]) expect(written).not.toContain(text);
});

test('fields of another type are logged by name, without their values', async () => {
  const { logger: log, lines } = logger();
  const event = { event: 'TODO_CREATED', currentValue: { id: '1', title: 'T', done: 'a confidential value' } };
  await createApp(log).fetch(await signedRequest(event, { secret, url }));
  expect(lines[0]).toMatchObject({ level: 40, drift: [{ path: 'currentValue.done', expected: 'boolean' }] });
  expect(JSON.stringify(lines)).not.toContain('confidential');
});
