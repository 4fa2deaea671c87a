import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createReceiver } from '../src/index';

const secret = 'a secret';
const receiver = createReceiver({ secret });
const answering =
  (status: number, body: string | null = null) =>
  async () =>
    new Response(body, { status });

describe('selfTest', () => {
  test('passes through the mounted route', async () => {
    const seen: unknown[] = [];
    const observed = createReceiver({ secret: ['a new secret', secret] }).on('WEBHOOK_HEALTH_CHECK', (event) =>
      seen.push(event.event),
    );
    await observed.selfTest(observed.fetch);
    expect(seen).toEqual(['WEBHOOK_HEALTH_CHECK']);
  });

  test('signs for the given webhook if secrets are looked up', async () => {
    const many = createReceiver({ secret: ({ webhookId }) => (webhookId === 'w1' ? secret : undefined) });
    await many.selfTest(many.fetch, { webhookId: 'w1' });
    await expect(many.selfTest(many.fetch, { webhookId: 'w2' })).rejects.toThrow(
      "no secret to sign with for the webhook 'w2'",
    );
  });

  test.each<[string, (request: Request) => Promise<Response>, string]>([
    ['another secret', createReceiver({ secret: 'another' }).fetch, 'the route has another secret'],
    [
      'a body that was read',
      (request) => request.text().then(() => receiver.fetch(request)),
      'express.json({ verify: keepRawBody })',
    ],
    [
      'a changed body',
      async (request) => receiver.fetch(new Request(request, { body: `${await request.text()} ` })),
      'something changes the body',
    ],
    ['no route', answering(404), 'no route is mounted'],
    ['a route for GET', answering(405), 'does not take POST'],
    ['a redirect', answering(308), 'redirects'],
    ['a login', answering(403, 'who are you?'), 'requires a login'],
    ['another service', answering(200, 'hello'), 'something else than the receiver'],
    ['nobody', () => Promise.reject(new Error('refused')), 'nothing answers there'],
  ])('says what is wrong with %s', async (_title, target, reason) => {
    await expect(receiver.selfTest(target)).rejects.toThrow(reason);
  });

  test('reaches a URL over HTTP', async () => {
    await expect(receiver.selfTest('http://127.0.0.1:1/')).rejects.toThrow('nothing answers there');
  });
});

test('a route that never answers is an error in time, not a hang', async () => {
  const receiver = createReceiver({ secret: 'a secret' });
  const hangs = () => new Promise<never>(() => {});
  await expect(receiver.selfTest(hangs, { timeoutMs: 50 })).rejects.toThrow('not answered within 50 milliseconds');
  await expect(receiver.selfTest(hangs, { timeoutMs: 0 })).rejects.toThrow(TypeError);
});

test.each([2 ** 31, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY, '50', null])(
  'a time of %s, with which a timer would fire immediately, is a TypeError',
  async (timeoutMs) => {
    const error = await receiver.selfTest(receiver.fetch, { timeoutMs: timeoutMs as number }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain('timeoutMs must be a positive integer of milliseconds, at most 2147483647');
  },
);

test.each([
  'http://ada:hunter2@127.0.0.1:1/webhooks/blue',
  'https://ada:hunter2@',
  'http://ada:hunter2@host:99999/',
  'http://:hunter2@127.0.0.1:1/',
  'ftp://ada:hunter2@127.0.0.1/',
  '/webhooks?token=hunter2',
  'http://127.0.0.1:1/?token=hunter2',
  'http://127.0.0.1:hunter2/',
])('no error about the target %s carries what may be a password', async (target) => {
  for (const given of URL.canParse(target) ? [target, new URL(target)] : [target]) {
    const error = await receiver.selfTest(given).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Error);
    expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('hunter2');
  }
});

test('a target with credentials, or none at all, is a TypeError that names the cure', async () => {
  await expect(receiver.selfTest('http://ada:hunter2@127.0.0.1:1/')).rejects.toThrow(
    new TypeError(
      'The target of selfTest must be an http or https URL without a user name and a password, or a function such as app.fetch.',
    ),
  );
  for (const target of [undefined, null, {}, 5]) {
    await expect(receiver.selfTest(target as never)).rejects.toThrow(TypeError);
  }
});
